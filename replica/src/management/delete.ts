// delete_canister: for good, with everything it holds. Its cycles are gone and count as consumed.
import { principalToText } from '../codec/principal.ts';
import { createReject, type Reject } from '../errors.ts';
import type { Canister } from '../state/canister.ts';
import { retireId } from './create-canister.ts';
import { defineCanisterChange, reject, reply } from './method.ts';
import { consumedTotal } from './metrics.ts';
import { canisterIdRecord } from './types.ts';

export const deleteCanister = defineCanisterChange({
  name: 'delete_canister',
  argument: canisterIdRecord,
  result: null,
  ingress: true,
  canisters: true,
  access: 'controllersAndAdmins',
  target: (argument) => argument.canister_id,
  apply: ({ world, canister, request }) => {
    const refusal = refusalOfDeletion(canister, request.caller === canister.id);
    if (refusal !== null) return reject(refusal);
    world.dropCode(canister, { stableMemory: true });
    world.state.canisters.delete(canister.id);
    retireId(world.state, canister.id);
    world.state.consumedByDeleted += consumedTotal(canister) + canister.cycles + canister.reservedCycles;
    return reply(null);
  },
});

function refusalOfDeletion(canister: Canister, byItself: boolean): Reject | null {
  const id = principalToText(canister.id);
  if (byItself) return createReject('canisterInvalidController', `Canister ${id} cannot delete itself.`);
  if (canister.status.kind !== 'stopped') {
    return createReject('canisterNotStopped', `Canister ${id} must be stopped before it is deleted.`);
  }
  if (canister.inbox.length === 0) return null;
  return createReject(
    'canisterQueueNotEmpty',
    `Canister ${id} has messages in its queues and cannot be deleted now. Please retry after some time.`,
  );
}
