import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      '*/src/**/*.test.ts',
      'canisters/**/*.test.ts',
      '*/test/**/*.test.ts',
      'tests/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Left alone it takes one less than there are cores, and on two cores the run would take the longer half of its time limit.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
