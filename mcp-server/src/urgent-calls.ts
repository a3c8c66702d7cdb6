// Acts that wait for nothing, a stop first of all, and what keeps a loop of them from holding up the stops of others. While one is under
// way, whoever repeats it shares its answer; what repeats one that was begun lately goes by the limit of all acts, and so do commands to
// more devices than a machine can have. Those never use up the place of what is for the whole machine.
import type { Result } from '@tamc/base/result';
import { deviceLimits } from '@tamc/protocol/devices';
import { parsePrincipal } from '@tamc/protocol/principal';
import type { Answer } from './act.ts';
import { isLost } from './lost.ts';
import type { Problem, Urgency } from './tool.ts';

type Outcome = Promise<Result<Answer, Problem>>;

export interface UrgentCalls {
  /** Of one caller. */
  share(urgency: Urgency, call: (turn: Turn) => Outcome): Outcome;
}

/** `urgent`: it waits for nothing. Else why the limit holds for it too: it was begun lately, or too many devices were named. */
export type Turn = 'urgent' | 'again' | 'crowded';

/** Whoever releases a machine and has to stop it once more takes about as long. */
export const forgetAfterMs = 60_000;
/** Two commands to each of its devices. Whether there is such a device only the machine can tell. */
export const actsOnDevicesMax = 2 * deviceLimits.devicesMax;
/** Two of each machine, and far more machines than anybody runs; the oldest are forgotten first. */
const placesMax = 20_000;

/** Null where no machine is named: nothing can happen then, and there is no hurry to say so. */
export function urgencyOf(machine: unknown, act: string, device?: number): Urgency | null {
  const id = typeof machine === 'string' ? parsePrincipal(machine.trim()) : null;
  if (id === null) return null;
  return device === undefined ? { machine: id, act } : { machine: id, act, device };
}

export function createUrgentCalls(nowMs: () => number): UrgentCalls {
  const underWay = new Map<string, Outcome>();
  /** When which act was begun, of a machine as a whole and of its devices apart. */
  const begun = new Map<string, Map<string, number>>();

  function actsAt(place: string): Map<string, number> {
    const acts = begun.get(place) ?? new Map<string, number>();
    for (const [act, atMs] of acts) if (nowMs() - atMs >= forgetAfterMs) acts.delete(act);
    begun.delete(place);
    begun.set(place, acts);
    const [oldest] = begun.keys();
    if (begun.size > placesMax && oldest !== undefined) begun.delete(oldest);
    return acts;
  }

  async function run(urgency: Urgency, call: (turn: Turn) => Outcome): Outcome {
    const acts = actsAt(placeOf(urgency));
    const act = nameOf(urgency);
    if (acts.has(act)) return await call('again');
    if (urgency.device !== undefined && acts.size >= actsOnDevicesMax) return await call('crowded');
    acts.set(act, nowMs());
    let isAnswered = false;
    try {
      const found = await call('urgent');
      isAnswered = found.ok || !isLost(found.error);
      return found;
    } finally {
      // Whether it was done is not known: it may be tried again at once.
      if (!isAnswered) acts.delete(act);
    }
  }

  return {
    share: (urgency, call) => {
      const key = `${placeOf(urgency)} ${nameOf(urgency)}`;
      const known = underWay.get(key);
      if (known !== undefined) return known;
      const outcome = run(urgency, call).finally(() => underWay.delete(key));
      underWay.set(key, outcome);
      return outcome;
    },
  };
}

const placeOf = ({ machine, device }: Urgency) => (device === undefined ? machine : `${machine} devices`);
const nameOf = ({ act, device }: Urgency) => (device === undefined ? act : `${act} ${device}`);
