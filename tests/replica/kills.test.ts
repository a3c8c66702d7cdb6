// A few of the kills that `npm run bench -- kills` and `npm run soak` make in greater number.
import { expect, it } from 'vitest';
import { killChildArgs } from '../bench/kill-child-args.ts';
import { runKills } from '../bench/kills.ts';
import { buildSample } from '../harness/sample.ts';

it('kill -9 at random moments loses no acknowledged update and applies none twice [durable.kill]', async () => {
  // One whose lives end in every way there is: while opening, after a time, after so many lines.
  const seed = 4;
  const report = await runKills({
    wasm: await buildSample(),
    kills: 5,
    seed,
    childArgs: killChildArgs(),
    say: console.log,
  });
  expect(report).toMatchObject({ lost: 0, doubled: 0, differing: 0 });
  expect(report.acknowledged).toBeGreaterThan(0);
}, 120_000);
