// Looking for the block of a transfer whose outcome is not known: from where the ledger was when it was decided, forward to its tip,
// and again until no ledger would execute it any more. Each block is looked at once.
import { isSameAccount } from '@tamc/protocol/account';
import { type BlocksAnswer, type LedgerBlock, readBlocksAnswer } from '@tamc/protocol/ledger-answers';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { type TransferOrder, walletLimits } from '@tamc/protocol/wallet';
import type { CallOutcome, Context, OutgoingCall } from '@tamc/shared/rule';
import { type Consequences, decided, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import type { MachineTables } from '../state.ts';
import { end, openTransferOf, refused } from './end.ts';
import { searchesAgainNs } from './search-hour.ts';
import type { Transfer } from './tables.ts';
import { archivedSearchCall, probeCall, searchCall, sourceOf } from './transfers.ts';

/** Begins at once; what it finds nothing of is looked for again until the window has closed. */
export function search(
  tables: MachineTables,
  { transfer, ledger, searchFrom }: TransferOrder,
  context: Context,
): Consequences {
  return onward(tables, transfer, ledger, searchFrom, context);
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
  const answer = outcome.kind === 'replied' ? readBlocksAnswer(outcome.bytes) : null;
  if (answer === null) return later(transfer, cursor, context);
  const found = answer.blocks.find((block) => isBlockOf(order, context.self, block));
  if (found !== undefined) return end(tables, context, order, { kind: 'paid', block: found.index });
  const next = lastOf(answer.blocks, cursor);
  const isFirst = cursor === order.searchFrom;
  if (isFirst && answer.logLength - next > walletLimits.probeAboveBlocks)
    return probe(tables, order, next, answer.logLength, context);
  if (next > cursor && next < answer.logLength) return onward(tables, transfer, ledger, next, context);
  if (next < answer.logLength && answer.archive !== null)
    return lookNow(tables, transfer, cursor, context, archivedSearchCall(transfer, answer.archive, cursor));
  // Blocks that the ledger withholds prove nothing.
  if (next < answer.logLength) return later(transfer, cursor, context);
  const isClosed = context.nowNs - order.createdNs > walletLimits.ledgerWindowNs;
  return isClosed
    ? end(tables, context, order, refused('NotExecuted', 'no block of the ledger holds it'))
    : later(transfer, next, context);
}

/** From there on the ledger is asked again. */
export function onArchivedSearchOutcome(
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  const known = openTransferOf(tables, id);
  if (known === null) return decided(null);
  const { order } = known;
  const cursor = known.cursor ?? order.searchFrom;
  const blocks = outcome.kind === 'replied' ? (readBlocksAnswer(outcome.bytes)?.blocks ?? []) : [];
  const { events, calls } = archivedConsequences(tables, context, order, cursor, blocks);
  return decided(null, events, calls);
}

function archivedConsequences(
  tables: MachineTables,
  context: Context,
  order: TransferOrder,
  cursor: bigint,
  blocks: readonly LedgerBlock[],
): Consequences {
  const found = blocks.find((block) => isBlockOf(order, context.self, block));
  if (found !== undefined) return end(tables, context, order, { kind: 'paid', block: found.index });
  const { transfer, ledger } = order;
  const next = lastOf(blocks, cursor);
  return next > cursor ? onward(tables, transfer, ledger, next, context) : later(transfer, cursor, context);
}

/** The tip is far: some blocks on the way to it say where those begin that are as young as the transfer. */
function probe(
  tables: MachineTables,
  { transfer, ledger }: TransferOrder,
  from: bigint,
  tip: bigint,
  context: Context,
): Consequences {
  return lookNow(tables, transfer, from, context, probeCall('probe', transfer, ledger, probesBetween(from, tip)));
}

function probesBetween(from: bigint, tip: bigint): readonly bigint[] {
  const steps = Array.from({ length: walletLimits.probesMax }, (_, k) => tip - (searchBlocks << BigInt(k)));
  return steps.filter((index) => index > from);
}

const searchBlocks = BigInt(walletLimits.searchBlocks);

export function onProbeOutcome(
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  const known = openTransferOf(tables, id);
  if (known === null) return decided(null);
  const { order } = known;
  const { transfer, ledger, searchFrom } = order;
  const cursor = known.cursor ?? searchFrom;
  const answer = outcome.kind === 'replied' ? readBlocksAnswer(outcome.bytes) : null;
  const from = answer === null ? null : youngFrom(answer.blocks, order, cursor);
  // An archive is asked once: what it says of other archives leads nowhere.
  const archive = id.startsWith('probe/') ? (answer?.archive ?? null) : null;
  const { events, calls } =
    from !== null
      ? onward(tables, transfer, ledger, from, context)
      : archive !== null && answer !== null
        ? lookNow(tables, transfer, cursor, context, archivedProbeCall(transfer, archive, cursor, answer))
        : later(transfer, cursor, context);
  return decided(null, events, calls);
}

function archivedProbeCall(transfer: number, archive: PrincipalHex, cursor: bigint, { logLength }: BlocksAnswer) {
  return probeCall('archivedProbe', transfer, archive, probesBetween(cursor, logLength));
}

/** Null: neither the ledger nor its archive showed a block that is as old as the transfer. */
function youngFrom(blocks: readonly LedgerBlock[], { createdNs, searchFrom }: TransferOrder, cursor: bigint) {
  const isOlder = ({ atNs }: LedgerBlock) => atNs !== null && atNs + walletLimits.clockDriftNs < createdNs;
  const older = blocks.filter(isOlder).map(({ index }) => index);
  if (older.length > 0) return older.reduce((most, index) => (index > most ? index : most), cursor);
  return cursor > searchFrom ? cursor : null;
}

/** How far the blocks reach without a gap. */
export function lastOf(blocks: readonly LedgerBlock[], cursor: bigint): bigint {
  return blocks.reduce((next, { index }) => (index === next ? next + 1n : next), cursor);
}

function onward(
  tables: MachineTables,
  transfer: number,
  ledger: PrincipalHex,
  cursor: bigint,
  context: Context,
): Consequences {
  return lookNow(tables, transfer, cursor, context, searchCall(transfer, ledger, cursor));
}

/** Unless the machine has asked often enough in this hour. */
function lookNow(
  tables: MachineTables,
  transfer: number,
  cursor: bigint,
  { nowNs }: Context,
  call: OutgoingCall,
): Consequences {
  const putOffNs = searchesAgainNs(tables, nowNs);
  const putOff: MachineEvent = { kind: 'TransferPutOff', transfer, untilNs: putOffNs ?? nowNs, cursor };
  if (putOffNs !== null) return { events: [putOff], calls: [] };
  return { events: [putOff, { kind: 'TransferTriedAgain', transfer }], calls: [call] };
}

function later(transfer: number, cursor: bigint, { nowNs }: Context): Consequences {
  const untilNs = nowNs + walletLimits.searchPauseNs;
  return { events: [{ kind: 'TransferPutOff', transfer, untilNs, cursor }], calls: [] };
}

export function isBlockOf(order: TransferOrder, self: PrincipalHex, block: LedgerBlock): boolean {
  const isOurs = block.from !== null && isSameAccount(block.from, sourceOf(self, order));
  const isSame = block.memo === order.memo && block.createdNs === order.createdNs && block.amount === order.amount;
  // A block that burns names no payee; nothing else of ours goes without a fee and has this memo.
  const isPayee = block.to === null ? order.fee === 0n : isSameAccount(block.to, order.to);
  return isOurs && isSame && isPayee && block.kind !== 'approve';
}
