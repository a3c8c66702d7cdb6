// Two runs beside each other: paired by scenario, with an interval for the difference and a verdict that does not say more than the
// numbers do. Scenarios of which one run has another version, or no trial, are left out and named.
import type { Log, TrialLine } from './log.ts';
import {
  bootstrapDraws,
  bootstrapMean,
  bootstrapSeed,
  detectableDifference,
  type Interval,
  mcnemar,
  mean,
} from './statistics.ts';
import { type ScenarioSummary, summarize } from './summary.ts';

export interface ScenarioPair {
  readonly name: string;
  readonly family: string;
  readonly a: PassShare;
  readonly b: PassShare;
  /** Of B over A. */
  readonly difference: number;
}

interface PassShare {
  readonly trials: number;
  readonly passed: number;
}

export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly pairs: readonly ScenarioPair[];
  readonly leftOut: readonly string[];
  readonly difference: number | null;
  /** 95 %, of the mean difference: percentiles of a bootstrap over families of scenarios. */
  readonly interval: Interval | null;
  readonly method: string;
  /** Trials of the same scenario and number that only one of the two passed, and how surprising that is. */
  readonly onlyA: number;
  readonly onlyB: number;
  readonly mcnemar: number;
  readonly detectable: number | null;
  readonly verdict: string;
}

const method = `percentiles of ${bootstrapDraws} bootstrap draws over families of scenarios (a scenario and its twin are one), seed ${bootstrapSeed}`;

export function compareLogs(logA: Log, logB: Log): Comparison {
  const [a, b] = [summarize(logA), summarize(logB)];
  const { pairs, leftOut } = pairUp(a.scenarios, b.scenarios);
  const differences = pairs.map(({ difference }) => difference);
  const families = familiesOf(pairs);
  const interval = bootstrapMean(families);
  const paired = new Set(pairs.map(({ name }) => name));
  const { onlyA, onlyB } = discordant(logA, logB, paired);
  const detectable = detectableDifference(differences);
  return {
    a: a.host,
    b: b.host,
    pairs,
    leftOut,
    difference: mean(differences),
    interval,
    method,
    onlyA,
    onlyB,
    mcnemar: mcnemar(onlyA, onlyB),
    detectable,
    verdict: verdictOf(interval, { pairs: pairs.length, families: families.length }, detectable),
  };
}

function pairUp(a: readonly ScenarioSummary[], b: readonly ScenarioSummary[]) {
  const pairs: ScenarioPair[] = [];
  const leftOut: string[] = [];
  for (const name of new Set([...a, ...b].map((scenario) => scenario.name))) {
    const [ofA, ofB] = [a, b].map((side) => side.find((scenario) => scenario.name === name && scenario.trials > 0));
    if (ofA === undefined || ofB === undefined || ofA.version !== ofB.version) {
      leftOut.push(name);
      continue;
    }
    const difference = ofB.passed / ofB.trials - ofA.passed / ofA.trials;
    pairs.push({ name, family: ofB.family, a: shareOf(ofA), b: shareOf(ofB), difference });
  }
  return { pairs, leftOut };
}

const shareOf = ({ trials, passed }: ScenarioSummary): PassShare => ({ trials, passed });

function familiesOf(pairs: readonly ScenarioPair[]): readonly (readonly number[])[] {
  const families = new Map<string, number[]>();
  for (const { family, difference } of pairs) families.set(family, [...(families.get(family) ?? []), difference]);
  return [...families.values()];
}

function discordant(a: Log, b: Log, names: ReadonlySet<string>) {
  const results = ({ trials }: Log) =>
    new Map(trials.filter((trial) => trial.ended !== 'infra' && names.has(trial.scenario)).map(resultOf));
  const [ofA, ofB] = [results(a), results(b)];
  const both = [...ofA].flatMap(([key, passed]) => (ofB.has(key) ? [{ a: passed, b: ofB.get(key)! }] : []));
  return {
    onlyA: both.filter((pair) => pair.a && !pair.b).length,
    onlyB: both.filter((pair) => pair.b && !pair.a).length,
  };
}

const resultOf = ({ scenario, number, passed }: TrialLine) => [`${scenario} ${number}`, passed] as const;

/** Draws from fewer hardly vary, and an interval of them would promise too much. */
const familiesMin = 4;

function verdictOf(
  interval: Interval | null,
  { pairs, families }: { readonly pairs: number; readonly families: number },
  detectable: number | null,
): string {
  if (interval === null) return 'There is no scenario that both have tried.';
  if (interval.low === 0 && interval.high === 0) return `No difference was seen in ${pairs} scenarios.`;
  if (families < familiesMin) return `Too few families of scenarios (${families}) to say which is better.`;
  if (interval.low > 0) return 'B is better than A.';
  if (interval.high < 0) return 'B is worse than A.';
  const seen = detectable === null ? '' : ` A difference of less than ${percent(detectable)} would hardly show.`;
  return `A and B cannot be told apart by ${pairs} scenarios.${seen}`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1).replace(/\.0$/, '')} %`;
}
