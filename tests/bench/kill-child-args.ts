// How to run the process that is killed: scripts/bench.mjs bundles it, because a loader for TypeScript would take most of
// its short life; without a bundle the source runs.
export function killChildArgs(): string[] {
  const bundle = process.env.TAMC_KILL_CHILD;
  return bundle === undefined ? ['--import', 'tsx', 'tests/bench/kill-child.ts'] : [bundle];
}
