// The process that gets killed: counts up in one canister, many calls in flight, and says on its output what it sends and
// what was acknowledged. Its arguments: store folder, canister id, calls in flight.
import { writeSync } from 'node:fs';
import { IDL } from '@dfinity/candid';
import { createReplica } from '@tamc/replica';
import { decode, reply } from '../harness/canisters.ts';
import { noArguments } from './bare-loop.ts';

const [store, canister, inFlight] = process.argv.slice(2);
const replica = await createReplica({ store: store! });
// Synchronous writes: what the parent has not read when the kill comes is in the pipe all the same.
const say = (line: string) => writeSync(1, `${line}\n`);
const count = decode(
  [IDL.Nat],
  await reply(replica.query({ canister: canister!, method: 'count', arg: noArguments })),
)[0];
say(`start ${count} ${replica.replayedRounds}`);

async function countUp(): Promise<void> {
  for (;;) {
    say('sent');
    const [value] = decode(
      [IDL.Nat],
      await reply(replica.call({ canister: canister!, method: 'inc', arg: noArguments })),
    );
    say(`acknowledged ${value}`);
  }
}

await Promise.all(Array.from({ length: Number(inFlight) }, countUp));
