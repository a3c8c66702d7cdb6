// What the operator wants of compute, what is observed of the cycles, and what becomes due because of it.
import { refuse } from '@tamc/base/result';
import { type ComputeTerms, computeLimits, computeRefusals as no } from '@tamc/protocol/compute';
import type { Context } from '@tamc/shared/rule';
import { decided, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { isQuiet, operatorText, requireOperator } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { availableIn } from '../wallet/books.ts';
import { startTransfers } from '../wallet/transfers.ts';
import { canBuy, purchaseTotal, purchaseWanted, sellerCall } from './purchase.ts';
import { fillWanted, isFillDue, reserveLedger } from './reserve.ts';

export function setCompute(tables: MachineTables, context: Context, terms: ComputeTerms): MachineDecision<null> {
  const denied = requireOperator(tables, context);
  if (denied !== null) return refuse(denied);
  const { cyclesMax, amountMax } = computeLimits;
  const amounts = [terms.target, terms.topUpAmount];
  if (amounts.some((amount) => amount > amountMax)) {
    return refuse(no('TermsInvalid', { field: 'target and top_up_amount', wanted: `at most ${amountMax}` }));
  }
  if (terms.lowCycles > cyclesMax || terms.floorCycles > terms.lowCycles) {
    const wanted = `at most low_cycles, and that at most ${cyclesMax}`;
    return refuse(no('TermsInvalid', { field: 'floor_cycles', wanted }));
  }
  return decided(null, [{ kind: 'ComputeTermsSet', terms }]);
}

/** Looked at before every message, so that a rule knows whether the machine is frozen. */
export function observeCycles(tables: MachineTables, _context: Context, cycles: bigint): MachineDecision<null> {
  const ledger = reserveLedger(tables);
  const { level } = tables.computeState.get();
  const { lowCycles, floorCycles } = tables.computeTerms.get();
  // A tenth above: a balance that trembles around the limit must not fill the log.
  const isEnough = cycles >= (level === 'enough' ? lowCycles : lowCycles + lowCycles / 10n);
  const observed = ledger === null || isEnough ? 'enough' : cycles < floorCycles ? 'frozen' : 'low';
  if (observed === level) return decided(null);
  if (observed === 'enough' || ledger === null) return decided(null, [{ kind: 'ComputeRecovered', cycles }]);
  const reserve = availableIn(tables, ledger, 'compute');
  const kind = observed === 'frozen' ? 'ComputeFrozen' : 'ComputeLow';
  return decided(null, [{ kind, cycles, reserve }]);
}

/** What is due: filling the reserve, buying, and asking the seller again. */
export function noticeCompute(tables: MachineTables, context: Context): MachineDecision<null> {
  if (isQuiet(tables, context.nowNs)) return decided(null);
  const again = askAgain(tables, context);
  if (again !== null) return again;
  const purchase = purchaseWanted(tables, context);
  const wanted = [...fillWanted(tables, context.self), ...(purchase === null ? [] : [purchase.wanted])];
  if (wanted.length === 0) return decided(null);
  const { events, calls, first } = startTransfers(tables, context, ...wanted);
  if (purchase === null) return decided(null, events, calls);
  const transfer = first + wanted.length - 1;
  const {
    topUp,
    wanted: { amount },
  } = purchase;
  return decided(null, [...events, { kind: 'TopUpStarted', topUp, transfer, amount }], calls);
}

function askAgain(tables: MachineTables, context: Context): MachineDecision<null> | null {
  const { openTopUp } = tables.computeState.get();
  const topUp = openTopUp === null ? null : tables.topUps.get(openTopUp);
  if (openTopUp === null || topUp?.block == null || topUp.nextNs === null || topUp.nextNs > context.nowNs) return null;
  const event: MachineEvent = { kind: 'TopUpAskedAgain', topUp: openTopUp };
  return decided(null, [event], [sellerCall(tables, context, openTopUp, topUp.block)]);
}

/** Zero: at once. */
export function nextComputeNs(tables: MachineTables): bigint | null {
  const ledger = reserveLedger(tables);
  if (ledger === null) return null;
  if (isFillDue(tables, ledger)) return 0n;
  const { level, openTopUp, nextNs } = tables.computeState.get();
  if (openTopUp !== null) return tables.topUps.get(openTopUp)?.nextNs ?? null;
  return level !== 'enough' && nextNs !== computeLimits.neverNs && canBuy(tables, ledger) ? nextNs : null;
}

/** Anybody may ask a machine that is low to buy; otherwise the refusal says what stands in the way. */
export function topUp(tables: MachineTables, context: Context, cycles: bigint): MachineDecision<null> {
  const ledger = reserveLedger(tables);
  if (ledger === null) return refuse(no('NoComputeNeeded'));
  const { level, openTopUp, nextNs } = tables.computeState.get();
  if (level === 'enough') return refuse(no('CyclesEnough', { cycles, low: tables.computeTerms.get().lowCycles }));
  if (openTopUp !== null) return refuse(no('TopUpUnderWay', { topUp: openTopUp }));
  if (nextNs === computeLimits.neverNs) return refuse(no('PurchasesEnded', { operator: operatorText(tables) }));
  if (tables.computeTerms.get().topUpAmount === 0n)
    return refuse(no('NothingWanted', { operator: operatorText(tables) }));
  const purchase = purchaseWanted(tables, context);
  if (purchase === null) {
    const available = availableIn(tables, ledger, 'compute');
    return refuse(no('ReserveShort', { available, needed: purchaseTotal(tables, ledger) }));
  }
  const { events, calls, first } = startTransfers(tables, context, purchase.wanted);
  const {
    topUp: number,
    wanted: { amount },
  } = purchase;
  return decided(null, [...events, { kind: 'TopUpStarted', topUp: number, transfer: first, amount }], calls);
}
