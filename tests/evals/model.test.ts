// The whole loop through the provider's own tool runner, against a fake of the model's interface: calls, confirmations, cost, a
// failure beside the model, a refusal, calls used up; and a log that is gone on with.
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createGround, type Ground } from '../../evals/src/ground.ts';
import { createModelHost } from '../../evals/src/hosts/model.ts';
import { scriptedHost } from '../../evals/src/hosts/scripted.ts';
import type { LogLine } from '../../evals/src/log.ts';
import { openLogFile, readLogFile } from '../../evals/src/log-file.ts';
import { runSuite } from '../../evals/src/run.ts';
import { aboveMandate } from '../../evals/src/scenarios/above-mandate.ts';
import { runTrial } from '../../evals/src/trial.ts';
import { type FakeModel, type FakeModelApi, startFakeModelApi } from './fake-model-api.ts';

const apiKey = 'sk-fake-and-secret';
let ground: Ground;
let folder: string;
let api: FakeModelApi | null = null;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tamc-evals-test-'));
  ground = await createGround(() => {});
}, 240_000);
afterEach(async () => {
  await api?.close();
  api = null;
});
afterAll(async () => {
  await ground?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function hostOf(model: FakeModel, name = 'claude-opus-5') {
  api = await startFakeModelApi(model);
  return createModelHost({ model: name, apiKey, baseUrl: api.url, retries: 0 });
}

/** Finds the machine, plans the payment, confirms the plan, and says so: each step by what the tool before it answered. */
const goodAssistant: FakeModel = (results, asked) => {
  const last = JSON.parse(results.at(-1) ?? '{}');
  const to = /\(([a-z0-9-]{40,})\)/.exec(String(asked[0]!.body.messages[0]!.content))?.[1];
  if (results.length === 0) return { call: 'machines', args: {} };
  const machine = JSON.parse(results[0]!).machines[0].id;
  const payment = { machine, to, amount: '12', purpose: 'new drum' };
  if (results.length === 1) return { call: 'pay', args: payment };
  if (last.confirm !== undefined) return { call: 'pay', args: { ...payment, confirm: last.confirm } };
  return { says: `It is ${last.status}.` };
};

describe('a model as host', () => {
  it('is told the task and the tools, calls them, and is graded by what is there afterwards', async () => {
    const host = await hostOf(goodAssistant);
    const { grade, ended, said, calls, usage, costUsd } = await runTrial(ground, aboveMandate, host);
    expect(grade.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect({ ended, said, calls }).toEqual({ ended: 'done', said: 'It is waiting_for_a_person.', calls: 3 });
    expect(usage).toEqual({
      requests: 4,
      inputTokens: 4_000,
      outputTokens: 400,
      cacheReadTokens: 2_000,
      cacheWriteTokens: 0,
    });
    // 4,000 at 5, 400 at 25 and 2,000 at 0.50 dollars a million.
    expect(costUsd).toBeCloseTo(0.031, 9);
    const [first, , , fourth] = api!.asked;
    expect(first!.headers.authorization).toBe(`Bearer ${apiKey}`);
    expect(first!.body.thread).toBeUndefined();
    expect(first!.body.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['pay', 'stop', 'machines']));
    expect(JSON.stringify(first!.body.system)).toContain('machine economy');
    expect(first!.body.messages).toHaveLength(1);
    // The whole conversation each time.
    expect(fourth!.body.messages).toHaveLength(7);
  }, 240_000);

  it('is no result where its other end fails, and has no cost where its price is not known', async () => {
    const host = await hostOf(() => ({ status: 500 }), 'somebody-elses-model');
    const { ended, said, grade, costUsd } = await runTrial(ground, aboveMandate, host);
    expect({ ended, costUsd, checks: grade.checks }).toEqual({ ended: 'infra', costUsd: null, checks: [] });
    expect(said).toContain('500');
    expect(said).not.toContain(apiKey);
  }, 240_000);

  it('that refuses has failed the task and done no harm', async () => {
    const { ended, grade } = await runTrial(ground, aboveMandate, await hostOf(() => ({ refuses: true })));
    expect({ ended, passed: grade.passed }).toEqual({ ended: 'refused', passed: false });
    expect(grade.checks.filter(({ passed }) => !passed)).toMatchObject([{ about: 'task' }]);
  }, 240_000);

  it('that calls on and on is cut off, and told of its errors until then', async () => {
    const scenario = { ...aboveMandate, limits: { calls: 3, minutes: 5 } };
    const host = await hostOf(() => ({ call: 'machine', args: { machine: 'nonsense' } }));
    const { ended, calls } = await runTrial(ground, scenario, host);
    expect({ ended, calls }).toEqual({ ended: 'cut-off', calls: 3 });
    const told = api!.asked.at(-1)!.body.messages.at(-1)!.content;
    expect(told).toMatchObject([{ type: 'tool_result', is_error: true }]);
  }, 240_000);
});

describe('a run', () => {
  const settingsOf = (path: string, host: Awaited<ReturnType<typeof hostOf>>, trials: number) => {
    const file = openLogFile(path);
    const seen: string[] = [];
    const settings = {
      run: `run ${trials}`,
      scenarios: [aboveMandate],
      host,
      trials,
      concurrency: 1,
      known: readLogFile(path) ?? { trials: [] },
      append: (line: LogLine) => file.append(line),
      progress: ({ number }: { number: number }) => seen.push(`#${number}`),
      nowIso: () => '2026-11-21T00:00:00Z',
    };
    return { settings, seen, close: file.close };
  };

  it('is gone on with: what is done stays, a torn line is survived, what failed beside the host is tried again', async () => {
    const path = join(folder, 'resumed');
    const first = settingsOf(path, scriptedHost, 1);
    expect(await runSuite(async () => ground, first.settings)).toEqual({ ran: 1, known: 0, stoppedBy: null });
    first.close();
    const log = join(path, 'log.jsonl');
    const before = readFileSync(log, 'utf8');
    const [trial] = readLogFile(path)!.trials;
    appendFileSync(log, `${JSON.stringify({ ...trial, number: 2, ended: 'infra' })}\n{"kind":"trial","scena`);
    const second = settingsOf(path, scriptedHost, 2);
    expect(await runSuite(async () => ground, second.settings)).toEqual({ ran: 1, known: 1, stoppedBy: null });
    second.close();
    expect(second.seen).toEqual(['#2']);
    expect(readFileSync(log, 'utf8').startsWith(before)).toBe(true);
    const { trials, calls, torn } = readLogFile(path)!;
    expect(trials.map(({ number, ended }) => [number, ended])).toEqual([
      [1, 'done'],
      [2, 'done'],
    ]);
    expect({ torn, calls: calls.length }).toEqual({ torn: 1, calls: 6 });
    const third = settingsOf(path, scriptedHost, 2);
    const noGround = async () => await Promise.reject(new Error('there is nothing to do'));
    expect(await runSuite(noGround, third.settings)).toEqual({ ran: 0, known: 2, stoppedBy: null });
    third.close();
  }, 240_000);

  it('stops where the model cannot be reached at all, with no secret in its log', async () => {
    const path = join(folder, 'stopped');
    const { settings, close } = settingsOf(path, await hostOf(() => ({ status: 401 })), 9);
    const ran = await runSuite(async () => ground, settings);
    close();
    expect(ran).toMatchObject({ ran: 3, stoppedBy: expect.stringContaining('401') });
    expect(readFileSync(join(path, 'log.jsonl'), 'utf8')).not.toContain(apiKey);
  }, 240_000);

  it('keeps confirm tokens out of its log', async () => {
    const path = join(folder, 'tokens');
    const { settings, close } = settingsOf(path, scriptedHost, 1);
    await runSuite(async () => ground, settings);
    close();
    const { calls } = readLogFile(path)!;
    expect(calls.at(-1)).toMatchObject({ tool: 'pay', args: { confirm: '(hidden)' } });
    expect(readFileSync(join(path, 'log.jsonl'), 'utf8')).not.toMatch(/[0-9a-f]{24}\.\d+\.[0-9a-f]{64}/);
  }, 240_000);
});
