// `npm run soak [-- KILLS] [-- SEED]`: the kills of the bench, a thousand of them unless told otherwise.
import { buildSample } from '../harness/sample.ts';
import { killChildArgs } from './kill-child-args.ts';
import { runKills } from './kills.ts';

const [killsText = '1000', seedText = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const [kills, seed] = [Number(killsText), Number(seedText)];
if (!Number.isSafeInteger(kills) || kills < 1 || !Number.isSafeInteger(seed)) {
  console.error('soak: give the number of kills and, to repeat a run, its seed: npm run soak -- 1000 123');
  process.exit(2);
}
console.log(`soak: ${kills} kills, seed ${seed}`);
const startedMs = Date.now();
const report = await runKills({ wasm: await buildSample(), kills, seed, childArgs: killChildArgs(), say: console.log });
const isGood = report.lost + report.doubled + report.differing === 0;
console.log(
  `soak: ${isGood ? 'passed' : 'FAILED'}: ${report.kills} kills in ${Math.round((Date.now() - startedMs) / 1000)} s, ` +
    `${report.acknowledged} updates acknowledged, ${report.lost} lost, ${report.doubled} doubled, ` +
    `${report.differing} states unlike their inputs, ${report.recovered} starts with rounds to execute again, seed ${seed}`,
);
process.exitCode = isGood ? 0 : 1;
