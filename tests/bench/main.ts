// `npm run bench [-- NAME …] [-- --json]`: measures each figure beside its baseline and says which goals are met.
import { spawnSync } from 'node:child_process';
import type { Benchmark, Figure } from './figure.ts';
import { assistant } from './figures/assistant.ts';
import { bigHeap } from './figures/big-heap.ts';
import { canisters } from './figures/canisters.ts';
import { firstStart } from './figures/first-start.ts';
import { http } from './figures/http.ts';
import { install } from './figures/install.ts';
import { kills } from './figures/kills.ts';
import { ledger } from './figures/ledger.ts';
import { scale } from './figures/scale.ts';
import { throughput } from './figures/throughput.ts';
import { parseWords, renderHelp } from './words.ts';

const benchmarks: readonly Benchmark[] = [
  throughput,
  bigHeap,
  http,
  install,
  scale,
  kills,
  ledger,
  canisters,
  assistant,
  firstStart,
];

const words = parseWords(process.argv.slice(2), benchmarks);
if (!words.ok) {
  console.error(`bench: ${words.error}.`);
  process.exit(2);
}
const { names, isJson, isHelp } = words.value;
if (isHelp) {
  console.log(renderHelp(benchmarks));
  process.exit(0);
}

const figures: Figure[] = [];
for (const benchmark of benchmarks) {
  if (names.length > 0 && !names.includes(benchmark.name)) continue;
  const measured = names.length === 1 ? await measureHere(benchmark) : measureApart(benchmark);
  figures.push(...measured);
  if (!isJson) for (const figure of measured) console.log(renderFigure(figure));
}
if (isJson) console.log(JSON.stringify(figures, null, 2));

function measureHere(benchmark: Benchmark): Promise<Figure[]> {
  console.error(`${benchmark.name}: ${benchmark.about}`);
  return benchmark.run((line) => console.error(`  ${line}`));
}

/** In a process of its own: what another benchmark has left in memory must not count. */
function measureApart({ name }: Benchmark): Figure[] {
  const args = [...process.execArgv, process.argv[1]!, name, '--json'];
  const { status, stdout } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the benchmark ${name} ended with ${status}`);
  return JSON.parse(stdout) as Figure[];
}

function renderFigure({ name, unit, value, baseline, ratio, reach, met }: Figure): string {
  const beside = baseline === null ? '' : ` (baseline ${round(baseline)}, ratio ${round(ratio!)})`;
  const goal = reach === null ? '' : ` | ${reach}: ${met === true ? 'met' : 'NOT MET'}`;
  return `${name}: ${round(value)} ${unit}${beside}${goal}`;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
