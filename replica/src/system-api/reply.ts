// Answering the call: once, by a reply built from parts or by a reject.
import { parseText } from '@tamc/base/bytes';
import { type Execution, Trap } from '../execution/execution.ts';
import { appendBytes, joinAppended } from './append.ts';
import { chargeBytes, copyIn } from './heap.ts';
import { instructionsPerSentByte, replyBytesMaxQuery, replyBytesMaxReplicated } from './limits.ts';

/** Nothing but the buffer changes until msg_reply; an execution that ends without it drops the buffer. */
export function msgReplyDataAppend(execution: Execution, src: number, size: number): void {
  chargeBytes(execution, size, instructionsPerSentByte);
  const { effects } = execution;
  assertUnanswered(execution, 'ic0.msg_reply_data_append: the call is already replied');
  assertReplySize(execution, 'msg_reply_data_append', effects.replyBytes + size);
  appendBytes(effects.replyParts, effects.replyBytes, copyIn(execution, 'msg.reply', src, size));
  effects.replyBytes += size;
}

export function msgReply(execution: Execution): void {
  assertUnanswered(execution, 'ic0.msg_reply: the call is already replied');
  const { effects } = execution;
  effects.response = { kind: 'reply', data: joinAppended(effects.replyParts, effects.replyBytes) };
  dropReplyBuffer(execution);
}

export function msgReject(execution: Execution, src: number, size: number): void {
  chargeBytes(execution, size, instructionsPerSentByte);
  assertUnanswered(execution, 'ic0.msg_reject: the call is already replied');
  assertReplySize(execution, 'msg_reject', size);
  const message = parseText(copyIn(execution, 'ic0.msg_reject', src, size));
  if (message === null) throw new Trap('contractViolation', 'ic0.msg_reject: invalid UTF-8 string provided');
  execution.effects.response = { kind: 'reject', message };
  dropReplyBuffer(execution);
}

function dropReplyBuffer({ effects }: Execution): void {
  effects.replyParts = [];
  effects.replyBytes = 0;
}

/** Also of calls that were answered before this execution, and where nobody waits for an answer. */
export function isAnswered({ effects }: Execution): boolean {
  return effects.alreadyAnswered || effects.response !== null;
}

function assertUnanswered(execution: Execution, text: string): void {
  if (isAnswered(execution)) throw new Trap('contractViolation', text);
}

function assertReplySize(execution: Execution, name: string, size: number): void {
  const limit = execution.environment.isReplicated ? replyBytesMaxReplicated : replyBytesMaxQuery;
  if (size <= limit) return;
  const text = `ic0.${name}: application payload size (${size}) cannot be larger than ${limit}`;
  throw new Trap('contractViolation', text);
}
