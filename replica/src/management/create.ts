// create_canister (paid with the cycles of the call) and provisional_create_canister_with_cycles (cycles from nowhere,
// as development networks offer it).
import { ok, type Result } from '@tamc/base/result';
import { canisterCreationFee } from '../cycles/fees.ts';
import { createReject, type Reject } from '../errors.ts';
import type { Canister } from '../state/canister.ts';
import type { World } from '../state/world.ts';
import { adminsOf, isAdmin } from './access.ts';
import { type Creation, createCanister } from './create-canister.ts';
import { changeOrigin } from './history.ts';
import { nat128Max, provisionalCyclesDefault } from './limits.ts';
import { type Answer, defineSubnetChange, reject, reply } from './method.ts';
import { onlyForAdmins, onlyForCanisters } from './refusals.ts';
import { parseSettings, type SettingsChange } from './settings.ts';
import {
  canisterIdRecord,
  createCanisterArgs,
  provisionalCreateCanisterWithCyclesArgs,
  type SettingsArgument,
} from './types.ts';

export const create = defineSubnetChange({
  name: 'create_canister',
  argument: createCanisterArgs,
  result: canisterIdRecord,
  ingress: true,
  canisters: true,
  // Canisters of the subnet always may; of users only subnet admins.
  refusal: (world, caller, user) => {
    if (!user || isAdmin(world, caller)) return null;
    return adminsOf(world).length === 0
      ? onlyForCanisters('create_canister')
      : onlyForAdmins(caller, 'create_canister');
  },
  apply: ({ world, argument, request }) => {
    const fee = creationFee(world);
    if (request.cycles < fee) return reject(tooFewCycles(fee, request.cycles));
    return createWith(world, argument.settings, request.cycles, {
      creator: request.caller,
      origin: changeOrigin(request.origin, request.caller, argument.sender_canister_version),
      cycles: request.cycles,
      fee,
      specifiedId: null,
    });
  },
});

export const provisionalCreate = defineSubnetChange({
  name: 'provisional_create_canister_with_cycles',
  argument: provisionalCreateCanisterWithCyclesArgs,
  result: canisterIdRecord,
  ingress: true,
  canisters: true,
  refusal: () => null,
  apply: ({ world, argument, request }) => {
    const cycles = argument.amount ?? provisionalCyclesDefault;
    if (cycles > nat128Max) return reject(tooManyCycles(cycles));
    return createWith(world, argument.settings, 0n, {
      creator: request.caller,
      origin: changeOrigin(request.origin, request.caller, argument.sender_canister_version),
      cycles,
      fee: 0n,
      specifiedId: argument.specified_id,
    });
  },
});

function createWith(
  world: World,
  settings: SettingsArgument | null,
  accepted: bigint,
  creation: Omit<Creation, 'settings'>,
): Answer<{ canister_id: Canister['id'] }> {
  const parsed = parseOptional(settings);
  if (!parsed.ok) return reject(parsed.error);
  const created = createCanister(world, { ...creation, settings: parsed.value });
  if (!created.ok) return reject(created.error);
  return reply({ canister_id: created.value.id }, accepted, created.value.id);
}

function parseOptional(settings: SettingsArgument | null): Result<SettingsChange | null, Reject> {
  return settings === null ? ok(null) : parseSettings(settings);
}

/** Subnets with admins are paid for otherwise (specification, create_canister). */
function creationFee(world: World): bigint {
  return adminsOf(world).length > 0 ? 0n : canisterCreationFee(world.subnet);
}

function tooFewCycles(fee: bigint, sent: bigint): Reject {
  return createReject(
    'insufficientCyclesForCreateCanister',
    `Creating a canister requires a fee of ${fee} that is deducted from the canister's initial balance but only ` +
      `${sent} cycles were received with the create_canister request.`,
  );
}

export function tooManyCycles(amount: bigint): Reject {
  return createReject('invalidManagementPayload', `Balances have 128 bits; ${amount} cycles do not fit.`);
}
