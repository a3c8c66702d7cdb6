// Opening a network from its store: the newest checkpoint, then every recorded round after it executed again. A store
// that holds nothing yet gets its genesis.
import { assert } from '@tamc/base/assert';
import { noBytes } from '@tamc/base/bytes';
import { decodeRecord, encodeRecord } from '../codec/record.ts';
import { createPagePool } from '../memory/page-pool.ts';
import type { Store } from '../store/store.ts';
import { executionVersion, stateFormat } from '../version.ts';
import { type Checkpointer, createCheckpointer, noCheckpoints } from './checkpoint.ts';
import { createState, type Genesis, genesisRound } from './genesis.ts';
import { createModules } from './modules.ts';
import { createNetwork, type Network } from './network.ts';
import { assertExecutable, assertReadable, type Recorded } from './recorded-by.ts';
import { ReplicaError } from './replica-error.ts';
import { type Blobs, decodeRound } from './round-record.ts';
import { hashState } from './state-hash.ts';
import type { StoreFolder } from './store-folder.ts';

export interface Opened {
  readonly network: Network;
  readonly checkpointer: Checkpointer;
  readonly replayed: Replay;
}

/** What was executed again. */
export interface Replay {
  readonly rounds: number;
  readonly instructions: bigint;
}

export interface RecoveryOptions {
  readonly hotBytesMax: number;
  /** Committed memory beyond this leaves RAM where it can. */
  readonly pageBytesMax: number;
  readonly createGenesis: () => Promise<Genesis>;
  readonly onProgress?: (round: number, lastRound: number) => void;
  /** Ignores checkpoints and executes everything again from the first round. */
  readonly fromGenesis?: boolean;
  readonly onRound?: (round: number, network: Network) => void;
}

export async function openNetwork({ store, isKept }: StoreFolder, options: RecoveryOptions): Promise<Opened> {
  const { hotBytesMax } = options;
  const pool = createPagePool();
  const modules = createModules();
  const isObserving = options.fromGenesis === true;
  const keeps = isKept && !isObserving;
  const checkpointer = keeps ? createCheckpointer(store, pool, options.pageBytesMax) : noCheckpoints;
  const start = checkpointer.load(modules) ?? fromGenesis(await findGenesis(store)) ?? (await begin(store, options));
  const { genesis, state, ready } = start;
  const network = createNetwork({ genesis, state, pool, modules, hotBytesMax, ready });
  if (store.lastRound() > state.round) assertExecutable(start);
  const replayed = await replay(store, network, checkpointer, options);
  // From here on rounds are executed by this version.
  if (keeps && start.execution !== executionVersion) await checkpointer.save(network);
  return { network, checkpointer, replayed };
}

interface GenesisRecord extends Recorded {
  readonly genesis: Genesis;
}

function fromGenesis(record: GenesisRecord | null) {
  return record === null ? null : { ...record, state: createState(record.genesis), ready: [] };
}

async function findGenesis(store: Store): Promise<GenesisRecord | null> {
  if (store.lastRound() === 0) return null;
  for await (const { round, record } of store.readRounds(0)) {
    assert(round === genesisRound, 'the first record of a journal is the genesis');
    const recorded = decodeRecord(record) as GenesisRecord;
    assertReadable(recorded);
    return recorded;
  }
  return null;
}

async function begin(store: Store, options: RecoveryOptions) {
  // The genesis is on disk before the first module can be.
  if (store.sizeBytes().blobs > 0) throw journalMissing();
  const record = { format: stateFormat, execution: executionVersion, genesis: await options.createGenesis() };
  // Not awaited: the first round's record is flushed after this one, and until then nothing depends on it.
  void store.appendRound(genesisRound, encodeRecord(record)).catch(() => {});
  return fromGenesis(record)!;
}

/** Of one that is asked what it holds; a replica would begin one. */
export function noStore(problem: string): ReplicaError {
  return new ReplicaError(
    'input',
    'noStore',
    `${problem}.`,
    'Give the folder that a replica was made with as its `store`.',
  );
}

function journalMissing(): ReplicaError {
  return new ReplicaError(
    'store',
    'journalMissing',
    'The store holds modules but no journal of what was done with them.',
    'Put the files journal-… back from a copy, or choose another folder to begin anew.',
  );
}

async function replay(
  store: Store,
  network: Network,
  checkpointer: Checkpointer,
  options: RecoveryOptions,
): Promise<Replay> {
  const first = network.state.round;
  const blobs = withLastBlob(store);
  let instructions = 0n;
  for await (const { round, record } of store.readRounds(first)) {
    if (round <= first) continue;
    checkpointer.note(network.step(decodeRound(record, blobs)));
    assert(network.state.round === round, 'rounds are recorded without gaps');
    instructions += network.scheduler.instructions;
    options.onProgress?.(round, store.lastRound());
    options.onRound?.(round, network);
  }
  return { rounds: network.state.round - first, instructions };
}

/** The same module is often installed many times in a row; reading it takes longer than installing it. */
function withLastBlob({ putBlob, readBlob }: Store): Blobs {
  let last = { hash: '', bytes: noBytes };
  return {
    putBlob,
    readBlob: (hash) => {
      if (last.hash !== hash) last = { hash, bytes: readBlob(hash) };
      return last.bytes;
    },
  };
}

/** Executes everything recorded again beside the store. */
export async function replayFromGenesis(
  folder: StoreFolder,
  onRound?: (round: number, stateHash: string) => void,
): Promise<Network> {
  const { network } = await openNetwork(folder, {
    hotBytesMax: 2 ** 28,
    pageBytesMax: Number.POSITIVE_INFINITY,
    createGenesis: () => Promise.reject(noStore('The store holds no network')),
    fromGenesis: true,
    onRound: (round, { state }) => onRound?.(round, hashState(state)),
  });
  return network;
}
