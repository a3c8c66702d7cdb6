// What became of a transfer. Paid and refused are final; everything else leaves the money set aside until it is known, by
// asking again while the ledger recognises repetitions, and then by looking for the block.
import { isSameAccount } from '@tamc/protocol/account';
import { type LedgerBlock, readBlocksAnswer, readTransferAnswer } from '@tamc/protocol/ledger-answers';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { type TransferOrder, walletLimits } from '@tamc/protocol/wallet';
import type { CallOutcome, Context, OutcomeContext, OutgoingCall } from '@tamc/shared/rule';
import { afterPurchase } from '../compute/purchase.ts';
import { type Consequences, decided, joined, type MachineDecision, nothing } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { isQuiet } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { afterPull } from '../use/orders.ts';
import { afterSettlement } from '../use/settlement.ts';
import { configuredFeeOf, knownLedger } from './books.ts';
import { onReceiptOutcome } from './receipts.ts';
import type { Transfer } from './tables.ts';
import { searchCall, sourceOf, transferCall } from './transfers.ts';

export const walletOutcomes = { transfer: onTransferOutcome, search: onSearchOutcome, receipt: onReceiptOutcome };

/** What the act that a transfer belongs to is told. */
export type TransferEnd =
  | { readonly kind: 'paid'; readonly block: bigint }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export function onTransferOutcome(
  tables: MachineTables,
  context: OutcomeContext,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  const transfer = openTransferOf(tables, id);
  if (transfer === null) return decided(null);
  const { events, calls } = consequencesOf(tables, context, transfer, outcome);
  return decided(null, events, calls);
}

function openTransferOf(tables: MachineTables, id: string): Transfer | null {
  const transfer = tables.transfers.get(Number(id.split('/')[1]));
  return transfer === null || transfer.outcome !== null ? null : transfer;
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
  if (!isOnlyAttempt) return search(order, context);
  if (answer.kind === 'tooOld') return end(tables, context, order, refused('TooOld', 'the clocks differ too much'));
  if (answer.kind === 'refused') return end(tables, context, order, refused(answer.code, answer.message));
  const change = feeChange(tables, order, answer.expected);
  if (canLower(order) && !isLowered && answer.expected < order.fee) {
    return joined(change, lower(context, order, answer.expected));
  }
  const told = refused('BadFee', `the ledger wants a fee of ${answer.expected}`);
  return joined(change, end(tables, context, order, told));
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

const refused = (code: string, message: string) => ({ kind: 'refused', code, message }) as const;

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

/** Begins at once; what it finds nothing of is looked for again until the window has closed. */
function search({ transfer, ledger, searchFrom }: TransferOrder, { nowNs }: Context): Consequences {
  const event: MachineEvent = { kind: 'TransferPutOff', transfer, untilNs: nowNs, cursor: searchFrom };
  return {
    events: [event, { kind: 'TransferTriedAgain', transfer }],
    calls: [searchCall(transfer, ledger, searchFrom)],
  };
}

export function onSearchOutcome(
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  const transfer = openTransferOf(tables, id);
  if (transfer === null) return decided(null);
  const { events, calls } = searchConsequences(tables, context, transfer, outcome);
  return decided(null, events, calls);
}

function searchConsequences(
  tables: MachineTables,
  context: Context,
  { order, cursor: reached }: Transfer,
  outcome: CallOutcome,
): Consequences {
  const { transfer, ledger } = order;
  const cursor = reached ?? order.searchFrom;
  const later = (next: bigint): Consequences => {
    const untilNs = context.nowNs + walletLimits.searchPauseNs;
    return { events: [{ kind: 'TransferPutOff', transfer, untilNs, cursor: next }], calls: [] };
  };
  const answer = outcome.kind === 'replied' ? readBlocksAnswer(outcome.bytes) : null;
  if (answer === null) return later(cursor);
  const found = answer.blocks.find((block) => isBlockOf(order, context.self, block));
  if (found !== undefined) return end(tables, context, order, { kind: 'paid', block: found.index });
  const next = lastOf(answer.blocks, cursor);
  if (next > cursor && next < answer.logLength) return onward(transfer, ledger, next, context);
  // Blocks that the ledger moved to an archive, or withholds, prove nothing.
  if (next < answer.logLength) return later(cursor);
  const isClosed = context.nowNs - order.createdNs > walletLimits.ledgerWindowNs;
  return isClosed
    ? end(tables, context, order, refused('NotExecuted', 'no block of the ledger holds it'))
    : later(next);
}

/** How far the blocks reach without a gap. */
function lastOf(blocks: readonly LedgerBlock[], cursor: bigint): bigint {
  return blocks.reduce((next, { index }) => (index === next ? next + 1n : next), cursor);
}

function onward(transfer: number, ledger: PrincipalHex, cursor: bigint, { nowNs }: Context): Consequences {
  const events: MachineEvent[] = [
    { kind: 'TransferPutOff', transfer, untilNs: nowNs, cursor },
    { kind: 'TransferTriedAgain', transfer },
  ];
  return { events, calls: [searchCall(transfer, ledger, cursor)] };
}

function isBlockOf(order: TransferOrder, self: PrincipalHex, block: LedgerBlock): boolean {
  const isOurs = block.from !== null && isSameAccount(block.from, sourceOf(self, order));
  const isSame = block.memo === order.memo && block.createdNs === order.createdNs && block.amount === order.amount;
  // A block that burns names no payee; nothing else of ours goes without a fee and has this memo.
  const isPayee = block.to === null ? order.fee === 0n : isSameAccount(block.to, order.to);
  return isOurs && isSame && isPayee;
}

/** The transfer's own end, and what follows for the act that it belongs to. */
function end(tables: MachineTables, context: Context, order: TransferOrder, told: TransferEnd): Consequences {
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

/** What is due of transfers without an outcome: one at a time, each a call whose answer is large. */
export function noticeTransfers(tables: MachineTables, { self, nowNs }: Context): MachineDecision<null> {
  const due = tables.openTransfers.get().find(({ nextNs }) => nextNs !== null && nextNs <= nowNs);
  if (due === undefined || isQuiet(tables, nowNs)) return decided(null);
  const call = nextCall(self, tables.transfers.get(due.transfer)!);
  return decided(null, [{ kind: 'TransferTriedAgain', transfer: due.transfer }], [call]);
}

function nextCall(self: PrincipalHex, { order, cursor }: Transfer): OutgoingCall {
  return cursor === null ? transferCall(self, order) : searchCall(order.transfer, order.ledger, cursor);
}

export function nextTransferNs(tables: MachineTables): bigint | null {
  const times = tables.openTransfers.get().flatMap(({ nextNs }) => nextNs ?? []);
  return times.length === 0 ? null : times.reduce((least, nextNs) => (nextNs < least ? nextNs : least));
}
