// Questions that only tests ask: the hash of everything that a canister keeps, and what that is, entry by entry.
import { bytesToHexQuickly } from '@tamc/base/utf8';
import { createStableStore } from '@tamc/shared/azle/stable-store';
import { stateHash } from '@tamc/shared/tables/index';
import { IDL, query } from 'azle';

const EntryType = IDL.Record({ key: IDL.Vec(IDL.Nat8), value: IDL.Vec(IDL.Nat8) });

export class StoreProbe {
  @query([], IDL.Text)
  state_hash(): string {
    return bytesToHexQuickly(stateHash(createStableStore()));
  }

  @query([IDL.Nat32, IDL.Nat32], IDL.Vec(EntryType))
  entries(from: number, limit: number) {
    const all = [...createStableStore().entries()];
    return all.slice(from, from + limit).map(([key, value]) => ({ key, value }));
  }
}
