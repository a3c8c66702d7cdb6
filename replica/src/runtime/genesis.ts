// What a network is from its first moment on: everything random in it descends from one seed, so that a seed and the
// recorded inputs give the same run again.
import { bytesEqual, concatBytes, parseHex, textToBytes } from '@tamc/base/bytes';
import {
  canisterIdOfIndex,
  type Principal,
  parsePrincipalText,
  selfAuthenticatingPrincipal,
} from '../codec/principal.ts';
import { type BlsKey, loadBls } from '../crypto/bls.ts';
import { createEd25519Key, type Ed25519Key } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import type { SubnetFacts } from '../execution/execution.ts';
import type { ReplicaOptions } from '../replica.ts';
import { firstCanisterIndex, type ReplicaState } from '../state/replica-state.ts';
import type { InstructionLimits } from '../state/world.ts';
import { developmentRootKey, developmentSeed } from './development-key.ts';
import { ReplicaError } from './replica-error.ts';

/** Recorded with the store; a store never changes it. */
export interface Genesis {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly timeNs: bigint;
  readonly subnetType: 'application' | 'system';
  readonly nodeCount: number;
  readonly costSchedule: 'normal' | 'free';
  /** Sorted. Missing in stores that were made before there could be any. */
  readonly admins?: readonly Principal[];
  readonly limits: InstructionLimits;
  /** DER; follows from the seed, recorded because computing it takes longer than the whole rest of a start. */
  readonly rootKey: Uint8Array;
}

/**
 * Limits of an application subnet (docs/references/resource-limits), but for the round: there it may have 7,000 million, executed beside
 * other work; here nobody is heard and no answer leaves before it ends, and this many are some 150 ms.
 */
export const defaultLimits: InstructionLimits = {
  update: 40_000_000_000n,
  query: 5_000_000_000n,
  install: 300_000_000_000n,
  inspect: 200_000_000n,
  queryGraph: 5_000_000_000n,
  round: 1_000_000_000n,
};

/** The journal's first record is the genesis itself. */
export const genesisRound = 1;

export const canisterRange = { first: canisterIdOfIndex(0n), last: canisterIdOfIndex(2n ** 64n - 1n) };

export interface GenesisOptions {
  /** Any text; equal seeds and equal inputs give equal runs. Unless given, all networks share one well-known seed. */
  readonly seed?: string;
  /** `system` subnets charge nothing and have higher limits on the main network; here they differ in their type only. */
  readonly subnetType?: 'application' | 'system';
  /** Fees scale with it; there is one node whatever it says (default 13). */
  readonly nodeCount?: number;
  /** `free`: nothing costs cycles. */
  readonly costSchedule?: 'normal' | 'free';
  /** Who may create, list, stop, delete … canisters that they do not control. Text form; nobody unless given. */
  readonly subnetAdmins?: readonly string[];
  readonly instructionLimits?: Partial<InstructionLimits>;
}

export async function createGenesis(options: GenesisOptions, timeNs: bigint): Promise<Genesis> {
  const seed = sha256(textToBytes(options.seed ?? developmentSeed));
  return {
    seed,
    timeNs,
    subnetType: options.subnetType ?? 'application',
    nodeCount: options.nodeCount ?? 13,
    costSchedule: options.costSchedule ?? 'normal',
    admins: adminsOf(options) ?? [],
    limits: { ...defaultLimits, ...options.instructionLimits },
    rootKey: options.seed === undefined ? parseHex(developmentRootKey)! : (await blsKeyOf(seed)).publicKeyDer,
  };
}

/** A store keeps the network it was made with: options that ask for another one are a mistake worth a word. */
export function assertSameGenesis(
  genesis: Genesis,
  options: GenesisOptions & Pick<ReplicaOptions, 'virtualTime'>,
): void {
  assertSameStart(genesis, options);
  const seed = options.seed === undefined ? genesis.seed : sha256(textToBytes(options.seed));
  const limits = { ...genesis.limits, ...options.instructionLimits };
  const different = [
    bytesEqual(seed, genesis.seed) ? null : 'seed',
    (options.subnetType ?? genesis.subnetType) === genesis.subnetType ? null : 'subnetType',
    (options.nodeCount ?? genesis.nodeCount) === genesis.nodeCount ? null : 'nodeCount',
    (options.costSchedule ?? genesis.costSchedule) === genesis.costSchedule ? null : 'costSchedule',
    String(adminsOf(options) ?? genesis.admins ?? []) === String(genesis.admins ?? []) ? null : 'subnetAdmins',
    Object.entries(genesis.limits).every(([name, limit]) => Reflect.get(limits, name) === limit)
      ? null
      : 'instructionLimits',
  ].filter((name) => name !== null);
  if (different.length === 0) return;
  throw new ReplicaError(
    'input',
    'otherNetwork',
    `The store holds a network that was made with another ${different.join(', ')}.`,
    'Leave the option out, or choose another store.',
  );
}

/** Where time began is kept too; from there on it is where the store has come to. */
function assertSameStart(genesis: Genesis, { virtualTime }: Pick<ReplicaOptions, 'virtualTime'>): void {
  if (typeof virtualTime !== 'object' || virtualTime.startNs === genesis.timeNs) return;
  throw new ReplicaError(
    'input',
    'otherNetwork',
    `The store holds a network whose time began at ${genesis.timeNs}n, and not at ${virtualTime.startNs}n.`,
    'Give virtualTime: true, which goes on where the store stopped, and take it further with time.setNs; or choose another store.',
  );
}

/** The order in which they are given says nothing. */
function adminsOf({ subnetAdmins }: GenesisOptions): Principal[] | null {
  return (
    subnetAdmins
      ?.map((text) => parsePrincipalText(text))
      .filter((admin) => admin !== null)
      .sort() ?? null
  );
}

export function blsKeyOf(seed: Uint8Array): Promise<BlsKey> {
  return loadBls().then((bls) => bls.createKey(deriveSecret(seed, 'root key')));
}

export function deriveSecret(seed: Uint8Array, purpose: string, counter = 0n): Uint8Array {
  return sha256(concatBytes(textToBytes(`tamc replica ${purpose}`), seed, textToBytes(String(counter))));
}

export function createState(genesis: Genesis): ReplicaState {
  return {
    round: genesisRound,
    timeNs: genesis.timeNs,
    heartbeatAtNs: genesis.timeNs,
    storageChargedAtNs: genesis.timeNs,
    seed: genesis.seed,
    randomCalls: 0n,
    nextCanisterIndex: firstCanisterIndex,
    retiredIds: [],
    canisters: new Map(),
    requests: new Map(),
    nextRequestSequence: 0,
    updateTransactions: 0n,
    consumedByDeleted: 0n,
  };
}

/** The key pair of the one node; the subnet's own key is BLS and lives with the certifier. */
export function createNodeIdentity(seed: Uint8Array): { nodeKey: Ed25519Key; nodeId: Principal } {
  const nodeKey = createEd25519Key(deriveSecret(seed, 'node key'));
  return { nodeKey, nodeId: selfAuthenticatingPrincipal(nodeKey.publicKeyDer) };
}

export function subnetFacts({ nodeCount, costSchedule, admins = [], rootKey }: Genesis): SubnetFacts {
  return { subnetId: selfAuthenticatingPrincipal(rootKey), nodeCount, costSchedule, admins, rootKey };
}
