// What became of a transfer. Paid and refused are final; everything else leaves the money set aside until it is known, by
// asking again while the ledger recognises repetitions, and then by looking for the block.
import { readTransferAnswer, type TransferAnswer } from '@tamc/protocol/ledger-answers';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { type TransferOrder, walletLimits } from '@tamc/protocol/wallet';
import type { CallOutcome, Context, OutcomeContext, OutgoingCall } from '@tamc/shared/rule';
import { type Consequences, decided, joined, type MachineDecision, nothing } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { isQuiet } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { configuredFeeOf, knownLedger } from './books.ts';
import { foundEvent } from './declared.ts';
import { end, openTransferOf, refused } from './end.ts';
import { receiptOutcomes } from './receipts.ts';
import { search, searchOutcomes } from './search.ts';
import { searchesAgainNs } from './search-hour.ts';
import type { Transfer } from './tables.ts';
import { searchCall, transferCall } from './transfers.ts';
import { watchOutcomes } from './watch.ts';

export const walletOutcomes = {
  transfer: onTransferOutcome,
  ...searchOutcomes,
  ...receiptOutcomes,
  ...watchOutcomes,
};

export function onTransferOutcome(
  tables: MachineTables,
  context: OutcomeContext,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  const transfer = openTransferOf(tables, id);
  if (transfer === null) return decided(null, lateEvents(tables, id, outcome));
  const { events, calls } = consequencesOf(tables, context, transfer, outcome);
  return decided(null, events, calls);
}

/** It was declared unexecuted, and now a ledger says that it was. */
function lateEvents(tables: MachineTables, id: string, outcome: CallOutcome): readonly MachineEvent[] {
  const number = Number(id.split('/')[1]);
  const known = tables.declared.get().includes(number) ? tables.transfers.get(number) : null;
  if (known === null || outcome.kind !== 'replied') return [];
  const answer = readTransferAnswer(outcome.bytes);
  const found = answer.kind === 'executed' ? foundEvent(tables, known.order, answer.block) : null;
  return found === null ? [] : [found];
}

function consequencesOf(
  tables: MachineTables,
  context: OutcomeContext,
  { order, isRepeated, isLowered }: Transfer,
  outcome: CallOutcome,
): Consequences {
  if (outcome.kind !== 'replied') return putOff(order, context);
  const answer = readTransferAnswer(outcome.bytes);
  if (answer.kind === 'executed') return end(tables, context, order, { kind: 'paid', block: answer.block });
  if (answer.kind === 'later' || answer.kind === 'malformed') {
    return putOff(order, context);
  }
  // A second attempt may be under way, or an earlier one executed: then an error of this one proves nothing.
  const isOnlyAttempt = context.attempts === 1 && !isRepeated;
  const isFinal = isOnlyAttempt || (context.isAlone && isMoneyMissing(answer));
  if (!isFinal) return search(tables, order, context);
  if (answer.kind === 'tooOld') return end(tables, context, order, refused('TooOld', 'the clocks differ too much'));
  if (answer.kind === 'refused') return end(tables, context, order, refused(answer.code, answer.message));
  const change = feeChange(tables, order, answer.expected);
  if (canLower(order) && !isLowered && answer.expected < order.fee) {
    return joined(change, lower(context, order, answer.expected));
  }
  const told = refused('BadFee', `the ledger wants a fee of ${answer.expected}`);
  return joined(change, end(tables, context, order, told));
}

/**
 * A ledger looks for duplicates before it looks for money, and messages to it keep their order: had an earlier attempt been executed,
 * this one would have been told its block.
 */
function isMoneyMissing(answer: TransferAnswer): boolean {
  return answer.kind === 'refused' && ['InsufficientFunds', 'InsufficientAllowance'].includes(answer.code);
}

/** Parts of orders and of revenue are sums that leave nothing behind; they are decided anew instead. */
function canLower({ cause }: TransferOrder): boolean {
  return cause.kind === 'payment' || cause.kind === 'purchase';
}

/** The only attempt was refused, so this one is the only one again: paid for less than was decided, and once at most. */
function lower({ self }: Context, order: TransferOrder, fee: bigint): Consequences {
  const { transfer } = order;
  return { events: [{ kind: 'TransferFeeLowered', transfer, fee }], calls: [transferCall(self, { ...order, fee })] };
}

/**
 * Measured by the fee of birth: by the one in use, a ledger could climb without end. None at all is what a ledger wants of who
 * pays its minting account, so that tells its fee only where the payee cannot be that.
 */
function feeChange(tables: MachineTables, order: TransferOrder, fee: bigint): Consequences {
  const { ledger } = order;
  const known = knownLedger(tables, ledger);
  const configured = configuredFeeOf(known);
  const highest = (configured > 0n ? configured : 1n) * walletLimits.feeRiseMax;
  const isBelieved = fee !== known.fee && fee <= highest && (fee > 0n || !canLower(order));
  return isBelieved ? { events: [{ kind: 'LedgerFeeChanged', ledger, fee }], calls: [] } : nothing;
}

/** Ever more seldom, so that a ledger that is away for a day costs some dozens of calls and not a thousand. */
function putOff({ transfer, createdNs, searchFrom }: TransferOrder, { nowNs }: Context): Consequences {
  const ageNs = nowNs - createdNs;
  const { retryPauseNs, searchPauseNs, askAgainNs } = walletLimits;
  const pauseNs = [retryPauseNs, ageNs / 8n].reduce((most, one) => (one > most ? one : most));
  const untilNs = nowNs + (pauseNs < searchPauseNs ? pauseNs : searchPauseNs);
  const cursor = ageNs < askAgainNs ? null : searchFrom;
  return { events: [{ kind: 'TransferPutOff', transfer, untilNs, cursor }], calls: [] };
}

/** What is due of transfers without an outcome: one at a time, each a call whose answer is large. */
export function noticeTransfers(tables: MachineTables, { self, nowNs }: Context): MachineDecision<null> {
  const due = tables.openTransfers.get().find(({ nextNs }) => nextNs !== null && nextNs <= nowNs);
  if (due === undefined || isQuiet(tables, nowNs)) return decided(null);
  const transfer = tables.transfers.get(due.transfer)!;
  const againNs = transfer.cursor === null ? null : searchesAgainNs(tables, nowNs);
  if (againNs !== null) {
    const { cursor } = transfer;
    return decided(null, [{ kind: 'TransferPutOff', transfer: due.transfer, untilNs: againNs, cursor }]);
  }
  const call = nextCall(self, transfer);
  return decided(null, [{ kind: 'TransferTriedAgain', transfer: due.transfer }], [call]);
}

function nextCall(self: PrincipalHex, { order, cursor }: Transfer): OutgoingCall {
  return cursor === null ? transferCall(self, order) : searchCall(order.transfer, order.ledger, cursor);
}

export function nextTransferNs(tables: MachineTables): bigint | null {
  const times = tables.openTransfers.get().flatMap(({ nextNs }) => nextNs ?? []);
  return times.length === 0 ? null : times.reduce((least, nextNs) => (nextNs < least ? nextNs : least));
}
