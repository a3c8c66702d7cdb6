// Shell (clock): says how far the replica is when it executes rounds again after a crash, if that takes long enough to
// wonder. On stderr, so that a command's own output stays clean.

const intervalMs = 1_000;

export function createReplayProgress(): (round: number, lastRound: number) => void {
  let nextMs = performance.now() + intervalMs;
  return (round, lastRound) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + intervalMs;
    console.error(`Executing again what no checkpoint holds: round ${round} of ${lastRound} …`);
  };
}
