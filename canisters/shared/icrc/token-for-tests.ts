// A token in Node's memory with people who hold some of it: what the tests of the rules start from.

import type { Result } from '@tamc/base/result';
import type { IcrcError } from '@tamc/protocol/icrc-types';
import { type TokenSettings, tokenLimits } from '@tamc/protocol/ledger';
import { createMemoryStore, defineTables, stateHash } from '../tables/index.ts';
import type { GivenAccount } from './account.ts';
import { applyDecided } from './apply.ts';
import { begin } from './begin.ts';
import { decide } from './rules.ts';
import { tokenTables } from './tables.ts';
import type { Approve, Transaction, Transfer } from './transaction.ts';

export const fee = 10_000n;
export const startNs = 1_700_000_000_000_000_000n;
export const secondNs = 1_000_000_000n;

/** As a key has it: 29 bytes, the last one 2. */
export function person(number: number): Uint8Array {
  const owner = new Uint8Array(29);
  owner[0] = number;
  owner[28] = 2;
  return owner;
}

export function accountOf(number: number, subaccount: number | null = null): GivenAccount {
  return { owner: person(number), subaccount: subaccount === null ? null : new Uint8Array(32).fill(subaccount) };
}

export const minter = accountOf(255);
export const [alice, bob, carol] = [accountOf(1), accountOf(2), accountOf(3)];

export const settings: TokenSettings = {
  name: 'Test Token',
  symbol: 'XTKN',
  decimals: 8,
  fee,
  mintingAccount: minter,
  feeCollector: null,
  windowNs: tokenLimits.windowNs,
  driftNs: tokenLimits.driftNs,
  memoBytesMax: 32,
  metadata: [],
};

const definitions = defineTables(tokenTables);

export function createToken(changed: Partial<TokenSettings> = {}, balances: [GivenAccount, bigint][] = []) {
  const store = createMemoryStore();
  const tables = definitions.open(store);
  const all = { ...settings, ...changed };
  const wrong = begin(tables, { settings: all, balances }, startNs);
  if (wrong !== null) throw new Error(wrong);
  const run = (transaction: Transaction, nowNs = startNs): Result<number, IcrcError> => {
    const decided = decide(tables, all, transaction, nowNs);
    return decided.ok ? { ok: true, value: applyDecided(tables, all, decided.value, nowNs) } : decided;
  };
  return { store, tables, settings: all, run, stateHash: () => stateHash(store) };
}
export type Token = ReturnType<typeof createToken>;

const nothingAsked = { fee: null, memo: null, createdAtNs: null } as const;

export function transfer(from: GivenAccount, to: GivenAccount, amount: bigint, more: Partial<Transfer> = {}): Transfer {
  return { kind: 'transfer', from, to, spender: null, amount, ...nothingAsked, ...more };
}

export function transferFrom(
  spender: GivenAccount,
  from: GivenAccount,
  to: GivenAccount,
  amount: bigint,
  more: Partial<Transfer> = {},
): Transfer {
  return transfer(from, to, amount, { spender, ...more });
}

export function approve(
  from: GivenAccount,
  spender: GivenAccount,
  amount: bigint,
  more: Partial<Approve> = {},
): Approve {
  const terms = { expectedAllowance: null, expiresAtNs: null };
  return { kind: 'approve', from, spender, amount, ...terms, ...nothingAsked, ...more };
}

export const zeros = new Uint8Array(32);
