// What callers can ask of a token, as they asked it: nothing is filled in, because equality of what was asked is what makes a
// repetition a repetition (ICRC-1, transaction deduplication).
import type { GivenAccount } from './account.ts';

interface Asked {
  readonly amount: bigint;
  /** Null where the caller left it to the ledger. */
  readonly fee: bigint | null;
  readonly memo: Uint8Array | null;
  readonly createdAtNs: bigint | null;
}

export interface Transfer extends Asked {
  readonly kind: 'transfer';
  readonly from: GivenAccount;
  readonly to: GivenAccount;
  /** Set for `icrc2_transfer_from`, also when the spender is the account itself. */
  readonly spender: GivenAccount | null;
}

export interface Approve extends Asked {
  readonly kind: 'approve';
  readonly from: GivenAccount;
  readonly spender: GivenAccount;
  readonly expectedAllowance: bigint | null;
  readonly expiresAtNs: bigint | null;
}

export type Transaction = Transfer | Approve;
