// The canister history: every change of code or controllers, who made it, and at which canister version.
import type { Principal } from '../codec/principal.ts';
import type { Canister, ChangeDetails, ChangeRecord } from '../state/canister.ts';
import type { Origin } from '../state/message.ts';
import type { World } from '../state/world.ts';
import { historyLengthMax } from './limits.ts';

export type ChangeOrigin = ChangeRecord['origin'];

/** `change_origin` of the specification. */
export function changeOrigin(origin: Origin, caller: Principal, senderVersion: bigint | null): ChangeOrigin {
  if (origin.kind === 'user') return { kind: 'user', userId: caller };
  return { kind: 'canister', canisterId: caller, canisterVersion: senderVersion };
}

/** To be called after the canister's version has risen: the entry tells the version after the change. */
export function recordChange(world: World, canister: Canister, origin: ChangeOrigin, details: ChangeDetails): void {
  canister.history.push({
    timestampNs: world.state.timeNs,
    canisterVersion: canister.version,
    origin,
    details,
  });
  canister.totalChanges++;
  if (canister.history.length > historyLengthMax) canister.history.shift();
}
