// What is made of logs: summaries, comparisons, and the page.
import { describe, expect, it } from 'vitest';
import { compareLogs } from './compare.ts';
import type { Log, ScenarioNote, TrialLine } from './log.ts';
import { renderComparison, renderSummary } from './render.ts';
import { summarize } from './summary.ts';
import { renderPage } from './view.ts';

type Outcome = 'p' | 'f' | 'h' | 'a' | 'i';

/** Trials as letters: passed, failed, harm, attempt, infrastructure. */
function logOf(host: string, outcomes: Readonly<Record<string, string>>, changes: Partial<TrialLine> = {}): Log {
  const notes = Object.keys(outcomes).map(noteOf);
  const trials = Object.entries(outcomes).flatMap(([scenario, letters]) =>
    [...letters].map((letter, i) => ({ ...trialOf(host, scenario, i + 1, letter as Outcome), ...changes })),
  );
  const run = {
    kind: 'run',
    form: 1,
    run: 'r',
    at: '2026-11-21T10:00:00Z',
    suite: 'all',
    host,
    trials: 4,
    node: '20',
  } as const;
  return { runs: [{ ...run, scenarios: notes }], calls: [], trials, torn: 0 };
}

function noteOf(name: string): ScenarioNote {
  const family = name.replace(/-(attack|twin)$/, '');
  return { name, version: 1, class: 'injection', title: `The ${name}`, task: 'Do it.', family, seed: 's' };
}

function trialOf(host: string, scenario: string, number: number, outcome: Outcome): TrialLine {
  const check = (about: 'task' | 'harm' | 'attempt', passed: boolean) => ({ name: about, about, passed, found: 'x' });
  return {
    kind: 'trial',
    trial: `r/${scenario}/${number}`,
    scenario,
    version: 1,
    number,
    host,
    at: '2026-11-21T10:00:00Z',
    ended: outcome === 'i' ? 'infra' : 'done',
    passed: outcome === 'p',
    checks: [check('task', outcome !== 'f'), check('harm', outcome !== 'h'), check('attempt', outcome !== 'a')],
    said: '',
    calls: 2,
    tookMs: 1_000,
    usage: null,
    costUsd: 0.25,
  };
}

describe('a summary', () => {
  it('counts trials, and those that failed beside the host nowhere else', () => {
    const summary = summarize(logOf('A', { x: 'ppfi', 'y-attack': 'haap' }));
    expect(summary).toMatchObject({ trials: 7, passed: 3, harmed: 1, infra: 1, calls: 14, costUsd: 1.75 });
    expect(summary.attacks).toEqual({ trials: 4, harmed: 1, stopped: 2, withstood: 1 });
    expect(summary.scenarios[0]).toMatchObject({ trials: 3, passed: 2, taskDone: 2, infra: 1 });
    expect(renderSummary(summary)).toContain('flickers');
  });

  it('tells pass@k and pass^k as means over scenarios, as far as all were tried', () => {
    const { atK } = summarize(logOf('A', { x: 'pppp', y: 'ppff' }));
    // y: C(2,2)/C(4,2) = 1/6, and 1 − 1/6.
    expect(atK.map(({ k }) => k)).toEqual([1, 2, 3, 4]);
    expect(atK[0]).toMatchObject({ passAtK: 0.75, passAllK: 0.75 });
    expect(atK[1]!.passAllK).toBeCloseTo((1 + 1 / 6) / 2, 12);
    expect(atK[1]!.passAtK).toBeCloseTo((1 + 5 / 6) / 2, 12);
    expect(summarize(logOf('A', { x: 'pppp', y: 'p' })).atK).toHaveLength(1);
  });

  it('has no cost where one of them has none, and no numbers where nothing was tried', () => {
    expect(summarize(logOf('A', { x: 'p' }, { costUsd: null })).costUsd).toBeNull();
    const empty = summarize(logOf('A', { x: '' }));
    expect(empty).toMatchObject({ passRate: null, interval: null, atK: [], trials: 0 });
    expect(renderSummary(empty)).toContain('0 of 0');
    expect(renderSummary(empty)).toContain('harm      nothing is known of it');
  });

  it('counts one as one', () => {
    const text = renderSummary(summarize(logOf('A', { x: 'pi' })));
    expect(text).toContain('passed    1 of 1 trial (');
    expect(text).toContain('harm      in 0 of 1 trial (');
    expect(text).toContain('no result 1 trial failed beside the host; --resume runs it again');
    expect(renderSummary(summarize(logOf('A', { x: 'ppii' })))).toContain('2 trials failed beside the host');
  });

  it('says that no harm seen is not no harm', () => {
    expect(renderSummary(summarize(logOf('A', { x: 'p'.repeat(30) })))).toContain('the true rate may be up to 10 %');
  });
});

describe('a comparison', () => {
  it('of a log with itself shows no difference', () => {
    const log = logOf('A', { x: 'ppf', y: 'ppp' });
    const { difference, interval, onlyA, onlyB, mcnemar, verdict } = compareLogs(log, log);
    expect({ difference, interval, onlyA, onlyB, mcnemar }).toEqual({
      difference: 0,
      interval: { low: 0, high: 0 },
      onlyA: 0,
      onlyB: 0,
      mcnemar: 1,
    });
    expect(verdict).toBe('No difference was seen in 2 scenarios.');
  });

  it('pairs by scenario and by number, and says which way it goes', () => {
    const bad = logOf('bad', { a: 'ff', b: 'ff', c: 'fp', d: 'ff' });
    const good = logOf('good', { a: 'pp', b: 'pf', c: 'pp', d: 'pp' });
    const found = compareLogs(bad, good);
    expect(found.pairs.map(({ difference }) => difference)).toEqual([1, 0.5, 0.5, 1]);
    expect(found).toMatchObject({ difference: 0.75, onlyA: 0, onlyB: 6, verdict: 'B is better than A.' });
    expect(found.mcnemar).toBeCloseTo(2 / 64, 12);
    expect(compareLogs(good, bad).verdict).toBe('B is worse than A.');
    expect(renderComparison(found)).toContain('+75 %');
  });

  it('does not tell two apart by what may be chance', () => {
    const found = compareLogs(
      logOf('A', { a: 'p', b: 'f', c: 'p', d: 'p' }),
      logOf('B', { a: 'p', b: 'p', c: 'p', d: 'p' }),
    );
    expect(found.interval!.low).toBe(0);
    expect(found.verdict).toMatch(/^A and B cannot be told apart by 4 scenarios\. A difference of less than 70 %/);
    const few = compareLogs(
      logOf('A', { 'a-twin': 'f', 'a-attack': 'f' }),
      logOf('B', { 'a-twin': 'p', 'a-attack': 'p' }),
    );
    expect(few.verdict).toBe('Too few families of scenarios (1) to say which is better.');
  });

  it('leaves out what only one has tried, and other versions', () => {
    const found = compareLogs(logOf('A', { a: 'p', b: 'p', c: 'i' }), logOf('B', { a: 'p', c: 'p' }));
    expect(found.leftOut).toEqual(['b', 'c']);
    const later = logOf('B', { a: 'p' }, { version: 2 });
    const runs = later.runs.map((run) => ({
      ...run,
      scenarios: run.scenarios.map((note) => ({ ...note, version: 2 })),
    }));
    expect(compareLogs(logOf('A', { a: 'p' }), { ...later, runs })).toMatchObject({ pairs: [], leftOut: ['a'] });
  });
});

describe('the page of a log', () => {
  const evil = '</pre><script>alert(1)</script><img src="https://example.com/x" onerror=\'x\'>\u202eabc';
  const log = logOf(evil, { x: 'pf' }, { said: evil });
  const call = {
    kind: 'call',
    trial: 'r/x/1',
    number: 1,
    tool: evil,
    args: { a: evil },
    isError: true,
    text: evil,
    tookMs: 1,
  } as const;
  const page = renderPage({ ...log, calls: [call] });

  it('shows what strangers wrote as text, and loads nothing', () => {
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<img');
    expect(page).not.toContain('\u202e');
    expect(page).toContain('[U+202E]abc');
    expect(page.match(/&lt;script&gt;/g)!.length).toBeGreaterThanOrEqual(6);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<(link|iframe|object|form|base)\b|url\(|@import/);
  });

  it('has every trial with its checks', () => {
    expect(page.match(/<article>/g)).toHaveLength(2);
    expect(page.match(/<li class="failed"><span>✗/g)).toHaveLength(1);
  });
});
