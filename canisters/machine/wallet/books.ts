// The books: per ledger and purse what is booked, what of it is set aside, what is free. What the ledger says is never asked to
// decide: booked is what this machine knows to be its own.

import { assert } from '@tamc/base/assert';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { type Purse, purses } from '@tamc/protocol/purse';
import { type StatementEntry, walletLimits } from '@tamc/protocol/wallet';
import { earmarkedOn } from '../compute/reserve.ts';
import type { MachineTables } from '../state.ts';
import type { Book, Ledger } from './tables.ts';

const emptyBook: Book = { booked: 0n, carried: 0n, reserved: 0n };

export function ledgerOf(tables: MachineTables, id: PrincipalHex): Ledger | null {
  return tables.ledgers.get().find((ledger) => ledger.id === id) ?? null;
}

/** For what is known to be a ledger of this machine. */
export function knownLedger(tables: MachineTables, id: PrincipalHex): Ledger {
  const ledger = ledgerOf(tables, id);
  assert(ledger !== null, `ledger ${id} is in the books and not in the configuration`);
  return ledger;
}

/** What the machine was born with, whatever the ledger has told since. */
export function configuredFeeOf({ configuredFee, fee }: Ledger): bigint {
  return configuredFee ?? fee;
}

export function bookOf(tables: MachineTables, ledger: PrincipalHex, purse: Purse): Book {
  return tables.books.get([ledger, purse]) ?? emptyBook;
}

/** What may be decided about: neither set aside for transfers without an outcome, nor earmarked for compute. */
export function availableIn(tables: MachineTables, ledger: PrincipalHex, purse: Purse): bigint {
  const { booked, reserved } = bookOf(tables, ledger, purse);
  const earmarked = purse === 'main' ? earmarkedOn(tables, ledger) : 0n;
  const left = booked - reserved - earmarked;
  return left > 0n ? left : 0n;
}

export function setAside(tables: MachineTables, ledger: PrincipalHex, purse: Purse, change: bigint): void {
  const book = bookOf(tables, ledger, purse);
  const reserved = book.reserved + change;
  assert(reserved >= 0n && reserved <= book.booked, `${reserved} of ${book.booked} set aside in ${purse}`);
  tables.books.set([ledger, purse], { ...book, reserved });
}

/** Returns the number of the entry. */
export function bookEntry(tables: MachineTables, entry: StatementEntry): number {
  const book = bookOf(tables, entry.ledger, entry.purse);
  const booked = book.booked + entry.change;
  assert(booked >= 0n, `the ${entry.purse} purse would hold ${booked}`);
  tables.books.set([entry.ledger, entry.purse], { ...book, booked });
  const number = tables.statement.append(entry);
  if (number - tables.statement.first() >= walletLimits.statementKept) carryFirst(tables);
  return number;
}

/** The sum of what the statement forgets stays in the book. */
function carryFirst(tables: MachineTables): void {
  const { ledger, purse, change } = tables.statement.get(tables.statement.first())!;
  const book = bookOf(tables, ledger, purse);
  tables.books.set([ledger, purse], { ...book, carried: book.carried + change });
  tables.statement.dropFirst(1);
}

export function noteTip(tables: MachineTables, ledger: PrincipalHex, block: bigint): void {
  const tip = tables.tips.get(ledger);
  if (tip === null || block > tip) tables.tips.set(ledger, block);
}

export interface Balance extends Book {
  readonly ledger: Ledger;
  readonly purse: Purse;
  readonly available: bigint;
}

export function allBalances(tables: MachineTables): readonly Balance[] {
  return tables.ledgers.get().flatMap((ledger) =>
    purses.map((purse) => {
      const available = availableIn(tables, ledger.id, purse);
      return { ...bookOf(tables, ledger.id, purse), ledger, purse, available };
    }),
  );
}
