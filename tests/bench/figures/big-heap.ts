// Whether the cost of a call follows what it touches: the same canister holding one untouched 256 MB typed array, or as
// much in live objects (reported only), against itself at 4 MB.
import { IDL } from '@dfinity/candid';
import type { Replica } from '@tamc/replica';
import { createWith, encode, reply } from '../../harness/canisters.ts';
import { buildSample } from '../../harness/sample.ts';
import { type Benchmark, createFigure, type Figure, inTurn } from '../figure.ts';
import { openReplica } from '../open-replica.ts';
import { queriesPerSecond, updatesPerSecond } from './throughput.ts';

const calls = 1_000;
const rounds = 5;
const bigBytes = 256 * 2 ** 20;
/** Objects of some 100 bytes each: fewer than 256 MB of them, since building them is interpreted JavaScript. */
const objectCount = 200_000;

export const bigHeap: Benchmark = {
  name: 'big-heap',
  about: 'the same calls on a canister that holds 256 MB it does not touch',
  run: async (say) => {
    const wasm = await buildSample();
    // Both canisters stay live, so that what is measured is not the waking of a cold one.
    const { replica, remove } = await openReplica({ hotMemoryBytesMax: 2 ** 30 });
    try {
      const small = await createWith(replica, wasm);
      const big = await createWith(replica, wasm);
      say('one canister takes 256 MB');
      await reply(replica.call({ canister: big, method: 'hold', arg: encode([IDL.Nat32], [bigBytes]) }));
      const objects = await createWith(replica, wasm);
      say(`one canister makes ${objectCount} objects`);
      await reply(replica.call({ canister: objects, method: 'holdObjects', arg: encode([IDL.Nat32], [objectCount]) }));
      return [
        await compare('updates at 256 MB', replica, big, small, updatesPerSecond, true),
        await compare('queries at 256 MB', replica, big, small, queriesPerSecond, true),
        await compare(`updates with ${objectCount} live objects`, replica, objects, small, updatesPerSecond, false),
        await compare(`queries with ${objectCount} live objects`, replica, objects, small, queriesPerSecond, false),
      ];
    } finally {
      await remove();
    }
  },
};

type Measure = (replica: Replica, canister: string, count: number) => Promise<number>;

async function compare(
  name: string,
  replica: Replica,
  big: string,
  small: string,
  measure: Measure,
  hasGoal: boolean,
): Promise<Figure> {
  const [value, baseline] = await inTurn(
    rounds,
    () => measure(replica, big, calls),
    () => measure(replica, small, calls),
  );
  return createFigure(name, 'calls/s', value, baseline, hasGoal ? { kind: 'ratioAtLeast', bound: 0.5 } : null);
}
