// Fifty kills at random moments: nothing acknowledged may be lost, nothing applied twice.
import { buildSample } from '../../harness/sample.ts';
import { type Benchmark, createFigure } from '../figure.ts';
import { killChildArgs } from '../kill-child-args.ts';
import { runKills } from '../kills.ts';

export const kills: Benchmark = {
  name: 'kills',
  about: 'kill -9 of a working replica at random moments',
  run: async (say) => {
    const seed = Date.now() % 2 ** 31;
    say(`seed ${seed}`);
    const report = await runKills({ wasm: await buildSample(), kills: 50, seed, childArgs: killChildArgs(), say });
    const none = { kind: 'valueAtMost', bound: 0 } as const;
    return [
      createFigure(
        `acknowledged updates lost (of ${report.acknowledged}, 50 kills)`,
        'updates',
        report.lost,
        null,
        none,
      ),
      createFigure('updates doubled', 'updates', report.doubled, null, none),
      createFigure('states unlike their inputs', 'stores', report.differing, null, none),
    ];
  },
};
