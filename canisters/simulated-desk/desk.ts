// The whole desk without a network, and what it answers: what the Azle shell runs in Wasm, and tests in Node.
import { hexToPrincipal } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { type DeskEvent, deskEvent, deskRefusals as no } from '@tamc/protocol/simulated-desk';
import type { CanisterDefinition } from '@tamc/shared/canister';
import { applyDesk, deskOutcomes } from './rules.ts';
import { type DeskTables, deskTables } from './state.ts';

export const deskDefinition: CanisterDefinition<DeskTables, DeskEvent> = {
  tables: deskTables,
  events: deskEvent,
  apply: applyDesk,
  outcomes: deskOutcomes,
};

/** The sale of a block that was asked for, or why there is none (yet). */
export function saleAnswer(tables: DeskTables, block: bigint) {
  const sale = tables.sales.get(block);
  if (sale === null) return { reply: null, refusal: refusalOfNone(tables, block) };
  const { payment, state } = sale;
  if (state.kind === 'delivered' && payment !== null) {
    const { payer, amount, cycles } = payment;
    return { reply: { payer: hexToPrincipal(payer), amount, cycles }, refusal: null };
  }
  return { reply: null, refusal: refusalOf(tables, block) };
}

function refusalOfNone(tables: DeskTables, block: bigint): Refusal {
  const last = tables.counts.get().refused.findLast((one) => one.block === block);
  const reason = last?.message ?? 'it was asked for too often at once';
  return last?.isFinal === true ? no('NoPayment', { block, reason }) : no('LedgerSilent', { block, reason });
}

function refusalOf(tables: DeskTables, block: bigint): Refusal {
  const { payment, state } = tables.sales.get(block)!;
  if (state.kind === 'rejected') return no('NoPayment', { block, reason: state.message });
  if (state.kind === 'unknown') return no('DeliveryUnknown', { block });
  if (state.kind !== 'failed') return no('SaleUnderWay', { block });
  const reason = state.message;
  return payment === null ? no('LedgerSilent', { block, reason }) : no('DeliveryFailed', { block, reason });
}
