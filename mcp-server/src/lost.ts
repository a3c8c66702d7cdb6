// An act without an answer: whether it was done is not known here.
import type { Problem } from './tool.ts';

/** The way to the network broke: what was sent may have been done. */
export function isLost({ code }: Problem): boolean {
  return code === 'NetworkUnreachable' || code === 'AnswerLost' || code === 'ReadFailed' || code === 'RequestRefused';
}
