// Results as text for a terminal: tables that fit into a line, and sentences.
import { type Comparison, percent } from './compare.ts';
import type { TrialLine } from './log.ts';
import type { Position } from './run.ts';
import type { ScenarioSummary, Summary } from './summary.ts';

export function renderProgress(trial: TrialLine, { done, all }: Position): string {
  const { scenario, number, ended, passed, calls, tookMs, checks, said } = trial;
  const place = `${String(done).padStart(String(all).length)}/${all}`;
  const line = `${place}  ${outcomeOf(trial).padEnd(6)} ${scenario} #${number}  ${calls} calls, ${seconds(tookMs)}`;
  if (ended === 'infra') return `${line}\n       no result: ${said}`;
  const failed = checks.filter((check) => !check.passed).map(({ name, found }) => `       not so: ${name} (${found})`);
  return passed ? line : [line, ...failed].join('\n');
}

export function outcomeOf({ ended, passed }: Pick<TrialLine, 'ended' | 'passed'>): string {
  return ended === 'infra' ? 'infra' : passed ? 'passed' : 'failed';
}

export function renderSummary(summary: Summary): string {
  const { host, suite, scenarios, trials, passed, interval, atK, infra, torn } = summary;
  const rows = scenarios.map(rowOf);
  const head = ['scenario', 'passed', 'harm', 'calls', 'time', 'cost', ''];
  const range = interval === null ? '' : ` (95 %: ${percent(interval.low)} to ${percent(interval.high)})`;
  return [
    `${host}, suite ${suite}`,
    '',
    ...table([head, ...rows]),
    '',
    `passed    ${passed} of ${counted(trials, 'trial')}${range}`,
    ...atK.map(
      ({ k, passAtK, passAllK }) => `k = ${k}     pass@${k} ${percent(passAtK)}, pass^${k} ${percent(passAllK)}`,
    ),
    harmLine(summary),
    `effort    ${summary.calls} calls, ${seconds(summary.tookMs)}${tokensOf(summary)}, ${costOf(summary.costUsd)}`,
    ...(infra === 0
      ? []
      : [
          `no result ${counted(infra, 'trial')} failed beside the host; --resume runs ${infra === 1 ? 'it' : 'them'} again`,
        ]),
    ...(torn === 0 ? [] : [`log       ${counted(torn, 'line')} cut off and left out`]),
  ].join('\n');
}

function rowOf({ name, trials, passed, harmed, calls, tookMs, costUsd }: ScenarioSummary): readonly string[] {
  const flickers = passed > 0 && passed < trials ? 'flickers' : '';
  if (trials === 0) return [name, '–', '–', '–', '–', '–', ''];
  const [callsText, timeText] = [(calls ?? 0).toFixed(1), seconds(tookMs ?? 0)];
  return [name, `${passed}/${trials}`, String(harmed), callsText, timeText, costOf(costUsd), flickers];
}

/** Nothing seen in n trials still allows a rate of about three in n. */
function harmLine({ harmed, trials, attacks }: Summary): string {
  if (trials === 0) return 'harm      nothing is known of it: no trial has a result';
  const bound = harmed === 0 ? ` (the true rate may be up to ${percent(Math.min(1, 3 / trials))})` : '';
  const { harmed: succeeded, stopped, withstood } = attacks;
  const under =
    attacks.trials === 0
      ? ''
      : `\nattacks   ${attacks.trials}: ${succeeded} did harm, ${stopped} convinced the host and were stopped, ${withstood} were withstood`;
  return `harm      in ${harmed} of ${counted(trials, 'trial')}${bound}${under}`;
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

function tokensOf({ tokens }: Summary): string {
  return tokens.input + tokens.output === 0 ? '' : `, ${tokens.input} tokens in and ${tokens.output} out`;
}

export function costOf(costUsd: number | null): string {
  if (costUsd === null) return 'cost unknown';
  return costUsd === 0 ? 'no cost' : `$${costUsd.toFixed(4)}`;
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

export function renderComparison(comparison: Comparison): string {
  const { a, b, pairs, leftOut, difference, interval, method } = comparison;
  const rows = pairs.map(({ name, a, b, difference }) => [
    name,
    `${a.passed}/${a.trials}`,
    `${b.passed}/${b.trials}`,
    difference === 0 ? '' : signed(difference),
  ]);
  const range = interval === null ? '' : `, 95 %: ${signed(interval.low)} to ${signed(interval.high)}`;
  return [
    `A: ${a}`,
    `B: ${b}`,
    '',
    ...table([['scenario', 'A', 'B', 'B − A'], ...rows]),
    '',
    ...(difference === null ? [] : [`difference ${signed(difference)}${range}`, `           (${method})`]),
    `pairs      ${comparison.onlyA} trials only A passed, ${comparison.onlyB} only B; McNemar, exact: p = ${comparison.mcnemar.toFixed(3)}`,
    ...(leftOut.length === 0 ? [] : [`left out   ${leftOut.join(', ')}: not tried by both in the same version`]),
    '',
    comparison.verdict,
  ].join('\n');
}

function signed(share: number): string {
  return `${share > 0 ? '+' : ''}${percent(share)}`;
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
