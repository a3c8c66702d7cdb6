// One trial: a fresh world, a host, a grade. What a host does wrong is a result; what fails beside it (a model that cannot be
// reached, a fault of ours) is none.
import { type CalledTool, openHands } from './assistant.ts';
import type { Ground } from './ground.ts';
import type { Attempted, Host } from './hosts/host.ts';
import { type Grade, gradeOf, namesInTask, renderTask, type Scenario } from './scenario.ts';
import type { EvalWorld } from './world.ts';

export interface TrialResult extends Attempted {
  readonly grade: Grade;
  readonly calls: number;
  readonly tookMs: number;
}

export async function runTrial(
  ground: Ground,
  scenario: Scenario,
  host: Host,
  onCall: (called: CalledTool) => void = () => {},
): Promise<TrialResult> {
  const world = await ground.open(scenario);
  try {
    const startMs = performance.now();
    let calls = 0;
    const attempted = await attempt(world, scenario, host, (called) => {
      calls++;
      onCall(called);
    });
    const tookMs = Math.round(performance.now() - startMs);
    const grade = attempted.ended === 'infra' ? gradeOf([]) : await scenario.grade(world);
    return { ...attempted, grade, calls, tookMs };
  } finally {
    await world.close();
  }
}

async function attempt(
  world: EvalWorld,
  scenario: Scenario,
  host: Host,
  onCall: (called: CalledTool) => void,
): Promise<Attempted> {
  const given = Object.fromEntries(namesInTask(scenario).map((name) => [name, world.textOf(name)]));
  const { hands, close } = await openHands(world, scenario, onCall);
  const signal = AbortSignal.timeout(scenario.limits.minutes * 60_000);
  try {
    return await host.try({ scenario, task: renderTask(scenario, given), given, hands, signal });
  } finally {
    await close();
  }
}
