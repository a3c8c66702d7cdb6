// What a token allows (ICRC-1, ICRC-2). A refusal changes nothing; what is allowed is a decision that `apply` carries out.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { IcrcError } from '@tamc/protocol/icrc-types';
import { genericError, type TokenSettings, tokenLimits } from '@tamc/protocol/ledger';
import { type GivenAccount, keyText } from './account.ts';
import { type Draft, draftTransaction, isMinting, type Operation, operationOf } from './draft.ts';
import { isOldestForgettable } from './forget.ts';
import { type Allowance, balanceOf, readAllowance, readSeen, readSummary } from './records.ts';
import type { TokenTables } from './tables.ts';
import type { Approve, Transaction, Transfer } from './transaction.ts';

export interface Decided {
  readonly draft: Draft;
  /** What is charged; null for mints and burns. */
  readonly fee: bigint | null;
  /** What the spender may take afterwards, where that changes. */
  readonly allowance: { readonly spender: GivenAccount; readonly left: Allowance } | null;
}

type Verdict = Result<Decided, IcrcError>;

/**
 * Whether it is a repetition comes before anything that depends on balances: a client that asks again must learn what became
 * of its transaction, not that the money is gone, which went with it.
 */
export function decide(tables: TokenTables, settings: TokenSettings, asked: Transaction, nowNs: bigint): Verdict {
  const transaction = capped(asked);
  const operation = operationOf(settings, transaction);
  const wrong = refuseForm(settings, transaction, operation, nowNs);
  if (wrong !== null) return refuse(wrong);
  if (transaction.amount > tokenLimits.amountMax) return refuse(tooMuch(tables, transaction, operation));
  const draft = draftTransaction(tables, settings, transaction);
  const repeated = refuseRepetition(tables, settings, draft, nowNs);
  if (repeated !== null) return refuse(repeated);
  const fee = operation === 'mint' || operation === 'burn' ? null : settings.fee;
  if (transaction.kind === 'approve') return decideApproval(tables, draft, transaction, settings.fee, nowNs);
  return decideTransfer(tables, settings, draft, transaction, fee, nowNs);
}

/** Nobody can ever spend more than there can be; ICRC-2 allows to cap. */
function capped(asked: Transaction): Transaction {
  if (asked.kind !== 'approve' || asked.amount <= tokenLimits.amountMax) return asked;
  return { ...asked, amount: tokenLimits.amountMax };
}

function refuseForm(
  settings: TokenSettings,
  transaction: Transaction,
  operation: Operation,
  nowNs: bigint,
): IcrcError | null {
  const { memo, fee, createdAtNs } = transaction;
  if (memo !== null && memo.length > settings.memoBytesMax) return genericError('memoTooLong');
  if (createdAtNs !== null) {
    if (createdAtNs + settings.windowNs + settings.driftNs < nowNs) return { TooOld: null };
    if (createdAtNs > nowNs + settings.driftNs) return { CreatedInFuture: { ledger_time: nowNs } };
  }
  const roles = refuseRoles(settings, transaction, operation);
  if (roles !== null) return roles;
  const expected = operation === 'mint' || operation === 'burn' ? 0n : settings.fee;
  return fee !== null && fee !== expected ? { BadFee: { expected_fee: expected } } : null;
}

function refuseRoles(settings: TokenSettings, transaction: Transaction, operation: Operation): IcrcError | null {
  if (transaction.kind === 'approve') {
    if (keyText(transaction.from.owner) === keyText(transaction.spender.owner)) return genericError('selfApproval');
    return isMinting(settings, transaction.from) ? genericError('mintingAccountApproves') : null;
  }
  return operation === 'mint' && isMinting(settings, transaction.to) ? genericError('mintingAccountToItself') : null;
}

function tooMuch(tables: TokenTables, { from }: Transaction, operation: Operation): IcrcError {
  return operation === 'mint'
    ? genericError('supplyLimit')
    : { InsufficientFunds: { balance: balanceOf(tables, from) } };
}

function refuseRepetition(
  tables: TokenTables,
  settings: TokenSettings,
  { transaction, identity }: Draft,
  nowNs: bigint,
): IcrcError | null {
  if (transaction.createdAtNs === null) return null;
  const block = readSeen(tables, identity);
  if (block !== null) return { Duplicate: { duplicate_of: BigInt(block) } };
  const summary = readSummary(tables);
  const isFull = summary.remembered >= tokenLimits.windowTransactionsMax;
  // What is too old is forgotten with the next transaction, so it takes no room any more.
  return isFull && !isOldestForgettable(tables, settings, summary, nowNs) ? { TemporarilyUnavailable: null } : null;
}

function decideApproval(tables: TokenTables, draft: Draft, asked: Approve, fee: bigint, nowNs: bigint): Verdict {
  const { from, spender, amount, expectedAllowance, expiresAtNs } = asked;
  if (expiresAtNs !== null && expiresAtNs <= nowNs) return refuse({ Expired: { ledger_time: nowNs } });
  if (expectedAllowance !== null) {
    const current = readAllowance(tables, from, spender, nowNs).amount;
    if (current !== expectedAllowance) return refuse({ AllowanceChanged: { current_allowance: current } });
  }
  const balance = draft.from!.balance;
  if (balance < fee) return refuse({ InsufficientFunds: { balance } });
  return ok({ draft, fee, allowance: { spender, left: { amount, expiresAtNs } } });
}

function decideTransfer(
  tables: TokenTables,
  settings: TokenSettings,
  draft: Draft,
  { from, amount }: Transfer,
  fee: bigint | null,
  nowNs: bigint,
): Verdict {
  const { operation, spender } = draft;
  const balance = draft.from?.balance ?? 0n;
  if (operation === 'burn' && isBurnTooSmall(amount, settings.fee, balance)) {
    return refuse({ BadBurn: { min_burn_amount: settings.fee > 0n ? settings.fee : 1n } });
  }
  const total = amount + (fee ?? 0n);
  let allowance: Decided['allowance'] = null;
  if (spender !== null) {
    const current = readAllowance(tables, from, spender, nowNs);
    if (current.amount < total) return refuse({ InsufficientAllowance: { allowance: current.amount } });
    // Nothing is always allowed, but without a fee it would be a free way to fill the chain.
    if (operation === 'mint') return refuse(genericError('mintingAccountApproves'));
    allowance = { spender, left: { ...current, amount: current.amount - total } };
  }
  if (operation === 'mint') {
    const isWithinSupply = readSummary(tables).supply + amount <= tokenLimits.amountMax;
    return isWithinSupply ? ok({ draft, fee, allowance }) : refuse(genericError('supplyLimit'));
  }
  return balance < total ? refuse({ InsufficientFunds: { balance } }) : ok({ draft, fee, allowance });
}

/** The fee is the least, so that burning is no free way to fill the chain; what is left below it can still be burned whole. */
function isBurnTooSmall(amount: bigint, fee: bigint, balance: bigint): boolean {
  const least = balance > 0n && balance < fee ? balance : fee;
  return amount === 0n || amount < least;
}
