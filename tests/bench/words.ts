// What may stand behind `npm run bench --`. Anything else is refused: a misspelt option would start all of it, for twelve minutes.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Benchmark } from './figure.ts';

export interface Words {
  /** Empty: all of them. */
  readonly names: readonly string[];
  readonly isJson: boolean;
  readonly isHelp: boolean;
}

/** `--write` is read by the benchmark of the canisters itself. */
const options = ['--json', '--write', '--help', '-h'];

export function parseWords(
  words: readonly string[],
  benchmarks: readonly Pick<Benchmark, 'name'>[],
): Result<Words, string> {
  const names = words.filter((word) => !word.startsWith('-'));
  const option = words.find((word) => word.startsWith('-') && !options.includes(word));
  if (option !== undefined) return refuse(`there is no option "${option}"; \`npm run bench -- --help\` shows them`);
  const name = names.find((word) => !benchmarks.some((each) => each.name === word));
  if (name !== undefined)
    return refuse(`there is no benchmark "${name}"; there are ${benchmarks.map((each) => each.name).join(', ')}`);
  if (words.includes('--write') && (names.length !== 1 || names[0] !== 'canisters'))
    return refuse('--write is for the benchmark canisters alone: npm run bench -- canisters --write');
  return ok({ names, isJson: words.includes('--json'), isHelp: words.includes('--help') || words.includes('-h') });
}

export function renderHelp(benchmarks: readonly Pick<Benchmark, 'name' | 'about'>[]): string {
  const width = Math.max(...benchmarks.map(({ name }) => name.length));
  return [
    'npm run bench [-- NAME …] [--json]: measures figures beside their baselines; without a name all of them, which takes some',
    'twelve minutes on a quiet machine. `canisters --write` writes docs/reference/canister-costs.md anew.',
    '',
    ...benchmarks.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`),
  ].join('\n');
}
