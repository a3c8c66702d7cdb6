// Opening a network from its store: the newest checkpoint, then every recorded round after it executed again. A store
// that holds nothing yet gets its genesis.
import { assert } from '@tamc/base/assert';
import { decodeRecord, encodeRecord } from '../codec/record.ts';
import { createPagePool } from '../memory/page-pool.ts';
import type { Store } from '../store/store.ts';
import { type Checkpointer, createCheckpointer, loadCheckpoint } from './checkpoint.ts';
import { createState, type Genesis, genesisRound } from './genesis.ts';
import { createModules } from './modules.ts';
import { createNetwork, type Network } from './network.ts';
import { decodeRound } from './round-record.ts';
import { hashState } from './state-hash.ts';

export interface Opened {
  readonly network: Network;
  readonly checkpointer: Checkpointer;
  /** Rounds executed again. */
  readonly replayedRounds: number;
}

export interface RecoveryOptions {
  readonly hotBytesMax: number;
  readonly createGenesis: () => Promise<Genesis>;
  readonly onProgress?: (round: number, lastRound: number) => void;
  /** Ignores checkpoints and executes everything again from the first round. */
  readonly fromGenesis?: boolean;
  readonly onRound?: (round: number, stateHash: string) => void;
}

export async function openNetwork(store: Store, options: RecoveryOptions): Promise<Opened> {
  const pool = createPagePool();
  const modules = createModules();
  const checkpointer = createCheckpointer(store, pool);
  const loaded = options.fromGenesis === true ? null : loadCheckpoint(store, checkpointer, modules);
  const genesis = loaded?.genesis ?? (await findGenesis(store)) ?? (await recordGenesis(store, options));
  const state = loaded?.state ?? createState(genesis);
  const network = createNetwork({ genesis, state, pool, modules, hotBytesMax: options.hotBytesMax });
  const replayedRounds = await replay(store, network, checkpointer, options);
  return { network, checkpointer, replayedRounds };
}

async function findGenesis(store: Store): Promise<Genesis | null> {
  if (store.lastRound() === 0) return null;
  for await (const { round, record } of store.readRounds(0)) {
    assert(round === genesisRound, 'the first record of a journal is the genesis');
    return decodeRecord(record) as Genesis;
  }
  return null;
}

async function recordGenesis(store: Store, options: RecoveryOptions): Promise<Genesis> {
  const genesis = await options.createGenesis();
  // Not awaited: the first round's record is flushed after this one, and until then nothing depends on it.
  void store.appendRound(genesisRound, encodeRecord(genesis)).catch(() => {});
  return genesis;
}

async function replay(
  store: Store,
  network: Network,
  checkpointer: Checkpointer,
  options: RecoveryOptions,
): Promise<number> {
  const first = network.state.round;
  for await (const { round, record } of store.readRounds(first)) {
    if (round <= first) continue;
    checkpointer.note(network.step(decodeRound(record, store)));
    assert(network.state.round === round, 'rounds are recorded without gaps');
    options.onProgress?.(round, store.lastRound());
    options.onRound?.(round, hashState(network.state));
  }
  return network.state.round - first;
}
