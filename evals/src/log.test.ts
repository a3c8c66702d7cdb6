import { describe, expect, it } from 'vitest';
import { callLine, parseLog, type RunLine, type TrialLine } from './log.ts';

const trial: TrialLine = {
  kind: 'trial',
  trial: 'r/a/1',
  scenario: 'a',
  version: 1,
  number: 1,
  host: 'h',
  at: '2026-11-21T00:00:00Z',
  ended: 'done',
  passed: true,
  checks: [],
  said: '',
  calls: 1,
  tookMs: 1,
  usage: null,
  costUsd: null,
};
const run: RunLine = {
  kind: 'run',
  form: 1,
  run: 'r',
  at: '2026-11-21T00:00:00Z',
  suite: 'all',
  host: 'h',
  trials: 1,
  node: '20',
  scenarios: [],
};
const textOf = (...lines: readonly unknown[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('a log', () => {
  it('is read again as it was written', () => {
    expect(parseLog(textOf(run, trial))).toEqual({ runs: [run], calls: [], trials: [trial], torn: 0 });
    expect(parseLog('')).toEqual({ runs: [], calls: [], trials: [], torn: 0 });
  });

  it('loses only the line that was cut off, wherever that is', () => {
    const whole = textOf(run, trial);
    for (let cut = textOf(run).length + 1; cut < whole.length - 1; cut++) {
      expect(parseLog(whole.slice(0, cut))).toMatchObject({ runs: [run], trials: [], torn: 1 });
      expect(parseLog(`${whole.slice(0, cut)}\n${textOf(trial)}`)).toMatchObject({ trials: [trial], torn: 1 });
    }
  });

  it.each(['null', '[]', '"x"', '{}', '{"kind":"other"}', '{"kind":"trial"}', '{"kind":"run","form":2}'])(
    'does not take %s for a line of ours',
    (line) => {
      expect(parseLog(`${line}\n`)).toEqual({ runs: [], calls: [], trials: [], torn: 1 });
    },
  );

  it('has a trial once: a result replaces a failure beside the host, and nothing replaces a result', () => {
    const infra: TrialLine = { ...trial, ended: 'infra', passed: false };
    const other: TrialLine = { ...trial, version: 2 };
    expect(parseLog(textOf(infra, trial, other)).trials).toEqual([trial, other]);
    expect(parseLog(textOf(trial, infra)).trials).toEqual([trial]);
  });
});

describe('a call in a log', () => {
  const called = { number: 1, tool: 'pay', ofTool: 1, isError: false, tookMs: 1 };

  it('shows neither tokens nor codes, in what was called and in what was answered, however deep', () => {
    const args = { amount: '1', confirm: 'token', deep: { list: [{ code: 'abc' }] } };
    const line = callLine('t', {
      ...called,
      args,
      text: JSON.stringify({ status: 'x', confirm: 'token', a: [{ code: 'abc' }] }),
    });
    expect(line.args).toEqual({ amount: '1', confirm: '(hidden)', deep: { list: [{ code: '(hidden)' }] } });
    expect(JSON.parse(line.text)).toEqual({ status: 'x', confirm: '(hidden)', a: [{ code: '(hidden)' }] });
  });

  it('keeps other text as it is, up to a length', () => {
    expect(callLine('t', { ...called, args: {}, text: 'NoMandate: no' }).text).toBe('NoMandate: no');
    expect(callLine('t', { ...called, args: {}, text: 'x'.repeat(9_000) }).text).toHaveLength(4_000);
  });
});
