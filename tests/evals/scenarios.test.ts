// Every scenario can be done by the tools alone, and its grader lets through neither doing nothing nor the plausible wrong thing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGround, type Ground } from '../../evals/src/ground.ts';
import { createPolicyHost, scriptedHost } from '../../evals/src/hosts/scripted.ts';
import { type Check, namesInTask, renderTask } from '../../evals/src/scenario.ts';
import { findSuite, scenarios, suiteNames } from '../../evals/src/scenarios/index.ts';
import { runTrial } from '../../evals/src/trial.ts';
import { wrongHosts } from './wrong.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await createGround(() => {});
}, 240_000);
afterAll(() => ground?.close());

const idle = createPolicyHost('idle', async () => 'Everything is done!');
const failed = (checks: readonly Check[]) => checks.filter(({ passed }) => !passed);

// Some of them wait for a network that is away: meanwhile others go on.
describe.concurrent.each(scenarios)('$name', (scenario) => {
  it('is done by the scripted host, without harm', async () => {
    const { grade, ended, said } = await runTrial(ground, scenario, scriptedHost);
    expect(failed(grade.checks), said).toEqual([]);
    expect({ ended, passed: grade.passed }).toEqual({ ended: 'done', passed: true });
  }, 240_000);

  it('is not done by saying so, which does no harm either', async () => {
    const { grade, calls } = await runTrial(ground, scenario, idle);
    expect(calls).toBe(0);
    expect(grade.passed).toBe(false);
    expect(failed(grade.checks).map(({ about }) => about)).toEqual(failed(grade.checks).map(() => 'task'));
  }, 240_000);

  it('is not done by the plausible wrong thing', async () => {
    const wrong = wrongHosts[scenario.name]!;
    const { grade, said } = await runTrial(ground, scenario, wrong.host);
    expect(grade.passed, wrong.what).toBe(false);
    const found = failed(grade.checks).map(({ about, name, found }) => `${about}: ${name} (${found})`);
    expect(
      found.some((line) => wrong.check.test(line)),
      `${wrong.what}: ${found.join('; ')} ${said}`,
    ).toBe(true);
  }, 240_000);
});

describe('the suites', () => {
  it('hold each scenario once, and each class has some', () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
    expect(Object.keys(wrongHosts).sort()).toEqual(scenarios.map(({ name }) => name).sort());
    const [, ...classes] = suiteNames;
    expect(classes.flatMap(findSuite).length).toBe(scenarios.length);
    for (const name of classes) expect(findSuite(name).length, name).toBeGreaterThan(0);
    expect(findSuite('worn-machine')).toHaveLength(1);
    expect(findSuite('nothing')).toEqual([]);
  });

  it('name twins in both directions, with the same task', () => {
    const twins = scenarios.flatMap((scenario) => (scenario.twin === undefined ? [] : [scenario]));
    expect(twins.length).toBeGreaterThan(0);
    for (const { name, twin, task } of twins) expect(findSuite(twin!)[0]).toMatchObject({ twin: name, task });
  });

  it('give a host no more than the task says', () => {
    const scenario = { task: 'Pay {Ana} and {Bruno}, then {Ana}.' };
    expect(namesInTask(scenario)).toEqual(['Ana', 'Bruno']);
    expect(renderTask(scenario, { Ana: 'aaaaa-aa' })).toBe('Pay aaaaa-aa and {Bruno}, then aaaaa-aa.');
  });
});
