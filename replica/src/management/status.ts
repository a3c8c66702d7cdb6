// canister_status: everything its owner may know about a canister.
import { parseHex } from '@tamc/base/bytes';
import { ok } from '@tamc/base/result';
import type { Infer } from '../codec/candid.ts';
import { idleCyclesPerDay } from '../cycles/freezing.ts';
import { type MemoryMetrics, memoryBytes } from '../cycles/storage.ts';
import { idleFacts, metricsOf } from '../execution/accounting.ts';
import type { Canister, Visibility } from '../state/canister.ts';
import type { World } from '../state/world.ts';
import { defineCanisterRead } from './method.ts';
import { canisterIdRecord, canisterStatusResult, type visibility } from './types.ts';

type StatusValue = Infer<typeof canisterStatusResult>;

export const canisterStatus = defineCanisterRead({
  name: 'canister_status',
  argument: canisterIdRecord,
  result: canisterStatusResult,
  ingress: true,
  canisters: true,
  queries: true,
  access: 'status',
  target: (argument) => argument.canister_id,
  read: ({ world, canister }) => ok(toStatus(world, canister)),
});

function toStatus(world: World, canister: Canister): StatusValue {
  const metrics = metricsOf(world, canister);
  const used = memoryBytes(metrics);
  const { queryStatistics: queries } = canister;
  return {
    status: { tag: canister.status.kind, value: null },
    ready_for_migration: isAtRest(canister),
    version: canister.version,
    settings: toSettings(canister),
    module_hash: moduleHashOf(canister),
    memory_size: used,
    memory_metrics: toMemoryMetrics(metrics),
    cycles: canister.cycles,
    reserved_cycles: canister.reservedCycles,
    idle_cycles_burned_per_day: idleCyclesPerDay(world.subnet, idleFacts(world, canister)),
    query_stats: {
      num_calls_total: queries.calls,
      num_instructions_total: queries.instructions,
      request_payload_bytes_total: queries.requestBytes,
      response_payload_bytes_total: queries.responseBytes,
    },
  };
}

export function moduleHashOf({ code }: Canister): Uint8Array | null {
  return code === null ? null : parseHex(code.moduleHash);
}

/** Stopped, with nothing on its way to or from it. */
function isAtRest({ status, inbox, callbacks }: Canister): boolean {
  return status.kind === 'stopped' && inbox.length === 0 && callbacks.size === 0;
}

function toSettings({ controllers, settings }: Canister): StatusValue['settings'] {
  return {
    controllers,
    compute_allocation: settings.computeAllocation,
    memory_allocation: settings.memoryAllocation,
    freezing_threshold: settings.freezingThresholdSeconds,
    reserved_cycles_limit: settings.reservedCyclesLimit,
    minimum_incoming_canister_call_cycles: settings.minimumIncomingCallCycles,
    log_visibility: toVisibility(settings.logVisibility),
    log_memory_limit: settings.logMemoryLimit,
    snapshot_visibility: toVisibility(settings.snapshotVisibility),
    status_visibility: toVisibility(settings.statusVisibility),
    wasm_memory_limit: settings.wasmMemoryLimit,
    wasm_memory_threshold: settings.wasmMemoryThreshold,
    environment_variables: settings.environmentVariables,
  };
}

function toVisibility(value: Visibility): Infer<typeof visibility> {
  if (value.kind === 'allowedViewers') return { tag: 'allowed_viewers', value: value.viewers };
  return { tag: value.kind, value: null };
}

function toMemoryMetrics(metrics: MemoryMetrics): StatusValue['memory_metrics'] {
  return {
    wasm_memory_size: metrics.wasmMemory,
    stable_memory_size: metrics.stableMemory,
    global_memory_size: metrics.globals,
    wasm_binary_size: metrics.wasmBinary,
    custom_sections_size: metrics.customSections,
    canister_history_size: metrics.history,
    wasm_chunk_store_size: metrics.chunkStore,
    // Snapshots are not offered yet.
    snapshots_size: 0n,
    log_memory_store_size: metrics.logs,
  };
}
