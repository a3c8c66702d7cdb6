// Everything the replica keeps about one canister, as plain records. Only the scheduler, the management canister and
// the execution layer change them; nothing here is derived from anything else here.
import type { Principal } from '../codec/principal.ts';
import type { PageTable } from '../memory/page-table.ts';
import type { Callback, CallContext, Message } from './message.ts';

export interface Canister {
  readonly id: Principal;
  controllers: Principal[];
  settings: CanisterSettings;
  status: CanisterStatus;
  /** Main balance; the reserved balance pays for storage first. */
  cycles: bigint;
  reservedCycles: bigint;
  /** Rises with every change of code, settings, status and with every successful replicated execution. */
  version: bigint;
  readonly createdAtNs: bigint;
  code: CanisterCode | null;
  stable: StableImage;
  /** At most 32 bytes; empty when never set. */
  certifiedData: Uint8Array;
  /** 0 = off. */
  globalTimerNs: bigint;
  lowMemoryHook: 'notNeeded' | 'ready' | 'executed';
  /** Messages waiting to be executed, oldest first; responses among them. */
  inbox: Message[];
  callContexts: Map<number, CallContext>;
  callbacks: Map<number, Callback>;
  nextCallContextId: number;
  nextCallbackId: number;
  history: ChangeRecord[];
  totalChanges: bigint;
  logs: CanisterLog[];
  nextLogIndex: bigint;
  /** Chunk store: SHA-256 (hex) → chunk. */
  chunks: Map<string, Uint8Array>;
  /** When storage and allocation were last charged for. */
  chargedAtNs: bigint;
  /** For canister_status and subnet metrics. */
  queryStatistics: { calls: bigint; instructions: bigint; requestBytes: bigint; responseBytes: bigint };
  burnedCycles: ConsumedCycles;
}

/** Consumed so far, by use; what `canister_metrics` reports. */
export interface ConsumedCycles {
  memory: bigint;
  computeAllocation: bigint;
  ingress: bigint;
  instructions: bigint;
  requestAndResponse: bigint;
  uninstall: bigint;
  burned: bigint;
  canisterCreation: bigint;
  httpOutcalls: bigint;
}

export type CanisterStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'stopping'; readonly waiters: StopWaiter[] }
  | { readonly kind: 'stopped' };

/** A stop_canister call that is answered once no call context is open, or rejected after five minutes. */
export interface StopWaiter {
  readonly message: Message & { kind: 'request' };
  readonly sinceNs: bigint;
}

export type Visibility =
  | { readonly kind: 'controllers' }
  | { readonly kind: 'public' }
  | { readonly kind: 'allowedViewers'; readonly viewers: Principal[] };

export interface CanisterSettings {
  computeAllocation: bigint;
  memoryAllocation: bigint;
  freezingThresholdSeconds: bigint;
  reservedCyclesLimit: bigint;
  minimumIncomingCallCycles: bigint;
  /** 0 = none. */
  wasmMemoryLimit: bigint;
  wasmMemoryThreshold: bigint;
  logVisibility: Visibility;
  snapshotVisibility: Visibility;
  statusVisibility: Visibility;
  logMemoryLimit: bigint;
  environmentVariables: { name: string; value: string }[];
}

export interface CanisterCode {
  /** SHA-256 of the module as uploaded, hex; the key of the module store. */
  moduleHash: string;
  installedAtNs: bigint;
  heap: HeapImage;
}

export interface HeapImage {
  /** In Wasm pages of 64 KiB. */
  sizePages: number;
  pages: PageTable;
  /** Values of the mutable globals, in the order of `PreparedModule.mutableGlobals`; i64 as bigint, floats as their bits. */
  globals: (number | bigint)[];
  /** Only for modules that change their function table: function index per slot, -1 = null. One array per table. */
  tables: number[][] | null;
  /** Only for modules with `data.drop` / `elem.drop`: which segments are gone. */
  droppedSegments: number[] | null;
}

export interface StableImage {
  /** In Wasm pages of 64 KiB. */
  sizePages: number;
  pages: PageTable;
}

export interface CanisterLog {
  readonly index: bigint;
  readonly timestampNs: bigint;
  readonly content: Uint8Array;
}

export interface ChangeRecord {
  readonly timestampNs: bigint;
  readonly canisterVersion: bigint;
  readonly origin:
    | { readonly kind: 'user'; readonly userId: Principal }
    | { readonly kind: 'canister'; readonly canisterId: Principal; readonly canisterVersion: bigint | null };
  readonly details: ChangeDetails;
}

export type ChangeDetails =
  | {
      readonly kind: 'creation';
      readonly controllers: Principal[];
      readonly environmentVariablesHash: Uint8Array | null;
    }
  | { readonly kind: 'codeUninstall' }
  | {
      readonly kind: 'codeDeployment';
      readonly mode: 'install' | 'reinstall' | 'upgrade';
      readonly moduleHash: Uint8Array;
    }
  | { readonly kind: 'controllersChange'; readonly controllers: Principal[] };
