// Shell (event loop): in which order requests are worked on. Between two slices of work the event loop runs, so sockets
// are read and answers sent however much is waiting; and connections that send rubbish wait behind those that do not.

export type Lane = 'good' | 'suspect';

export interface WorkQueue {
  run<T>(lane: Lane, work: () => Promise<T>): Promise<T>;
  readonly waitingCount: number;
}

/** A slice: long enough to cost little per request, short enough to go unnoticed. */
const sliceMs = 4;

export function createWorkQueue(): WorkQueue {
  const lanes: Readonly<Record<Lane, (() => void)[]>> = { good: [], suspect: [] };
  let waitingCount = 0;
  let isScheduled = false;

  const schedule = (): void => {
    if (isScheduled || waitingCount === 0) return;
    isScheduled = true;
    setImmediate(runSlice);
  };
  const runSlice = (): void => {
    isScheduled = false;
    const endMs = performance.now() + sliceMs;
    runUntil(lanes.good, endMs);
    // At least one, or a busy good lane would starve a client that only made a few mistakes.
    const suspect = lanes.suspect.shift();
    if (suspect !== undefined) start(suspect);
    runUntil(lanes.suspect, endMs);
    schedule();
  };
  const runUntil = (lane: (() => void)[], endMs: number): void => {
    while (lane.length > 0 && performance.now() < endMs) start(lane.shift()!);
  };
  const start = (work: () => void): void => {
    waitingCount--;
    work();
  };

  return {
    run: (lane, work) =>
      new Promise((resolve, reject) => {
        lanes[lane].push(() => work().then(resolve, reject));
        waitingCount++;
        schedule();
      }),
    get waitingCount() {
      return waitingCount;
    },
  };
}
