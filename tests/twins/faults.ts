// What goes wrong with a neighbour: stopped, it rejects for good; out of cycles, it rejects for now, and calls are tried again.
import type { Replica } from '@tamc/replica';
import { manage, reply, updateSettings } from '../harness/canisters.ts';

/** Seconds that no balance lasts for. */
const tooLong = 10n ** 15n;

export interface Neighbour {
  isWell(): boolean;
  stop(): Promise<void>;
  freeze(): Promise<void>;
  heal(): Promise<void>;
}

export function createNeighbour(replica: Replica, canister: string): Neighbour {
  let isWell = true;
  return {
    isWell: () => isWell,
    stop: async () => {
      isWell = false;
      // Its answer comes when nothing is open any more; when it is started before, that is a reject.
      void manage(replica, 'stop_canister', canister);
      await replica.time.tick();
    },
    freeze: async () => {
      isWell = false;
      await reply(updateSettings(replica, canister, { freezing_threshold: tooLong }));
    },
    heal: async () => {
      isWell = true;
      await reply(updateSettings(replica, canister, { freezing_threshold: 0n }));
      await reply(manage(replica, 'start_canister', canister));
    },
  };
}
