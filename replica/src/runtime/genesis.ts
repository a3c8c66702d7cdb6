// What a network is from its first moment on: everything random in it descends from one seed, so that a seed and the
// recorded inputs give the same run again.
import { concatBytes, noBytes, textToBytes } from '@tamc/base/bytes';
import { canisterIdOfIndex, type Principal, selfAuthenticatingPrincipal } from '../codec/principal.ts';
import { createEd25519Key, type Ed25519Key } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import type { SubnetFacts } from '../execution/execution.ts';
import type { ReplicaState } from '../state/replica-state.ts';
import type { InstructionLimits } from '../state/world.ts';

/** Recorded with the store; a store never changes it. */
export interface Genesis {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly timeNs: bigint;
  readonly subnetType: 'application' | 'system';
  readonly nodeCount: number;
  readonly costSchedule: 'normal' | 'free';
  readonly limits: InstructionLimits;
}

/** Limits of an application subnet (docs/references/resource-limits). */
export const defaultLimits: InstructionLimits = {
  update: 40_000_000_000n,
  query: 5_000_000_000n,
  install: 300_000_000_000n,
  inspect: 200_000_000n,
  queryGraph: 5_000_000_000n,
  round: 7_000_000_000n,
};

/** Local tools and their users know the ids that follow from here (the first is bkyz2-fmaaa-aaaaa-qaaaq-cai). */
const firstCanisterIndex = 0x8000000000100001n;

export const canisterRange = { first: canisterIdOfIndex(0n), last: canisterIdOfIndex(2n ** 64n - 1n) };

export function deriveSecret(seed: Uint8Array, purpose: string, counter = 0n): Uint8Array {
  return sha256(concatBytes(textToBytes(`tamc replica ${purpose}`), seed, textToBytes(String(counter))));
}

export function createState(genesis: Genesis): ReplicaState {
  return {
    round: 0,
    timeNs: genesis.timeNs,
    heartbeatAtNs: genesis.timeNs,
    storageChargedAtNs: genesis.timeNs,
    seed: genesis.seed,
    randomCalls: 0n,
    nextCanisterIndex: firstCanisterIndex,
    canisters: new Map(),
    requests: new Map(),
    nextRequestSequence: 0,
    updateTransactions: 0n,
    consumedByDeleted: 0n,
  };
}

export interface Identity {
  /** DER; costs some milliseconds to compute, so only when it is needed. */
  rootKey(): Promise<Uint8Array>;
  readonly nodeKey: Ed25519Key;
  readonly nodeId: Principal;
}

/** The key pair of the one node; the subnet's own key is BLS and lives with the certifier. */
export function createNodeIdentity(seed: Uint8Array): { nodeKey: Ed25519Key; nodeId: Principal } {
  const nodeKey = createEd25519Key(deriveSecret(seed, 'node key'));
  return { nodeKey, nodeId: selfAuthenticatingPrincipal(nodeKey.publicKeyDer) };
}

export function subnetFacts(genesis: Genesis, subnetId: Principal, rootKey: Uint8Array): SubnetFacts {
  return { subnetId, nodeCount: genesis.nodeCount, costSchedule: genesis.costSchedule, rootKey: rootKey ?? noBytes };
}
