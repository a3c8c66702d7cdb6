// The words after `npm run eval --`, parsed: refused with a sentence that says which one is wrong.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Scenario } from './scenario.ts';

export type Choices =
  | { readonly verb: 'help' }
  | { readonly verb: 'compare'; readonly a: string; readonly b: string; readonly isJson: boolean }
  | { readonly verb: 'view'; readonly log: string; readonly page: string | null; readonly isJson: boolean }
  | {
      readonly verb: 'run';
      readonly suite: string;
      readonly host: string;
      readonly trials: number;
      readonly out: string | null;
      readonly isResume: boolean;
      readonly concurrency: number;
      readonly baseUrl: string | null;
      readonly isJson: boolean;
    };

const withValue = ['--host', '--trials', '--out', '--concurrency', '--base-url'] as const;
const flags = ['--resume', '--json', '--help', '-h'] as const;
/** What one computer does in a day, and what a provider lets through at once. */
const trialsMax = 1_000;
const concurrencyMax = 16;

interface Words {
  readonly plain: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

export function parseWords(words: readonly string[]): Result<Choices, string> {
  const sorted = sortWords(words);
  if (!sorted.ok) return sorted;
  const { plain, options } = sorted.value;
  if (plain.length === 0 || options.has('--help') || options.has('-h')) return ok({ verb: 'help' });
  if (plain[0] === 'compare') return parseCompare(sorted.value);
  if (plain[0] === 'view') return parseView(sorted.value);
  return parseRun(sorted.value);
}

function sortWords(words: readonly string[]): Result<Words, string> {
  const plain: string[] = [];
  const options = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    const [name = '', joined] = words[i]!.startsWith('--') ? words[i]!.split(/=(.*)/s) : [words[i]!];
    if (flags.some((flag) => flag === name)) options.set(name, '');
    else if (withValue.some((option) => option === name)) {
      const value = joined ?? words[++i];
      if (value === undefined || value === '') return refuse(`${name} needs a value.`);
      options.set(name, value);
    } else if (name.startsWith('-')) return refuse(`There is no option ${name}.`);
    else plain.push(name);
  }
  return ok({ plain, options });
}

function parseCompare({ plain, options }: Words): Result<Choices, string> {
  const [, a, b, more] = plain;
  if (a === undefined || b === undefined || more !== undefined) return refuse('compare needs two logs: compare A B.');
  return ok({ verb: 'compare', a, b, isJson: options.has('--json') });
}

function parseView({ plain, options }: Words): Result<Choices, string> {
  const [, log, more] = plain;
  if (log === undefined || more !== undefined) return refuse('view needs one log: view LOG.');
  return ok({ verb: 'view', log, page: options.get('--out') ?? null, isJson: options.has('--json') });
}

function parseRun({ plain, options }: Words): Result<Choices, string> {
  const [suite = '', more] = plain;
  if (more !== undefined) return refuse(`One suite at a time: "${suite}" or "${more}".`);
  const host = options.get('--host');
  if (host === undefined) return refuse('Say who tries it: --host scripted, --host naive, or --host and a model.');
  const trials = countOf(options.get('--trials') ?? '1', trialsMax);
  if (trials === null) return refuse(`--trials is a number from 1 to ${trialsMax}.`);
  const concurrency = countOf(options.get('--concurrency') ?? '1', concurrencyMax);
  if (concurrency === null) return refuse(`--concurrency is a number from 1 to ${concurrencyMax}.`);
  const baseUrl = options.get('--base-url') ?? null;
  if (baseUrl !== null && !/^https?:\/\/./.test(baseUrl)) return refuse('--base-url begins with http:// or https://.');
  const out = options.get('--out') ?? null;
  const isResume = options.has('--resume');
  if (isResume && out === null) return refuse('--resume needs --out: the folder of the log to go on with.');
  return ok({ verb: 'run', suite, host, trials, out, isResume, concurrency, baseUrl, isJson: options.has('--json') });
}

function countOf(text: string, max: number): number | null {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= max ? count : null;
}

export function helpText(suites: readonly string[], scenarios: readonly Pick<Scenario, 'name' | 'title'>[]): string {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  const list = scenarios.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n');
  return `Tries how well an assistant looks after machines: tasks in words, each on a network of its own, graded by what
is in ledger, canisters and devices afterwards.

  npm run eval -- SUITE --host HOST   run it
  npm run eval -- compare A B         two logs beside each other, with an interval of the difference
  npm run eval -- view LOG            one page of a log, to open in a browser (--out FILE)

Hosts: scripted (a good assistant as a program, no key), naive (the same, but it does what strangers' texts tell it), or
a model by its name, with a key in ANTHROPIC_API_KEY.

  --trials N         how often each scenario (1)
  --out DIR          where the log is kept (.tamc/evals/…)
  --resume           goes on with the log at --out: what is there is not run again
  --concurrency N    so many trials at a time (1)
  --base-url URL     where the model is, if not at its provider (or ANTHROPIC_BASE_URL)
  --json             the result as JSON

Suites: ${suites.join(', ')}, or one scenario:
${list}

The exit code is 0 when it ran, whatever passed, and 1 when it could not.`;
}
