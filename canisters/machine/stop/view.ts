// What a reader sees of a stop.
import { hexToPrincipal } from '@tamc/protocol/principal';
import { optionOf } from '../candid.ts';
import type { MachineTables } from '../state.ts';

export function stopToCandid(tables: MachineTables) {
  return optionOf(tables.stop.get()).map(({ reason, by, sinceNs }) => {
    return { reason, by: hexToPrincipal(by), since_ns: sinceNs };
  });
}
