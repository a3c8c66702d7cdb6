// What is shown of compute.
import type { ComputeSource } from '@tamc/protocol/compute';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { optionOf } from '../candid.ts';
import type { MachineTables } from '../state.ts';
import { availableIn, bookOf } from '../wallet/books.ts';
import { reserveLedger } from './reserve.ts';
import type { TopUp } from './tables.ts';

export function sourceToCandid(source: ComputeSource) {
  if (source.kind === 'none') return { none: null };
  const ledger = hexToPrincipal(source.ledger);
  if (source.kind === 'simulatedDesk') return { simulated_desk: { desk: hexToPrincipal(source.desk), ledger } };
  return { minting_canister: { cmc: hexToPrincipal(source.cmc), ledger } };
}

function topUpStatus({ outcome, block }: TopUp) {
  if (outcome === null) return block === null ? { paying: null } : { ordering: null };
  if (outcome.kind === 'delivered') return { delivered: { cycles: outcome.cycles } };
  return { failed: { code: outcome.code, message: outcome.message } };
}

export function topUpToCandid(tables: MachineTables, number: number) {
  const topUp = tables.topUps.get(number);
  if (topUp === null) return null;
  const { transfer, amount, atNs, block } = topUp;
  return { top_up: number, transfer, amount, at_ns: atNs, block: optionOf(block), status: topUpStatus(topUp) };
}

export function computeToCandid(tables: MachineTables, cycles: bigint) {
  const { level, earmarked, openTopUp } = tables.computeState.get();
  const terms = tables.computeTerms.get();
  const ledger = reserveLedger(tables);
  return {
    source: sourceToCandid(tables.computeSource.get()),
    terms: {
      target: terms.target,
      low_cycles: terms.lowCycles,
      floor_cycles: terms.floorCycles,
      top_up_amount: terms.topUpAmount,
    },
    cycles,
    is_low: level !== 'enough',
    is_frozen: level === 'frozen',
    reserve_booked: ledger === null ? 0n : bookOf(tables, ledger, 'compute').booked,
    reserve_available: ledger === null ? 0n : availableIn(tables, ledger, 'compute'),
    earmarked,
    open_top_up: optionOf(openTopUp === null ? null : topUpToCandid(tables, openTopUp)),
  };
}
