// A ledger that benchmarks fill: the ledger as it is, and accounts written through its own tables, many in one message.
import { createStableStore } from '@tamc/shared/azle/stable-store';
import { hashAccount } from '@tamc/shared/icrc/account';
import { writeAccount } from '@tamc/shared/icrc/records';
import { canisterCycleBalance, IDL, query, update } from 'azle';
import Ledger from '../../../canisters/ledger/index.ts';
import { ledgerTables } from '../../../canisters/ledger/state.ts';

const tables = ledgerTables.open(createStableStore());

/** Key of the account of a person, as the tests make people of numbers: length, number, zeros, 2. */
function keyOf(number: number): Uint8Array {
  const key = new Uint8Array(30);
  new DataView(key.buffer).setUint32(1, number);
  key[0] = 29;
  key[29] = 2;
  return key;
}

/** Every filled account carries the hash of the first: hashing a million would take hours and changes no cost. */
const hash = hashAccount({ owner: keyOf(0).slice(1), subaccount: null });

class Filler {
  /** Accounts of people from this number on. */
  @update([IDL.Nat32, IDL.Nat32])
  fill(from: number, count: number): void {
    writeAccount(tables, { key: keyOf(from), hash, balance: 1n, first: null, last: null });
    const bytes = tables.accounts.get(keyOf(from))!;
    for (let number = from + 1; number < from + count; number++) tables.accounts.set(keyOf(number), bytes);
  }

  /** What a message costs that does nothing. */
  @update([])
  nothing(): void {}

  @query([], IDL.Nat)
  cycles(): bigint {
    return canisterCycleBalance();
  }
}

export default [Ledger, Filler];
