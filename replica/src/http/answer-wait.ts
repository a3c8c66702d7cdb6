// Shell (timers): how long a synchronous call waits for its outcome.
import type { WaitForAnswer } from './call.ts';
import { answerTimeoutMs } from './limits.ts';

export interface AnswerWait {
  readonly waitForAnswer: WaitForAnswer;
  /** Lets everybody who waits go with 202, now and from now on: for shutting down. */
  release(): void;
}

export function createAnswerWait(timeoutMs: number = answerTimeoutMs): AnswerWait {
  const waiting = new Set<() => void>();
  let isReleased = false;
  const waitForAnswer: WaitForAnswer = (work) =>
    new Promise((resolve, reject) => {
      const stopWaiting = (): void => {
        clearTimeout(timer);
        waiting.delete(giveUp);
      };
      const giveUp = (): void => {
        stopWaiting();
        resolve(false);
      };
      const timer = setTimeout(giveUp, isReleased ? 0 : timeoutMs);
      waiting.add(giveUp);
      work.then(() => resolve(true), reject).finally(stopWaiting);
    });
  return {
    waitForAnswer,
    release: () => {
      isReleased = true;
      for (const giveUp of [...waiting]) giveUp();
    },
  };
}
