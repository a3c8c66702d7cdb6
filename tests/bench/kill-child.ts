// The process that gets killed: counts up in one canister, directly and by way of another one, many calls in flight, and
// says on its output what it sends and what was acknowledged. Arguments: store folder, the counting canister in both its
// forms, the other canister, calls in flight, instructions between checkpoints.
import { writeSync } from 'node:fs';
import { createReplica } from '@tamc/replica';
import { noArguments } from './bare-loop.ts';
import { countOf } from './count-answer.ts';

const [store, counter, counterHex, relay, inFlight, checkpointInstructions] = process.argv.slice(2).map(String);
const replica = await createReplica({ store: store!, checkpointInstructions: BigInt(checkpointInstructions!) });

/** Synchronous writes: what the parent has not read when the kill comes is in the pipe all the same. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** One `principal` in Candid. */
function principalArgument(hex: string): Uint8Array {
  return Buffer.from(`4449444c000168010a${hex}`, 'hex');
}

say(
  `start ${countOf(await replica.query({ canister: counter!, method: 'count', arg: noArguments }))} ${replica.replayedRounds}`,
);

async function countUp(isDirect: boolean): Promise<void> {
  const call = isDirect
    ? { canister: counter!, method: 'inc', arg: noArguments }
    : { canister: relay!, method: 'incOther', arg: principalArgument(counterHex!) };
  for (;;) {
    say('sent');
    say(`acknowledged ${countOf(await replica.call(call))}`);
  }
}

await Promise.all(Array.from({ length: Number(inFlight) }, (_, i) => countUp(i % 4 !== 0)));
