// What the message brought: its argument, or the answer a callback runs for.
import { noBytes, textToBytes } from '@tamc/base/bytes';
import type { Execution, ExecutionInput } from '../execution/execution.ts';
import { copyOut } from './heap.ts';

export function msgArgDataSize(execution: Execution): number {
  return execution.input.arg.length;
}

export function msgArgDataCopy(execution: Execution, dst: number, offset: number, size: number): void {
  copyOut(execution, 'msg_arg_data_copy', 'payload', execution.input.arg, dst, offset, size);
}

/** 0 in the callback of a reply and in its cleanup, so that one function can serve both callbacks. */
export function msgRejectCode({ input }: Execution): number {
  return input.answer?.kind === 'reject' ? input.answer.reject.code : 0;
}

/** Encoded once per execution: it may be long, and asked for in a loop. */
const encodedMessages = new WeakMap<ExecutionInput, Uint8Array>();

function rejectMessage({ input }: Execution): Uint8Array {
  if (input.answer?.kind !== 'reject') return noBytes;
  const known = encodedMessages.get(input);
  if (known !== undefined) return known;
  const encoded = textToBytes(input.answer.reject.message);
  encodedMessages.set(input, encoded);
  return encoded;
}

export function msgRejectMsgSize(execution: Execution): number {
  return rejectMessage(execution).length;
}

export function msgRejectMsgCopy(execution: Execution, dst: number, offset: number, size: number): void {
  copyOut(execution, 'msg_reject_msg_copy', 'msg', rejectMessage(execution), dst, offset, size);
}

export function msgDeadline({ input }: Execution): bigint {
  return input.deadlineNs;
}
