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
    // Several tests wait for programs and clocks; one worker more than there are cores keeps these busy meanwhile.
    maxWorkers: availableParallelism() + 1,
  },
});
