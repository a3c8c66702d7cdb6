// A deployment is a list of steps that each look whether they are done, and do it when not. So the plan can be shown before
// anything happens, a deployment that was cut off goes on where it stopped, and a second one finds nothing to do.
import { ok, type Result, refuse } from '@tamc/base/result';

export interface Step {
  /** For programs: `ledger/create`. */
  readonly id: string;
  /** For people, in the imperative: `create the canister of the ledger`. After a look it may say more. */
  readonly text: string;
  /** Looks at the network. What cannot be known yet, because an earlier step is open, is not done. */
  isDone(): Promise<Result<boolean, StepProblem>>;
  run(): Promise<Result<void, StepProblem>>;
}

export interface StepProblem {
  readonly message: string;
  readonly nextStep: string;
}

export interface PlannedStep {
  readonly step: Step;
  readonly isDone: boolean;
}

/** One step after the other: what a later one sees may depend on an earlier. */
export async function planSteps(steps: readonly Step[]): Promise<Result<readonly PlannedStep[], StepProblem>> {
  const planned: PlannedStep[] = [];
  for (const step of steps) {
    const isDone = await step.isDone();
    if (!isDone.ok) return refuse(inStep(step, isDone.error));
    planned.push({ step, isDone: isDone.value });
  }
  return ok(planned);
}

export interface StepWatcher {
  started(step: Step): void;
  ended(step: Step): void;
}

/** Does what is open, in order, and stops at the first that fails. What was done stays done. Tells the ids of what it did. */
export async function runSteps(
  steps: readonly Step[],
  watcher: StepWatcher,
): Promise<Result<readonly string[], StepProblem>> {
  const ran: string[] = [];
  for (const step of steps) {
    // Looked at again: an earlier step may have done this one, or made it needed.
    const isDone = await step.isDone();
    if (!isDone.ok) return refuse(inStep(step, isDone.error));
    if (isDone.value) continue;
    watcher.started(step);
    const done = await step.run();
    if (!done.ok) return refuse(inStep(step, done.error));
    watcher.ended(step);
    ran.push(step.id);
  }
  return ok(ran);
}

function inStep({ text }: Step, { message, nextStep }: StepProblem): StepProblem {
  return { message: `Could not ${text}: ${message}`, nextStep };
}
