// The end of a transfer, and what follows for the act that it belongs to.
import type { TransferOrder } from '@tamc/protocol/wallet';
import type { Context } from '@tamc/shared/rule';
import { afterPurchase } from '../compute/purchase.ts';
import { type Consequences, joined, nothing } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import type { MachineTables } from '../state.ts';
import { afterPull } from '../use/orders.ts';
import { afterSettlement } from '../use/settlement.ts';
import type { Transfer } from './tables.ts';

/** What the act that a transfer belongs to is told. */
export type TransferEnd =
  | { readonly kind: 'paid'; readonly block: bigint }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export function openTransferOf(tables: MachineTables, id: string): Transfer | null {
  const transfer = tables.transfers.get(Number(id.split('/')[1]));
  return transfer === null || transfer.outcome !== null ? null : transfer;
}

export const refused = (code: string, message: string) => ({ kind: 'refused', code, message }) as const;

export function end(tables: MachineTables, context: Context, order: TransferOrder, told: TransferEnd): Consequences {
  const { transfer, cause } = order;
  const event: MachineEvent =
    told.kind === 'paid'
      ? { kind: 'TransferPaid', transfer, block: told.block }
      : { kind: 'TransferRefused', transfer, code: told.code, message: told.message };
  return joined({ events: [event], calls: [] }, followUp(tables, context, order, told, cause));
}

function followUp(
  tables: MachineTables,
  context: Context,
  order: TransferOrder,
  told: TransferEnd,
  cause: TransferOrder['cause'],
): Consequences {
  if (cause.kind === 'hold') return afterPull(tables, context, cause.order, told);
  if (cause.kind === 'capture' || cause.kind === 'refund') return afterSettlement(tables, context, order, cause, told);
  if (cause.kind === 'purchase') return afterPurchase(tables, context, order, cause.topUp, told);
  return nothing;
}
