// The table of the management canister: every method that is offered, with its types, who may call it how, which canister
// it is about, and its handler (all in its definition).
import { clearChunkStore, storedChunks, uploadChunk } from './chunks.ts';
import { create, provisionalCreate } from './create.ts';
import { depositCycles, provisionalTopUp } from './cycles.ts';
import { deleteCanister } from './delete.ts';
import { canisterInfo, canisterMetadata } from './info.ts';
import { installChunkedCode, installCode } from './install.ts';
import { startCanister, stopCanister } from './lifecycle.ts';
import { fetchCanisterLogs } from './logs.ts';
import type { Method } from './method.ts';
import { canisterMetrics } from './metrics.ts';
import { canisterStatus } from './status.ts';
import { listCanisters, nodeMetricsHistory, rawRand, subnetInfo, subnetMetrics } from './subnet.ts';
import { uninstallCode } from './uninstall.ts';
import { updateSettings } from './update-settings.ts';

/** In the order of ic.did. */
const offered: readonly Method[] = [
  create,
  updateSettings,
  uploadChunk,
  clearChunkStore,
  storedChunks,
  installCode,
  installChunkedCode,
  uninstallCode,
  startCanister,
  stopCanister,
  canisterStatus,
  canisterMetrics,
  deleteCanister,
  depositCycles,
  rawRand,
  canisterInfo,
  canisterMetadata,
  nodeMetricsHistory,
  subnetMetrics,
  subnetInfo,
  provisionalCreate,
  provisionalTopUp,
  fetchCanisterLogs,
  listCanisters,
];

export const methods: ReadonlyMap<string, Method> = new Map(offered.map((method) => [method.name, method]));
