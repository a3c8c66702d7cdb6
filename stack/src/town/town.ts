// The simulated town on any network of ours: it settles once, then lives, look after look. It keeps nothing that it would need: who
// stops it or kills it starts it again with the same seed, and it goes on where it was.
import { ok, type Result } from '@tamc/base/result';
import type { CallError } from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Happening } from './happening.ts';
import { tickTown } from './live.ts';
import { openTown, type TownOptions } from './people.ts';
import { settleTown } from './settle.ts';

export interface Town {
  /** Machines born, devices enrolled, prices set, customers funded: what of it is not done yet. Tells machines by name. */
  settle(): Promise<Result<ReadonlyMap<string, PrincipalHex>, CallError>>;
  /** Everybody looks at the world once and acts. */
  tick(): Promise<Result<readonly Happening[], CallError>>;
  /** Waits, or moves time, to the next moment of the town's grid. */
  untilNextTick(signal?: AbortSignal): Promise<void>;
  /** Settles, then ticks until the signal comes. What cannot be reached is tried again. */
  live(signal: AbortSignal, watch?: (happening: Happening) => void): Promise<Result<null, CallError>>;
}

export function createTown(options: TownOptions): Town {
  const town = openTown(options);
  let machines: ReadonlyMap<string, PrincipalHex> | null = null;
  const { network, pace } = town;
  const self: Town = {
    settle: async () => {
      const settled = await settleTown(town);
      if (settled.ok) machines = settled.value;
      return settled;
    },
    tick: async () => {
      if (machines === null) {
        const settled = await self.settle();
        if (!settled.ok) return settled;
      }
      return ok(await tickTown(town, machines ?? new Map()));
    },
    untilNextTick: async (signal) => {
      const nowNs = network.nowNs();
      await network.pass(pace.tickNs - (nowNs % pace.tickNs), signal);
    },
    live: async (signal, watch = () => {}) => {
      while (!signal.aborted) {
        const happened = await self.tick();
        if (happened.ok) for (const happening of happened.value) watch(happening);
        else if (isPassing(happened.error)) watch({ kind: 'refused', who: 'town', error: happened.error });
        else return happened;
        await self.untilNextTick(signal);
      }
      return ok(null);
    },
  };
  return self;
}

/**
 * The network is away or starts again: nothing is wrong with the town. What cannot be trusted is not acted upon, and one that
 * dies in the middle of an answer looks like that too.
 */
function isPassing({ kind }: CallError): boolean {
  return kind === 'unreachable' || kind === 'unknown' || kind === 'untrusted';
}
