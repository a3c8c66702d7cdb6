// Executes everything that a store has recorded again, from the first round on, beside the store: what the state must be.
import { holdsStore } from '../store/find-store.ts';
import { checkReplay } from './check-arguments.ts';
import { noStore, replayFromGenesis } from './recovery.ts';
import { hashState } from './state-hash.ts';
import { openStoreFolder, withStoreWords } from './store-folder.ts';

export interface Replayed {
  readonly round: number;
  readonly stateHash: string;
}

/** Checkpoints are ignored and nothing is written. `onRound` sees the hash after each round, if it is wanted. */
export async function replayStore(
  path: string,
  onRound?: (round: number, stateHash: string) => void,
): Promise<Replayed> {
  checkReplay(path, onRound);
  if (!isStore(path)) throw noStore(`There is no store in ${path}`);
  const folder = await openStoreFolder(path);
  try {
    const { state } = await replayFromGenesis(folder, onRound);
    return { round: state.round, stateHash: hashState(state) };
  } catch (error) {
    throw withStoreWords(error);
  } finally {
    await folder.close();
  }
}

function isStore(path: string): boolean {
  try {
    return holdsStore(path);
  } catch (error) {
    throw withStoreWords(error);
  }
}
