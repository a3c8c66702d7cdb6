// Acts that wait for nothing, a stop first of all, and what keeps a loop of them from holding up the stops of others. While one is under
// way, whoever repeats it shares its answer; what repeats one that was begun lately goes by the limit of all acts.
import type { Result } from '@tamc/base/result';
import { deviceLimits } from '@tamc/protocol/devices';
import { type PrincipalHex, parsePrincipal } from '@tamc/protocol/principal';
import { type Answer, isLost } from './act.ts';
import type { Problem, Urgency } from './tool.ts';

type Outcome = Promise<Result<Answer, Problem>>;

export interface UrgentCalls {
  /** Of one caller. */
  share(urgency: Urgency, call: (isRepetition: boolean) => Outcome): Outcome;
}

/** Whoever releases a machine and has to stop it once more takes about as long. */
export const forgetAfterMs = 60_000;
/** A stop of the machine, and two commands to each of its devices, one of which need not be named. */
export const actsOfMachineMax = 1 + 2 * (deviceLimits.devicesMax + 1);
/** Far more than anybody runs; the oldest are forgotten first. */
const machinesMax = 10_000;

/** Null where no machine is named: nothing can happen then, and there is no hurry to say so. */
export function urgencyOf(machine: unknown, act: string): Urgency | null {
  const id = typeof machine === 'string' ? parsePrincipal(machine.trim()) : null;
  return id === null ? null : { machine: id, act };
}

export function createUrgentCalls(nowMs: () => number): UrgentCalls {
  const underWay = new Map<string, Outcome>();
  /** When which act was begun. */
  const begun = new Map<PrincipalHex, Map<string, number>>();

  function actsOf(machine: PrincipalHex): Map<string, number> {
    const acts = begun.get(machine) ?? new Map<string, number>();
    for (const [act, atMs] of acts) if (nowMs() - atMs >= forgetAfterMs) acts.delete(act);
    begun.delete(machine);
    begun.set(machine, acts);
    const [oldest] = begun.keys();
    if (begun.size > machinesMax && oldest !== undefined) begun.delete(oldest);
    return acts;
  }

  async function run({ machine, act }: Urgency, call: (isRepetition: boolean) => Outcome): Outcome {
    const acts = actsOf(machine);
    if (acts.has(act) || acts.size >= actsOfMachineMax) return await call(true);
    acts.set(act, nowMs());
    let isAnswered = false;
    try {
      const found = await call(false);
      isAnswered = found.ok || !isLost(found.error);
      return found;
    } finally {
      // Whether it was done is not known: it may be tried again at once.
      if (!isAnswered) acts.delete(act);
    }
  }

  return {
    share: (urgency, call) => {
      const key = `${urgency.machine} ${urgency.act}`;
      const known = underWay.get(key);
      if (known !== undefined) return known;
      const outcome = run(urgency, call).finally(() => underWay.delete(key));
      underWay.set(key, outcome);
      return outcome;
    },
  };
}
