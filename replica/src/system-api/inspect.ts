// canister_inspect_message: which method is asked for, and saying yes to it.
import { textToBytes } from '@tamc/base/bytes';
import { type Execution, Trap } from '../execution/execution.ts';
import { copyOut } from './heap.ts';

export function msgMethodNameSize({ input }: Execution): number {
  return textToBytes(input.methodName).length;
}

export function msgMethodNameCopy(execution: Execution, dst: number, offset: number, size: number): void {
  const name = textToBytes(execution.input.methodName);
  copyOut(execution, 'msg_method_name_copy', 'payload', name, dst, offset, size);
}

export function acceptMessage({ effects }: Execution): void {
  if (effects.accepted) {
    throw new Trap('contractViolation', 'ic0.accept_message: the function was already called');
  }
  effects.accepted = true;
}
