// Making a canister: an empty one with an id, a balance and settings. Either all of it is there afterwards or nothing.
import { noBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { hashOfMap } from '../codec/hash-of-map.ts';
import { canisterIdOfIndex, canisterIndexOfId, type Principal, principalToText } from '../codec/principal.ts';
import { createReject, type Reject } from '../errors.ts';
import { createPageTable } from '../memory/page-table.ts';
import type { Canister, ConsumedCycles } from '../state/canister.ts';
import { firstCanisterIndex } from '../state/replica-state.ts';
import type { World } from '../state/world.ts';
import { applySettings, checkSettings } from './apply-settings.ts';
import { type ChangeOrigin, recordChange } from './history.ts';
import { canistersPerSubnetMax } from './limits.ts';
import { defaultSettings, type SettingsChange } from './settings.ts';

export interface Creation {
  /** Controller, unless the settings name others. */
  readonly creator: Principal;
  readonly origin: ChangeOrigin;
  /** Null: defaults. */
  readonly settings: SettingsChange | null;
  /** What the canister starts with, the fee included. */
  readonly cycles: bigint;
  readonly fee: bigint;
  /** Null: the next free id. */
  readonly specifiedId: Principal | null;
}

export function createCanister(world: World, creation: Creation): Result<Canister, Reject> {
  const full = refusalOfFullSubnet(world);
  if (full !== null) return refuse(full);
  const id = creation.specifiedId === null ? ok(nextFreeId(world)) : checkSpecifiedId(world, creation.specifiedId);
  if (!id.ok) return id;
  const canister = newCanister(world, id.value, creation);
  if (creation.settings !== null) {
    const checked = checkSettings(world, canister, creation.settings);
    if (!checked.ok) return checked;
    applySettings(canister, checked.value);
  }
  addToState(world, canister, creation);
  return ok(canister);
}

function addToState(world: World, canister: Canister, { settings, origin, specifiedId }: Creation): void {
  const variables = settings?.environmentVariables ?? null;
  recordChange(world, canister, origin, {
    kind: 'creation',
    controllers: [...canister.controllers],
    environmentVariablesHash: variables === null ? null : hashOfVariables(variables),
  });
  world.state.canisters.set(canister.id, canister);
  if (specifiedId === null) world.state.nextCanisterIndex = canisterIndexOfId(canister.id)! + 1n;
}

function hashOfVariables(variables: Canister['settings']['environmentVariables']): Uint8Array {
  return hashOfMap(new Map(variables.map(({ name, value }) => [name, value])));
}

function refusalOfFullSubnet({ state, subnet }: World): Reject | null {
  if (state.canisters.size < canistersPerSubnetMax) return null;
  return createReject(
    'maxNumberOfCanistersReached',
    `Subnet ${principalToText(subnet.subnetId)} has reached the allowed canister limit of ${canistersPerSubnetMax} ` +
      'canisters. Retry creating the canister.',
  );
}

/** Ids only ever go up, so that no id is given out twice; those taken by `specified_id` are passed over. */
function nextFreeId({ state }: World): Principal {
  let index = state.nextCanisterIndex;
  while (isTaken(state, canisterIdOfIndex(index))) index++;
  return canisterIdOfIndex(index);
}

function isTaken({ canisters, retiredIds }: World['state'], id: Principal): boolean {
  return canisters.has(id) || retiredIds.includes(id);
}

/** Of a canister that was deleted. Those that counting up has passed need not be kept: they are known by their number. */
export function retireId(state: World['state'], id: Principal): void {
  if (!wasGivenOut(state, id)) state.retiredIds.push(id);
}

function wasGivenOut({ nextCanisterIndex }: World['state'], id: Principal): boolean {
  const index = canisterIndexOfId(id);
  return index !== null && index >= firstCanisterIndex && index < nextCanisterIndex;
}

function checkSpecifiedId({ state, subnet }: World, id: Principal): Result<Principal, Reject> {
  const name = principalToText(id);
  if (state.canisters.has(id)) {
    return refuse(createReject('canisterAlreadyInstalled', `Canister ${name} is already installed.`));
  }
  if (wasGivenOut(state, id) || isTaken(state, id)) {
    return refuse(createReject('canisterIdAlreadyExists', `The id ${name} was that of a canister that is deleted.`));
  }
  // The specification's is_system_assigned: ids of users and derived ids can never become canisters.
  if (canisterIndexOfId(id) !== null) return ok(id);
  const reason = `Specified CanisterId ${name} is not hosted by subnet ${principalToText(subnet.subnetId)}.`;
  return refuse(createReject('canisterNotHostedBySubnet', `Unsuccessful validation of specified ID: ${reason}`));
}

function newCanister({ state, pool }: World, id: Principal, { creator, cycles, fee }: Creation): Canister {
  return {
    id,
    controllers: [creator],
    settings: defaultSettings(),
    status: { kind: 'running' },
    cycles: cycles - fee,
    reservedCycles: 0n,
    version: 0n,
    createdAtNs: state.timeNs,
    code: null,
    stable: { sizePages: 0, pages: createPageTable(pool) },
    certifiedData: noBytes,
    globalTimerNs: 0n,
    lowMemoryHook: 'notNeeded',
    inbox: [],
    callContexts: new Map(),
    callbacks: new Map(),
    nextCallContextId: 0,
    nextCallbackId: 0,
    history: [],
    totalChanges: 0n,
    logs: [],
    nextLogIndex: 0n,
    chunks: new Map(),
    chargedAtNs: state.timeNs,
    queryStatistics: { calls: 0n, instructions: 0n, requestBytes: 0n, responseBytes: 0n },
    burnedCycles: { ...nothingConsumed, canisterCreation: fee },
  };
}

const nothingConsumed: ConsumedCycles = {
  memory: 0n,
  computeAllocation: 0n,
  ingress: 0n,
  instructions: 0n,
  requestAndResponse: 0n,
  uninstall: 0n,
  burned: 0n,
  canisterCreation: 0n,
  httpOutcalls: 0n,
};
