// The step that looks whether a canister has the cycles that its code needs. Where cycles are given away it is filled up; where they
// are bought, what is missing is said before anything else is done.
import { ok, type Result, refuse } from '@tamc/base/result';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { CanisterPlan, Deployer } from './canister-steps.ts';
import { canisterCyclesFloor } from './configuration-limits.ts';
import type { Step, StepProblem } from './steps.ts';

export function cyclesStep(
  { management, remembered, cyclesAre }: Deployer,
  { name, cycles, cyclesMin }: CanisterPlan,
  hasCode: () => Promise<Result<boolean, StepProblem>>,
): Step {
  return {
    id: `${name}/cycles`,
    text: `see that the ${name} has the cycles that it needs`,
    isDone: async () => {
      const id = remembered.idOf(name);
      if (id === null) return ok(false);
      if (cyclesAre === 'none') return ok(true);
      const held = await management.cyclesOf(id);
      if (!held.ok) return held;
      if (cyclesAre === 'given') return ok(held.value >= cyclesMin);
      const current = await hasCode();
      if (!current.ok) return current;
      return current.value || held.value >= canisterCyclesFloor ? ok(true) : refuse(tooFew(name, id, held.value));
    },
    run: async () => {
      const id = remembered.idOf(name);
      if (id === null) return refuse({ message: 'it was not created', nextStep: 'Deploy again.' });
      const held = await management.cyclesOf(id);
      return held.ok ? await management.topUp(id, cycles - held.value) : held;
    },
  };
}

function tooFew(name: string, id: PrincipalHex, cycles: bigint): StepProblem {
  return {
    message: `it holds ${cycles} cycles, and no code is installed or upgraded with less than ${canisterCyclesFloor}`,
    nextStep: `Send cycles to ${principalToText(id)} (the ${name}), then deploy again.`,
  };
}
