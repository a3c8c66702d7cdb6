// canister_inspect_message: which method is asked for, and saying yes to it.
import { textToBytes } from '@tamc/base/bytes';
import { type Execution, type ExecutionInput, Trap } from '../execution/execution.ts';
import { copyOut } from './heap.ts';

/** Encoded once per execution, however often it is asked for. */
const encodedNames = new WeakMap<ExecutionInput, Uint8Array>();

function methodName({ input }: Execution): Uint8Array {
  const encoded = encodedNames.get(input) ?? textToBytes(input.methodName);
  encodedNames.set(input, encoded);
  return encoded;
}

export function msgMethodNameSize(execution: Execution): number {
  return methodName(execution).length;
}

export function msgMethodNameCopy(execution: Execution, dst: number, offset: number, size: number): void {
  copyOut(execution, 'msg_method_name_copy', 'payload', methodName(execution), dst, offset, size);
}

export function acceptMessage({ effects }: Execution): void {
  if (effects.accepted) {
    throw new Trap('contractViolation', 'ic0.accept_message: the function was already called');
  }
  effects.accepted = true;
}
