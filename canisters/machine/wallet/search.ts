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
import { archivedSearchCall, probeCall, searchCall, sourceOf } from './transfers.ts';

/** Begins at once; what it finds nothing of is looked for again until the window has closed. */
export function search(
  tables: MachineTables,
  { transfer, ledger, searchFrom }: TransferOrder,
  context: Context,
): Consequences {
  return onward(tables, transfer, ledger, searchFrom, context);
}

type SearchOutcome = (
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
) => MachineDecision<null>;

/** What was heard of a transfer that is still looked for; what cannot be read is asked again later. */
interface Heard {
  readonly id: string;
  readonly order: TransferOrder;
  readonly cursor: bigint;
  readonly answer: BlocksAnswer;
}

function heard(follow: (tables: MachineTables, context: Context, heard: Heard) => Consequences): SearchOutcome {
  return (tables, context, id, outcome) => {
    const known = openTransferOf(tables, id);
    if (known === null) return decided(null);
    const { order, cursor: reached } = known;
    const cursor = reached ?? order.searchFrom;
    const answer = outcome.kind === 'replied' ? readBlocksAnswer(outcome.bytes) : null;
    const { events, calls } =
      answer === null ? later(order.transfer, cursor, context) : follow(tables, context, { id, order, cursor, answer });
    return decided(null, events, calls);
  };
}

export const searchOutcomes: Readonly<Record<'search' | 'archivedSearch' | 'probe' | 'archivedProbe', SearchOutcome>> =
  {
    search: heard(afterSearch),
    archivedSearch: heard(afterArchivedSearch),
    probe: heard(afterProbe),
    archivedProbe: heard(afterProbe),
  };

function afterSearch(tables: MachineTables, context: Context, { order, cursor, answer }: Heard): Consequences {
  const { transfer, ledger } = order;
  const found = foundIn(tables, context, order, answer);
  if (found !== null) return found;
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
function afterArchivedSearch(tables: MachineTables, context: Context, { order, cursor, answer }: Heard): Consequences {
  const { transfer, ledger } = order;
  const found = foundIn(tables, context, order, answer);
  if (found !== null) return found;
  const next = lastOf(answer.blocks, cursor);
  return next > cursor ? onward(tables, transfer, ledger, next, context) : later(transfer, cursor, context);
}

function foundIn(
  tables: MachineTables,
  context: Context,
  order: TransferOrder,
  { blocks }: BlocksAnswer,
): Consequences | null {
  const found = blocks.find((block) => isBlockOf(order, context.self, block));
  return found === undefined ? null : end(tables, context, order, { kind: 'paid', block: found.index });
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

function afterProbe(tables: MachineTables, context: Context, { id, order, cursor, answer }: Heard): Consequences {
  const { transfer, ledger } = order;
  const from = youngFrom(answer.blocks, order, cursor);
  if (from !== null) return onward(tables, transfer, ledger, from, context);
  // An archive is asked once: what it says of other archives leads nowhere.
  const archive = id.startsWith('probe/') ? answer.archive : null;
  return archive === null
    ? later(transfer, cursor, context)
    : lookNow(tables, transfer, cursor, context, archivedProbeCall(transfer, archive, cursor, answer));
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
