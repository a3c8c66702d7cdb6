// Test double of the world that the management canister acts in: modules are described in JSON instead of compiled,
// installing them runs nothing, and answers are collected instead of routed.
import { assert } from '@tamc/base/assert';
import { bytesToHex, concatBytes, noBytes, parseText, textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { canisterIdOfIndex, type Principal, parsePrincipalHex } from '../codec/principal.ts';
import { sha256 } from '../crypto/sha256.ts';
import { createReject, type Reject } from '../errors.ts';
import type { SubnetFacts } from '../execution/execution.ts';
import { createPagePool } from '../memory/page-pool.ts';
import { createPageTable } from '../memory/page-table.ts';
import type { Canister } from '../state/canister.ts';
import type { Origin, Payload, Request } from '../state/message.ts';
import type { Installation, World } from '../state/world.ts';
import type { CustomSection, PreparedModule } from '../wasm/prepared-module.ts';

export interface Answered {
  readonly origin: Origin;
  readonly payload: Payload;
  readonly refund: bigint;
}

export interface WorldDouble extends World {
  readonly answered: Answered[];
  readonly installations: Installation[];
}

/** What a described module has. `trap`: installing it fails with this text. */
export interface ModuleDescription {
  readonly sections?: readonly {
    readonly name: string;
    readonly visibility: 'public' | 'private';
    readonly text: string;
  }[];
  readonly heapPages?: number;
  readonly trap?: string;
  readonly log?: string;
}

const wasmMagic = Uint8Array.of(0x00, 0x61, 0x73, 0x6d);

export function describeModule(description: ModuleDescription): Uint8Array {
  return concatBytes(wasmMagic, textToBytes(JSON.stringify(description)));
}

export const alice = principalOf('aa02');
export const bob = principalOf('bb02');
export const subnetId = principalOf('dd02');
export const admin = principalOf('ad02');

export function principalOf(hex: string): Principal {
  const principal = parsePrincipalHex(hex);
  assert(principal !== null, `not a principal: ${hex}`);
  return principal;
}

const genesisNs = 1_700_000_000_000_000_000n;

export function createWorldDouble(subnet: Partial<SubnetFacts> = {}): WorldDouble {
  const modules = new Map<string, { module: PreparedModule; description: ModuleDescription }>();
  const answered: Answered[] = [];
  const installations: Installation[] = [];
  const pool = createPagePool();
  const world: WorldDouble = {
    answered,
    installations,
    pool,
    state: {
      round: 7,
      timeNs: genesisNs,
      heartbeatAtNs: 0n,
      storageChargedAtNs: 0n,
      seed: new Uint8Array(32),
      randomCalls: 0n,
      nextCanisterIndex: 0n,
      retiredIds: [],
      canisters: new Map(),
      requests: new Map(),
      nextRequestSequence: 0,
      updateTransactions: 5n,
      consumedByDeleted: 0n,
    },
    subnet: { subnetId, nodeCount: 13, costSchedule: 'normal', rootKey: noBytes, ...subnet },
    limits: { update: 0n, query: 0n, install: 0n, inspect: 0n, queryGraph: 0n, round: 0n },
    modules: {
      prepare: (uploaded) => prepare(modules, uploaded),
      get: (hash) => modules.get(hash)!.module,
      uploadedBytes: (hash) => modules.get(hash)!.module.uploadedBytes,
      model: () => null,
      setModel: () => undefined,
    },
    drawRandom: () => sha256(`random ${world.state.randomCalls++}`),
    respond: (origin, payload, refund) => answered.push({ origin, payload, refund }),
    installCode: (canister, installation) => {
      installations.push(installation);
      return adopt(world, canister, installation, modules.get(installation.module.key)!.description);
    },
    dropCode: (canister, { stableMemory }) => {
      canister.code = null;
      if (stableMemory) canister.stable = { sizePages: 0, pages: createPageTable(pool) };
    },
  };
  return world;
}

function prepare(
  modules: Map<string, { module: PreparedModule; description: ModuleDescription }>,
  uploaded: Uint8Array,
): Result<PreparedModule, string> {
  const text = parseText(uploaded.subarray(wasmMagic.length));
  if (text === null || bytesToHex(uploaded.subarray(0, 4)) !== bytesToHex(wasmMagic))
    return refuse("Canister's Wasm module is not valid: no Wasm magic");
  const description: ModuleDescription = JSON.parse(text);
  const module = toModule(uploaded, description);
  modules.set(module.key, { module, description });
  return ok(module);
}

function toModule(uploaded: Uint8Array, { sections }: ModuleDescription): PreparedModule {
  const hash = sha256(uploaded);
  const customSections = (sections ?? []).map(({ name, visibility, text }): CustomSection => {
    return { name, visibility, content: textToBytes(text) };
  });
  return {
    hash,
    key: bytesToHex(hash),
    uploadedBytes: uploaded.length,
    customSections,
    mutableGlobals: [],
    width: 32,
    rewritten: uploaded,
    compile: () => assert(false, 'the double compiles nothing') as never,
    memory: null,
    methods: new Map(),
    exports: {
      init: false,
      inspectMessage: false,
      preUpgrade: false,
      postUpgrade: false,
      heartbeat: false,
      onLowWasmMemory: false,
      globalTimer: false,
    },
    hasStart: false,
    hasTable: false,
    activeData: [],
    importedFunctions: [],
    statistics: { functions: 0, instructions: 0, codeBytes: 0 },
  };
}

function adopt(
  world: World,
  canister: Canister,
  { module }: Installation,
  { trap, log, heapPages }: ModuleDescription,
): Result<void, Reject> {
  if (trap !== undefined) return refuse(createReject('canisterCalledTrap', trap));
  const { timeNs } = world.state;
  if (log !== undefined) {
    canister.logs.push({ index: canister.nextLogIndex++, timestampNs: timeNs, content: textToBytes(log) });
  }
  const pages = createPageTable(world.pool);
  const heap = { sizePages: heapPages ?? 1, pages, globals: [], tables: null, droppedSegments: null };
  canister.code = { moduleHash: module.key, installedAtNs: timeNs, heap };
  return ok(undefined);
}

// --- requests -------------------------------------------------------------------------------------------------------

export function userOrigin(sender: Principal): Origin {
  return { kind: 'user', requestId: '0'.repeat(64), sender };
}

export function canisterOrigin(canisterId: Principal, callbackId = 0): Origin {
  return { kind: 'canister', canisterId, callbackId, deadlineNs: 0n };
}

export function fromUser(caller: Principal, method: string, arg: Uint8Array): Request {
  const origin = userOrigin(caller);
  return { ...common, origin, caller, method, arg, cycles: 0n, senderVersion: null };
}

export function fromCanister(
  caller: Principal,
  method: string,
  arg: Uint8Array,
  more: { readonly cycles?: bigint; readonly senderVersion?: bigint } = {},
): Request {
  const { cycles = 0n, senderVersion = 0n } = more;
  return { ...common, origin: canisterOrigin(caller), caller, method, arg, cycles, senderVersion };
}

const common = { kind: 'request', callee: principalOf(''), senderInfo: null } as const;

/** An id that no canister has. */
export const nobodysId = canisterIdOfIndex(0xffff_ffffn);
