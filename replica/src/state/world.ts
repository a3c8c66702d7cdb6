// What rules that change the replica's state are given: the state itself, and the few things they may ask of others.

import type { Result } from '@tamc/base/result';
import type { Principal } from '../codec/principal.ts';
import type { Reject } from '../errors.ts';
import type { SubnetFacts } from '../execution/execution.ts';
import type { PagePool } from '../memory/page-pool.ts';
import type { PageTable } from '../memory/page-table.ts';
import type { PreparedModule } from '../wasm/prepared-module.ts';
import type { Canister } from './canister.ts';
import type { Origin, Payload } from './message.ts';
import type { ReplicaState } from './replica-state.ts';

export interface World {
  readonly state: ReplicaState;
  readonly subnet: SubnetFacts;
  readonly pool: PagePool;
  readonly modules: ModuleStore;
  readonly limits: InstructionLimits;
  /** 32 fresh bytes, derived from the seed and how many were drawn before. */
  drawRandom(): Uint8Array;
  /** Routes an answer to whoever waits for it, with the cycles that go back. */
  respond(origin: Origin, payload: Payload, refund: bigint): void;
  /** Runs the entry points of an installation and commits the new code, or changes nothing. */
  installCode(canister: Canister, installation: Installation): Result<void, Reject>;
  /** Drops code, heap and stable memory, and gives their pages back. Open calls are the caller's business. */
  dropCode(canister: Canister, what: { stableMemory: boolean }): void;
}

/** Modules by the SHA-256 of their uploaded bytes; each is prepared once. */
export interface ModuleStore {
  /** A refusal is a whole text, as clients read it after the canister's name. */
  prepare(uploaded: Uint8Array): Result<PreparedModule, string>;
  get(moduleHash: string): PreparedModule;
  /** Size of the module as uploaded. */
  uploadedBytes(moduleHash: string): number;
  /** Memory that canisters of this module are expected to resemble; null before the first one was installed. */
  model(moduleHash: string): MemoryModel | null;
  setModel(moduleHash: string, model: MemoryModel): void;
}

export interface MemoryModel {
  readonly heap: PageTable;
  readonly stable: PageTable;
}

export interface Installation {
  readonly mode: 'install' | 'reinstall' | 'upgrade';
  readonly module: PreparedModule;
  readonly arg: Uint8Array;
  readonly sender: Principal;
  /** Only for upgrades. */
  readonly skipPreUpgrade: boolean;
  readonly keepHeap: boolean;
}

/** Instructions one execution may use, per kind of entry point. */
export interface InstructionLimits {
  readonly update: bigint;
  readonly query: bigint;
  readonly install: bigint;
  readonly inspect: bigint;
  /** All executions of a composite query together. */
  readonly queryGraph: bigint;
  /** One round executes about this much, then the next round begins. */
  readonly round: bigint;
}
