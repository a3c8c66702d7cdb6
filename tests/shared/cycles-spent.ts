// What some work costs a canister in cycles, by its status.
import { IDL } from '@dfinity/candid';
import type { Replica } from '@tamc/replica';
import { canisterArgument, decode, reply } from '../harness/canisters.ts';

const statusType = IDL.Record({ cycles: IDL.Nat });

async function cyclesOf(replica: Replica, canister: string): Promise<bigint> {
  const arg = canisterArgument(canister);
  const data = await reply(replica.call({ canister: 'aaaaa-aa', method: 'canister_status', arg }));
  return (decode([statusType], data)[0] as { cycles: bigint }).cycles;
}

/** Without what storage costs while one looks twice. */
export async function cyclesSpent(replica: Replica, canister: string, work: () => Promise<unknown>): Promise<bigint> {
  const first = await cyclesOf(replica, canister);
  const second = await cyclesOf(replica, canister);
  await work();
  return second - (await cyclesOf(replica, canister)) - (first - second);
}
