// Shell (timers): how long a synchronous call waits for its answer before the client is told to ask again.
import type { WaitForAnswer } from '../http/call.ts';

/** As long as the main network's nodes wait, roughly; agents then poll. */
const patienceMs = 10_000;

export function createPatience(): WaitForAnswer {
  return (answered) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(false), patienceMs);
      timer.unref();
      answered.then(() => resolve(true), reject).finally(() => clearTimeout(timer));
    });
}
