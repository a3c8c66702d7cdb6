// Installing, reinstalling and upgrading code. All entry points run on a draft of the canister; the draft takes the
// canister's place only when every one of them has returned.
import { noBytes } from '@tamc/base/bytes';
import { principalToText } from '../codec/principal.ts';
import { outOfCyclesText, subtractCycles } from '../cycles/balance.ts';
import { executionFee } from '../cycles/fees.ts';
import { allocatedBytes } from '../cycles/freezing.ts';
import { storageReservation } from '../cycles/reservation.ts';
import { memoryBytes } from '../cycles/storage.ts';
import { createReject, type Reject } from '../errors.ts';
import { clearPageTable, copyPageTable, createPageTable, sharePages } from '../memory/page-table.ts';
import { writeBytes } from '../memory/write-bytes.ts';
import type { Canister, HeapImage } from '../state/canister.ts';
import type { Installation, World } from '../state/world.ts';
import { exportNames } from '../wasm/contract.ts';
import type { PreparedModule } from '../wasm/prepared-module.ts';
import { freezingThresholdOf, metricsOf, otherCanistersBytes } from './accounting.ts';
import type { Engine } from './engine.ts';
import { trapToReject } from './outcome.ts';

export interface InstallReport {
  /** Why nothing but the fee was changed. */
  readonly refusal: Reject | null;
  readonly instructions: bigint;
  /** Kept also when it was refused: developers look there for what went wrong. */
  readonly logs: Uint8Array[];
  readonly logsDropped: number;
}

export function installCode(
  world: World,
  engine: Engine,
  canister: Canister,
  installation: Installation,
): InstallReport {
  const prepaid = refusalOfInstallCost(world, canister, installation.module);
  if (prepaid !== null) return { refusal: prepaid, instructions: 0n, logs: [], logsDropped: 0 };
  const stages: Stages = {
    world,
    engine,
    installation,
    left: world.limits.install,
    logs: [],
    logsDropped: 0,
    cyclesBurned: 0n,
  };
  const draft = draftOf(canister, installation);
  const trap = runStages(stages, canister, draft);
  const instructions = world.limits.install - stages.left;
  const fee = executionFee(world.subnet, installation.module.width, instructions);
  canister.burnedCycles.instructions += fee;
  canister.cycles = subtractCycles(canister.cycles, fee);
  const refusal = trap ?? settleInstallation(stages, canister, draft);
  if (refusal !== null) dropDraft(engine, canister, draft);
  return { refusal, instructions, logs: stages.logs, logsDropped: stages.logsDropped };
}

function settleInstallation(stages: Stages, canister: Canister, draft: Canister): Reject | null {
  const { world, engine, cyclesBurned } = stages;
  const balance = subtractCycles(canister.cycles, cyclesBurned);
  const reserved = reservationOf(world, canister, draft);
  const refusal = refusalOfMemory(world, canister, draft, balance, reserved);
  if (refusal !== null) return refusal;
  adopt(world, engine, canister, draft);
  canister.cycles = balance - reserved;
  canister.reservedCycles += reserved;
  canister.burnedCycles.burned += cyclesBurned;
  return null;
}

function refusalOfInstallCost(world: World, canister: Canister, module: PreparedModule): Reject | null {
  const requested = executionFee(world.subnet, module.width, world.limits.install);
  const threshold = freezingThresholdOf(world, canister);
  if (canister.cycles >= requested + threshold) return null;
  const text = outOfCyclesText(
    principalToText(canister.id),
    { available: canister.cycles, requested, threshold },
    true,
  );
  return createReject('canisterOutOfCycles', `Canister installation failed with \`${text}\`.`);
}

/** Storage that is set aside for what the canister now holds more than before. */
function reservationOf(world: World, canister: Canister, draft: Canister): bigint {
  const { memoryAllocation } = draft.settings;
  const before = allocatedBytes(memoryAllocation, memoryBytes(metricsOf(world, canister)));
  const growth = allocatedBytes(memoryAllocation, memoryBytes(metricsOf(world, draft))) - before;
  if (growth <= 0n) return 0n;
  return storageReservation(world.subnet, otherCanistersBytes(world.state, canister) + before, growth);
}

/** The canister must be able to pay for what it now holds, and stay within its own limits. */
function refusalOfMemory(
  world: World,
  canister: Canister,
  draft: Canister,
  balance: bigint,
  reserved: bigint,
): Reject | null {
  const { wasmMemoryLimit, reservedCyclesLimit } = draft.settings;
  const heapBytes = BigInt(draft.code!.heap.sizePages) * 65_536n;
  if (wasmMemoryLimit > 0n && heapBytes > wasmMemoryLimit) {
    const text = `Canister's heap of ${heapBytes} bytes would be above its Wasm memory limit of ${wasmMemoryLimit} bytes.`;
    return createReject('canisterWasmMemoryLimitExceeded', text);
  }
  const grown = memoryBytes(metricsOf(world, draft)) - memoryBytes(metricsOf(world, canister));
  if (reserved > 0n && canister.reservedCycles + reserved > reservedCyclesLimit) {
    const text = `Canister cannot grow memory by ${grown} bytes due to its reserved cycles limit.`;
    return createReject('reservedCyclesLimitExceededInMemoryGrow', text);
  }
  const missing = freezingThresholdOf(world, draft) + reserved - balance;
  if (grown <= 0n || missing <= 0n) return null;
  const text = `Canister cannot grow memory by ${grown} bytes due to insufficient cycles. At least ${missing} additional cycles are required.`;
  return createReject('insufficientCyclesInMemoryGrow', text);
}

interface Stages {
  readonly world: World;
  readonly engine: Engine;
  readonly installation: Installation;
  /** Instructions left for all stages together. */
  left: bigint;
  readonly logs: Uint8Array[];
  logsDropped: number;
  cyclesBurned: bigint;
}

/** The canister with its old code, its stable memory copied so that nothing of the original is touched. */
function draftOf(canister: Canister, installation: Installation): Canister {
  const stable =
    installation.mode === 'upgrade'
      ? { sizePages: canister.stable.sizePages, pages: copyPageTable(canister.stable.pages) }
      : { sizePages: 0, pages: createPageTable(canister.stable.pages.pool) };
  const certifiedData = installation.mode === 'upgrade' ? canister.certifiedData : noBytes;
  return { ...canister, stable, certifiedData };
}

function runStages(stages: Stages, canister: Canister, draft: Canister): Reject | null {
  const { installation, world } = stages;
  const { module, mode } = installation;
  if (mode === 'upgrade' && !installation.skipPreUpgrade) {
    const failed = runPreUpgrade(stages, canister, draft);
    if (failed !== null) return failed;
  }
  const heap = createHeap(world, module, mode === 'upgrade' && installation.keepHeap ? draft.code!.heap : null);
  if ('refusal' in heap) return heap.refusal;
  if (draft.code !== canister.code) dropHeap(stages.engine, draft.code!.heap);
  draft.code = { moduleHash: module.key, installedAtNs: world.state.timeNs, heap };
  draft.globalTimerNs = 0n;
  draft.version = canister.version + 1n;
  const entry = mode === 'upgrade' ? 'canister_post_upgrade' : 'canister_init';
  const started = module.hasStart ? runStage(stages, draft, 's', exportNames.start, noBytes) : null;
  if (started !== null) return started;
  const defined = mode === 'upgrade' ? module.exports.postUpgrade : module.exports.init;
  return defined ? runStage(stages, draft, 'I', entry, installation.arg) : null;
}

/** Runs on a copy of the old heap: what it writes to stable memory is kept, the heap only where the upgrade keeps it. */
function runPreUpgrade(stages: Stages, canister: Canister, draft: Canister): Reject | null {
  const old = canister.code!;
  if (!stages.world.modules.get(old.moduleHash).exports.preUpgrade) return null;
  draft.code = { ...old, heap: { ...old.heap, pages: copyPageTable(old.heap.pages), globals: [...old.heap.globals] } };
  return runStage(stages, draft, 'G', 'canister_pre_upgrade', noBytes);
}

function runStage(
  stages: Stages,
  draft: Canister,
  entryPoint: 'I' | 'G' | 's',
  name: string,
  arg: Uint8Array,
): Reject | null {
  const outcome = stages.engine.execute({
    canister: draft,
    entryPoint,
    target: { kind: 'export', name },
    limit: stages.left,
    caller: stages.installation.sender,
    arg,
    keep: true,
  });
  stages.engine.settle();
  stages.left -= outcome.instructions;
  stages.logs.push(...outcome.effects.logs);
  stages.logsDropped += outcome.effects.logsDropped;
  if (outcome.trap !== null) return trapToReject(draft.id, outcome.trap);
  draft.globalTimerNs = outcome.effects.globalTimerNs;
  if (outcome.effects.certifiedData !== null) draft.certifiedData = outcome.effects.certifiedData;
  stages.cyclesBurned += outcome.effects.cyclesBurned;
  draft.cycles -= outcome.effects.cyclesBurned;
  return null;
}

/** The heap as instantiation leaves it: data segments applied, or the old heap when it is to be kept. */
function createHeap(world: World, module: PreparedModule, kept: HeapImage | null): HeapImage | { refusal: Reject } {
  const pages = kept === null ? createPageTable(world.pool) : copyPageTable(kept.pages);
  const initial = module.memory?.initialWasmPages ?? 0;
  const heap: HeapImage = {
    sizePages: Math.max(initial, kept?.sizePages ?? 0),
    pages,
    globals: module.mutableGlobals.map((global) => global.initial),
    tables: null,
    droppedSegments: null,
  };
  if (kept !== null) return heap;
  for (const segment of module.activeData) {
    if (segment.offset + segment.bytes.length > heap.sizePages * 65_536) {
      clearPageTable(pages);
      return { refusal: segmentOutOfBounds() };
    }
    writeBytes(pages, segment.offset, segment.bytes);
  }
  return heap;
}

function segmentOutOfBounds(): Reject {
  return createReject(
    'canisterInvalidWasm',
    "Canister's Wasm module is not valid: a data segment lies beyond the initial memory.",
  );
}

function adopt(world: World, engine: Engine, canister: Canister, draft: Canister): void {
  const { heap, moduleHash } = draft.code!;
  const model = world.modules.model(moduleHash);
  if (model === null) {
    world.modules.setModel(moduleHash, { heap: copyPageTable(heap.pages), stable: copyPageTable(draft.stable.pages) });
  } else {
    sharePages(heap.pages, model.heap);
    sharePages(draft.stable.pages, model.stable);
  }
  dropMemory(engine, canister);
  canister.code = draft.code;
  canister.stable = draft.stable;
  canister.certifiedData = draft.certifiedData;
  canister.globalTimerNs = draft.globalTimerNs;
}

function dropDraft(engine: Engine, canister: Canister, draft: Canister): void {
  if (draft.code !== null && draft.code !== canister.code) dropHeap(engine, draft.code.heap);
  clearPageTable(draft.stable.pages);
}

/** Gives back the pages of heap and stable memory. */
function dropMemory(engine: Engine, canister: Canister): void {
  if (canister.code !== null) dropHeap(engine, canister.code.heap);
  clearPageTable(canister.stable.pages);
}

export function dropHeap(engine: Engine, heap: HeapImage): void {
  engine.hot.forget(heap);
  clearPageTable(heap.pages);
}
