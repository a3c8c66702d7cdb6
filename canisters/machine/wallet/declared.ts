// Transfers that the operator declared unexecuted. A word can be wrong: a late answer or the named block still sets the books right.
import type { PrincipalHex } from '@tamc/protocol/principal';
import { type TransferOrder, walletLimits } from '@tamc/protocol/wallet';
import type { MachineEvent } from '../events.ts';
import type { MachineTables } from '../state.ts';
import { bookOf } from './books.ts';
import { totalOf } from './transfers.ts';

export const declaredCode = 'DeclaredUnexecuted';

export function noteDeclared(tables: MachineTables, transfer: number): void {
  tables.declared.set([...tables.declared.get(), transfer].slice(-walletLimits.declaredKept));
}

export function forgetDeclared(tables: MachineTables, transfer: number): void {
  tables.declared.set(tables.declared.get().filter((one) => one !== transfer));
}

/** Those that are kept no longer are not among them. */
export function declaredOrders(tables: MachineTables, ledger: PrincipalHex): readonly TransferOrder[] {
  const known = tables.declared.get().flatMap((transfer) => tables.transfers.get(transfer)?.order ?? []);
  return known.filter((order) => order.ledger === ledger);
}

/** Null while payments that will fail still hold the money which it took; afterwards it is free. */
export function foundEvent(tables: MachineTables, order: TransferOrder, block: bigint): MachineEvent | null {
  const { booked, reserved } = bookOf(tables, order.ledger, order.purse);
  return booked - reserved >= totalOf(order) ? { kind: 'TransferFound', transfer: order.transfer, block } : null;
}
