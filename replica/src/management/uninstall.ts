// uninstall_code: the canister becomes empty again. Whoever still waits for an answer from it is rejected, and answers
// that come in later only bring back their cycles.
import { noBytes } from '@tamc/base/bytes';
import { rejectInOwnWords } from '../errors.ts';
import type { Canister } from '../state/canister.ts';
import type { World } from '../state/world.ts';
import { changeOrigin, recordChange } from './history.ts';
import { defineCanisterChange, reply } from './method.ts';
import { uninstallCodeArgs } from './types.ts';

export const uninstallCode = defineCanisterChange({
  name: 'uninstall_code',
  argument: uninstallCodeArgs,
  result: null,
  ingress: true,
  canisters: true,
  access: 'controllersAndAdmins',
  target: (argument) => argument.canister_id,
  apply: ({ world, canister, argument, request }) => {
    emptyCanister(world, canister);
    const origin = changeOrigin(request.origin, request.caller, argument.sender_canister_version);
    recordChange(world, canister, origin, { kind: 'codeUninstall' });
    return reply(null);
  },
});

/** Also what happens to a canister that has run out of cycles (that adds no history entry, it drops the history). */
export function emptyCanister(world: World, canister: Canister): void {
  world.dropCode(canister, { stableMemory: true });
  canister.code = null;
  canister.certifiedData = noBytes;
  canister.globalTimerNs = 0n;
  canister.lowMemoryHook = 'notNeeded';
  canister.chunks.clear();
  canister.logs.length = 0;
  canister.version++;
  closeCallContexts(world, canister);
}

function closeCallContexts(world: World, canister: Canister): void {
  const reject = rejectInOwnWords('Canister has been uninstalled.');
  for (const context of canister.callContexts.values()) {
    const { needsToRespond, availableCycles } = context;
    context.deleted = true;
    context.needsToRespond = false;
    context.availableCycles = 0n;
    if (context.openCallbacks === 0) canister.callContexts.delete(context.id);
    if (needsToRespond) world.respond(context.origin, { kind: 'reject', reject }, availableCycles);
  }
}
