// Executes everything that a store has recorded again, from the first round on, beside the store: what the state must be.
import { openNetwork } from './recovery.ts';
import { hashState } from './state-hash.ts';
import { openStoreFolder } from './store-folder.ts';

export interface Replayed {
  readonly round: number;
  readonly stateHash: string;
}

/** Checkpoints are ignored and nothing is written. `onRound` sees the hash after each round, if it is wanted. */
export async function replayStore(
  path: string,
  onRound?: (round: number, stateHash: string) => void,
): Promise<Replayed> {
  const folder = await openStoreFolder(path);
  try {
    const { network } = await openNetwork(folder.store, {
      hotBytesMax: 2 ** 28,
      createGenesis: () => Promise.reject(new Error(`${path} holds no network`)),
      fromGenesis: true,
      ...(onRound === undefined ? {} : { onRound }),
    });
    return { round: network.state.round, stateHash: hashState(network.state) };
  } finally {
    await folder.close();
  }
}
