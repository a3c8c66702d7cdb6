// The log of a run as lines of JSON: what a line is, what may stand in it, and what is left when the last one was cut off. Secrets
// never get in: they are hidden where a line is made.
import type { CalledTool } from './assistant.ts';
import type { Json } from './hands.ts';
import type { Ending, Usage } from './hosts/host.ts';
import { type Check, familyOf, type Scenario, type ScenarioClass } from './scenario.ts';
import type { TrialResult } from './trial.ts';

/** Raised when a reader of the last form would misread this one. */
export const logForm = 1;

export interface RunLine {
  readonly kind: 'run';
  readonly form: typeof logForm;
  readonly run: string;
  readonly at: string;
  readonly suite: string;
  readonly host: string;
  readonly trials: number;
  readonly node: string;
  readonly scenarios: readonly ScenarioNote[];
}

export interface ScenarioNote {
  readonly name: string;
  readonly version: number;
  readonly class: ScenarioClass;
  readonly title: string;
  readonly task: string;
  readonly family: string;
  readonly seed: string;
}

export interface CallLine {
  readonly kind: 'call';
  readonly trial: string;
  readonly number: number;
  readonly tool: string;
  readonly args: Json;
  readonly isError: boolean;
  readonly text: string;
  readonly tookMs: number;
}

export interface TrialLine {
  readonly kind: 'trial';
  /** Of this attempt: calls of one that was cut off have another. */
  readonly trial: string;
  readonly scenario: string;
  readonly version: number;
  /** From 1 on. */
  readonly number: number;
  readonly host: string;
  readonly at: string;
  readonly ended: Ending;
  readonly passed: boolean;
  readonly checks: readonly Check[];
  readonly said: string;
  readonly calls: number;
  readonly tookMs: number;
  readonly usage: Usage | null;
  readonly costUsd: number | null;
}

export type LogLine = RunLine | CallLine | TrialLine;

/** An answer is at most 20 kB; a reader of a log needs its beginning. */
const textCharsMax = 4_000;

export function noteOf(scenario: Scenario): ScenarioNote {
  const { name, version, title, task, seed } = scenario;
  return { name, version, class: scenario.class, title, task, family: familyOf(scenario), seed };
}

export function callLine(trial: string, { number, tool, args, isError, text, tookMs }: CalledTool): CallLine {
  return { kind: 'call', trial, number, tool, args: hidden(args), isError, text: shownText(text), tookMs };
}

export function trialLine(
  trial: string,
  { name: scenario, version }: Scenario,
  { number, host, at }: Pick<TrialLine, 'number' | 'host' | 'at'>,
  { ended, grade, said, calls, tookMs, usage, costUsd }: TrialResult,
): TrialLine {
  const { passed, checks } = grade;
  const what = { trial, scenario, version, number, host, at, ended, passed, checks };
  return { kind: 'trial', ...what, said: said.slice(0, textCharsMax), calls, tookMs, usage, costUsd };
}

/** Whoever has one of these can act with it: confirm tokens, codes that let a device in, keys. */
const secretNames = new Set(['confirm', 'code', 'token', 'key', 'secret', 'passphrase']);
const hiddenText = '(hidden)';

function hidden(args: Json): Json {
  const copy: unknown = JSON.parse(JSON.stringify(args), hideSecret);
  return typeof copy === 'object' && copy !== null ? { ...copy } : {};
}

function hideSecret(name: string, value: unknown): unknown {
  return secretNames.has(name) && typeof value === 'string' ? hiddenText : value;
}

function shownText(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text, hideSecret)).slice(0, textCharsMax);
  } catch {
    return text.slice(0, textCharsMax);
  }
}

export interface Log {
  readonly runs: readonly RunLine[];
  readonly calls: readonly CallLine[];
  readonly trials: readonly TrialLine[];
  /** Lines that are none of ours: the last one of a run that was killed while it wrote. */
  readonly torn: number;
}

export function parseLog(text: string): Log {
  const lines = text.split('\n').filter((line) => line !== '');
  const parsed = lines.map(parseLine);
  const known = parsed.filter((line) => line !== null);
  return {
    runs: known.filter((line) => line.kind === 'run'),
    calls: known.filter((line) => line.kind === 'call'),
    trials: latestOf(known.filter((line) => line.kind === 'trial')),
    torn: parsed.length - known.length,
  };
}

/** What was run again replaces what it repeats; a result is never replaced by a failure of the infrastructure. */
function latestOf(trials: readonly TrialLine[]): readonly TrialLine[] {
  const latest = new Map<string, TrialLine>();
  for (const trial of trials) {
    const before = latest.get(keyOfTrial(trial));
    if (before === undefined || before.ended === 'infra') latest.set(keyOfTrial(trial), trial);
  }
  return [...latest.values()];
}

/** The same trial of the same version of a scenario. */
export function keyOfTrial({ scenario, version, number }: Pick<TrialLine, 'scenario' | 'version' | 'number'>): string {
  return `${scenario} ${version} ${number}`;
}

/** Which fields a line of each kind cannot be read without. */
const fields = {
  run: { form: 'number', run: 'string', suite: 'string', host: 'string', scenarios: 'object' },
  call: { trial: 'string', number: 'number', tool: 'string', text: 'string', args: 'object' },
  trial: {
    trial: 'string',
    scenario: 'string',
    version: 'number',
    number: 'number',
    ended: 'string',
    checks: 'object',
  },
} as const;

function parseLine(text: string): LogLine | null {
  try {
    const value: unknown = JSON.parse(text);
    return isLine(value) ? value : null;
  } catch {
    return null;
  }
}

function isLine(value: unknown): value is LogLine {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  const wanted = Object.entries(fields).find(([kind]) => kind === value.kind)?.[1];
  if (wanted === undefined) return false;
  const found = new Map<string, unknown>(Object.entries(value));
  if (found.has('form') && found.get('form') !== logForm) return false;
  return Object.entries(wanted).every(([name, type]) => typeof found.get(name) === type && found.get(name) !== null);
}
