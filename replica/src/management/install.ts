// install_code and install_chunked_code: the checks before new code runs, and the marks it leaves on the canister.
// Running the entry points and committing, or changing nothing, is the execution layer's part (`World.installCode`).
import { bytesToHex, concatBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { type Principal, principalToText } from '../codec/principal.ts';
import { sha256 } from '../crypto/sha256.ts';
import { createReject, type Reject } from '../errors.ts';
import type { Canister } from '../state/canister.ts';
import type { Request } from '../state/message.ts';
import type { World } from '../state/world.ts';
import type { PreparedModule } from '../wasm/prepared-module.ts';
import { hasAccess } from './access.ts';
import { changeOrigin, recordChange } from './history.ts';
import { chunksInModuleMax } from './limits.ts';
import { updateLowMemoryHook } from './low-memory.ts';
import { type Answer, defineCanisterChange, reject, reply } from './method.ts';
import { chunkStoreError, fromCanister, notController } from './refusals.ts';
import { type InstallMode, installChunkedCodeArgs, installCodeArgs } from './types.ts';

export const installCode = defineCanisterChange({
  name: 'install_code',
  argument: installCodeArgs,
  result: null,
  ingress: true,
  canisters: true,
  access: 'controllers',
  target: (argument) => argument.canister_id,
  apply: ({ world, canister, argument, request }) => install(world, canister, request, argument.wasm_module, argument),
});

export const installChunkedCode = defineCanisterChange({
  name: 'install_chunked_code',
  argument: installChunkedCodeArgs,
  result: null,
  ingress: true,
  canisters: true,
  access: 'controllers',
  target: (argument) => argument.target_canister,
  apply: ({ world, canister, argument, request }) => {
    const store = openStore(world, argument.store_canister ?? canister.id, request.caller);
    if (!store.ok) return reject(store.error);
    const hashes = argument.chunk_hashes_list.map(({ hash }) => hash);
    const module = assemble(store.value, hashes, argument.wasm_module_hash);
    return module.ok ? install(world, canister, request, module.value, argument) : reject(module.error);
  },
});

interface InstallArgument {
  readonly mode: InstallMode;
  readonly arg: Uint8Array;
  readonly sender_canister_version: bigint | null;
}

function install(
  world: World,
  canister: Canister,
  request: Request,
  uploaded: Uint8Array,
  argument: InstallArgument,
): Answer<null> {
  const refusal = refusalOfMode(canister, argument.mode);
  if (refusal !== null) return reject(refusal);
  const module = world.modules.prepare(uploaded);
  if (!module.ok) return reject(invalidModule(canister, module.error));
  const wrongOption = refusalOfPersistence(world, canister, argument.mode, module.value);
  if (wrongOption !== null) return reject(wrongOption);
  const firstNewLog = canister.nextLogIndex;
  const installed = world.installCode(canister, {
    ...toOptions(argument.mode),
    module: module.value,
    arg: argument.arg,
    sender: request.caller,
  });
  if (!installed.ok) return reject(installed.error);
  // Logs live through upgrades only; what the new code has said while it was installed stays.
  if (argument.mode.tag === 'reinstall') canister.logs = canister.logs.filter(({ index }) => index >= firstNewLog);
  recordInstallation(world, canister, request, argument, module.value);
  return reply(null);
}

function recordInstallation(
  world: World,
  canister: Canister,
  request: Request,
  argument: InstallArgument,
  module: PreparedModule,
): void {
  const origin = changeOrigin(request.origin, request.caller, argument.sender_canister_version);
  const moduleHash = module.hash;
  canister.version++;
  recordChange(world, canister, origin, { kind: 'codeDeployment', mode: argument.mode.tag, moduleHash });
  updateLowMemoryHook(world, canister);
}

function toOptions(mode: InstallMode) {
  const options = mode.tag === 'upgrade' ? mode.value : null;
  return {
    mode: mode.tag,
    skipPreUpgrade: options?.skip_pre_upgrade ?? false,
    keepHeap: options?.wasm_memory_persistence?.tag === 'keep',
  };
}

function refusalOfMode(canister: Canister, mode: InstallMode): Reject | null {
  const isEmpty = canister.code === null;
  if (mode.tag === 'install' && !isEmpty) return notEmpty(canister.id);
  if (mode.tag !== 'upgrade' || !isEmpty) return null;
  const text = 'Attempted to upgrade the canister, but the canister contains no Wasm module.';
  return fromCanister('canisterWasmModuleNotFound', canister.id, text);
}

function notEmpty(id: Principal): Reject {
  return createReject(
    'canisterNonEmpty',
    `Canister ${principalToText(id)} cannot be installed because the canister is not empty. ` +
      "Try installing with mode='reinstall' instead.",
  );
}

function invalidModule(canister: Canister, reason: string): Reject {
  return fromCanister('canisterInvalidWasm', canister.id, reason);
}

/** Code that keeps its state in the heap must not lose it because an option was forgotten. */
function refusalOfPersistence(
  world: World,
  { code }: Canister,
  mode: InstallMode,
  module: PreparedModule,
): Reject | null {
  if (mode.tag !== 'upgrade' || code === null) return null;
  const persistence = mode.value?.wasm_memory_persistence ?? null;
  if (persistence === null && keepsStateInHeap(world.modules.get(code.moduleHash))) {
    const text = 'Enhanced orthogonal persistence requires the `wasm_memory_persistence` upgrade option.';
    return createReject('canisterContractViolation', `Missing upgrade option: ${text}`);
  }
  if (persistence?.tag !== 'keep' || keepsStateInHeap(module)) return null;
  const text =
    'The `wasm_memory_persistence: opt Keep` upgrade option requires that the new canister module supports ' +
    'enhanced orthogonal persistence.';
  return createReject('canisterContractViolation', `Invalid upgrade option: ${text}`);
}

function keepsStateInHeap(module: PreparedModule): boolean {
  return module.customSections.some(
    ({ name, visibility }) => visibility === 'private' && name === 'enhanced-orthogonal-persistence',
  );
}

// --- chunks ---------------------------------------------------------------------------------------------------------

function openStore(world: World, id: Principal, caller: Principal): Result<Canister, Reject> {
  const store = world.state.canisters.get(id);
  if (store === undefined)
    return refuse(chunkStoreError('Store canister was not found on the subnet of the target canister'));
  return hasAccess(world, store, caller, 'controllersAndSelf') ? ok(store) : refuse(notController(store, caller));
}

function assemble(store: Canister, hashes: readonly Uint8Array[], moduleHash: Uint8Array): Result<Uint8Array, Reject> {
  if (hashes.length > chunksInModuleMax) {
    return refuse(chunkStoreError(`A module has at most ${chunksInModuleMax} chunks, not ${hashes.length}`));
  }
  const chunks: Uint8Array[] = [];
  for (const hash of hashes) {
    const chunk = store.chunks.get(bytesToHex(hash));
    if (chunk === undefined) return refuse(chunkStoreError(`Chunk hash ${bytesToHex(hash)} was not found`));
    chunks.push(chunk);
  }
  const module = concatBytes(...chunks);
  const actual = bytesToHex(sha256(module));
  if (actual === bytesToHex(moduleHash)) return ok(module);
  return refuse(chunkStoreError(`Wasm module hash ${actual} does not match given hash ${bytesToHex(moduleHash)}`));
}
