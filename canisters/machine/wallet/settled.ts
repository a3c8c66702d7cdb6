// What was begun may be refused by another canister before the answer is given: then the answer is that refusal.
import { type CandidRefusal, type Refusal, refusalToCandid } from '@tamc/protocol/refusal';

type Answered<T> = { Ok: T } | { Err: CandidRefusal };

export function settledUnlessRefused<T>(
  answer: Answered<{ readonly reply: T; readonly refusal: Refusal | null }>,
): Answered<T> {
  if ('Err' in answer) return answer;
  const { reply, refusal } = answer.Ok;
  return refusal === null ? { Ok: reply } : { Err: refusalToCandid(refusal) };
}

/** Null where nothing is kept any more of what was done. */
export function withRefusal<T>(reply: T | null, refusal: Refusal | null) {
  return reply === null ? null : { reply, refusal };
}
