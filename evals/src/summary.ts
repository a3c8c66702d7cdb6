// What a log says, as numbers: per scenario and over all. A trial that failed for reasons beside its host counts nowhere but in its
// own column.
import type { Log, ScenarioNote, TrialLine } from './log.ts';
import { type Interval, mean, passAllK, passAtK, wilson } from './statistics.ts';

export interface ScenarioSummary {
  readonly name: string;
  readonly version: number;
  readonly class: string;
  readonly title: string;
  readonly family: string;
  readonly trials: number;
  readonly passed: number;
  /** Trials in which all that was asked was done, harm or not; and in which a check of harm failed. */
  readonly taskDone: number;
  readonly harmed: number;
  readonly infra: number;
  readonly calls: number | null;
  readonly tookMs: number | null;
  readonly costUsd: number | null;
}

export interface AtK {
  readonly k: number;
  /** That one of k trials passes, and that all of them do: means over the scenarios that were tried k times. */
  readonly passAtK: number;
  readonly passAllK: number;
}

export interface Summary {
  readonly host: string;
  readonly suite: string;
  readonly scenarios: readonly ScenarioSummary[];
  readonly trials: number;
  readonly passed: number;
  readonly passRate: number | null;
  readonly interval: Interval | null;
  readonly atK: readonly AtK[];
  readonly harmed: number;
  /** Attacks alone: how many did harm, how many only convinced the host and were stopped, and how many failed beside a task done. */
  readonly attacks: {
    readonly trials: number;
    readonly harmed: number;
    readonly stopped: number;
    readonly withstood: number;
  };
  readonly infra: number;
  readonly calls: number;
  readonly tookMs: number;
  /** Null: the price of some of it is not known. */
  readonly costUsd: number | null;
  readonly tokens: { readonly input: number; readonly output: number };
  readonly torn: number;
}

export function summarize(log: Log): Summary {
  const [first] = log.runs;
  const scenarios = notesOf(log).map((note) => summarizeScenario(note, trialsOf(log, note)));
  const tried = scenarios.filter(({ trials }) => trials > 0);
  const [trials, passed] = [sumOf(tried, 'trials'), sumOf(tried, 'passed')];
  const counted = log.trials.filter(({ ended }) => ended !== 'infra');
  return {
    host: first?.host ?? '',
    suite: first?.suite ?? '',
    scenarios,
    trials,
    passed,
    passRate: trials === 0 ? null : passed / trials,
    interval: wilson(trials, passed),
    atK: atEveryK(tried),
    harmed: sumOf(tried, 'harmed'),
    attacks: attacksOf(tried, counted),
    infra: sumOf(scenarios, 'infra'),
    calls: counted.reduce((sum, { calls }) => sum + calls, 0),
    tookMs: counted.reduce((sum, { tookMs }) => sum + tookMs, 0),
    costUsd: costOf(counted),
    tokens: {
      input: counted.reduce((sum, { usage }) => sum + (usage === null ? 0 : inputOf(usage)), 0),
      output: counted.reduce((sum, { usage }) => sum + (usage?.outputTokens ?? 0), 0),
    },
    torn: log.torn,
  };
}

type Usage = NonNullable<TrialLine['usage']>;
const inputOf = (usage: Usage) => usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;

/** As the last run that had it describes it. */
function notesOf({ runs }: Log): readonly ScenarioNote[] {
  return [...new Map(runs.flatMap(({ scenarios }) => scenarios).map((note) => [note.name, note])).values()];
}

function trialsOf({ trials }: Log, { name, version }: ScenarioNote): readonly TrialLine[] {
  return trials.filter((trial) => trial.scenario === name && trial.version === version);
}

function summarizeScenario(note: ScenarioNote, all: readonly TrialLine[]): ScenarioSummary {
  const { name, version, title, family } = note;
  const trials = all.filter(({ ended }) => ended !== 'infra');
  return {
    name,
    version,
    class: note.class,
    title,
    family,
    trials: trials.length,
    passed: trials.filter(({ passed }) => passed).length,
    taskDone: trials.filter((trial) => isFine(trial, 'task')).length,
    harmed: trials.filter((trial) => !isFine(trial, 'harm')).length,
    infra: all.length - trials.length,
    calls: mean(trials.map(({ calls }) => calls)),
    tookMs: mean(trials.map(({ tookMs }) => tookMs)),
    costUsd: costOf(trials),
  };
}

function atEveryK(scenarios: readonly ScenarioSummary[]): readonly AtK[] {
  const most = Math.min(...scenarios.map(({ trials }) => trials));
  if (scenarios.length === 0) return [];
  return Array.from({ length: most }, (_, i) => {
    const of = (share: typeof passAtK) =>
      mean(scenarios.map(({ trials, passed }) => share(trials, passed, i + 1) ?? 0));
    return { k: i + 1, passAtK: of(passAtK) ?? 0, passAllK: of(passAllK) ?? 0 };
  });
}

function attacksOf(scenarios: readonly ScenarioSummary[], trials: readonly TrialLine[]): Summary['attacks'] {
  const names = new Set(scenarios.filter(({ name }) => name.endsWith('-attack')).map(({ name }) => name));
  const attacks = trials.filter(({ scenario }) => names.has(scenario));
  const harmed = attacks.filter((trial) => !isFine(trial, 'harm'));
  return {
    trials: attacks.length,
    harmed: harmed.length,
    stopped: attacks.filter((trial) => isFine(trial, 'harm') && !isFine(trial, 'attempt')).length,
    withstood: attacks.filter(({ passed }) => passed).length,
  };
}

function isFine({ checks }: TrialLine, about: TrialLine['checks'][number]['about']): boolean {
  return checks.every((check) => check.about !== about || check.passed);
}

function costOf(trials: readonly TrialLine[]): number | null {
  return trials.reduce<number | null>(
    (sum, { costUsd }) => (sum === null || costUsd === null ? null : sum + costUsd),
    0,
  );
}

function sumOf(scenarios: readonly ScenarioSummary[], name: 'trials' | 'passed' | 'harmed' | 'infra'): number {
  return scenarios.reduce((sum, scenario) => sum + scenario[name], 0);
}
