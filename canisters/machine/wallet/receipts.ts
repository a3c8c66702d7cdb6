// Money that came in without our asking: anybody names the block, the ledger, or the archive it names, tells what is in it, and it is
// booked once. A block that holds a transfer of the machine's own, whose outcome it does not know, ends that.
import { refuse } from '@tamc/base/result';
import type { Account } from '@tamc/protocol/account';
import { commandRefusals } from '@tamc/protocol/commands';
import { readIcpArchiveAnswer, readIcpBlocksAnswer } from '@tamc/protocol/icp-blocks';
import { type BlocksAnswer, isBlock, readBlocksAnswer } from '@tamc/protocol/ledger-answers';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { purses, purseToAccount } from '@tamc/protocol/purse';
import { walletLimits } from '@tamc/protocol/wallet';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import type { CallOutcome, Context, OutgoingCall } from '@tamc/shared/rule';
import { isFrozen } from '../compute/frozen.ts';
import { type Consequences, decided, type MachineDecision } from '../decision.ts';
import { isQuiet, operatorOf } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { ledgerOf } from './books.ts';
import { finalCodes, judgeReceipt, unsettledOrders } from './judge.ts';
import { isDelegate } from './mandates.ts';
import { ledgerFault } from './pay.ts';
import type { Receipt } from './tables.ts';
import { blocksCall, icpArchiveCall, icpBlockCall, sourceOf } from './transfers.ts';

const hourNs = 3_600_000_000_000n;

export interface Announcement {
  readonly ledger: PrincipalHex;
  readonly block: bigint;
}

/** Replies the subject: `entry/12` when the block is booked already, else `receipt/3` whose outcome is to be looked at. */
export function announceReceipt(
  tables: MachineTables,
  context: Context,
  { ledger, block }: Announcement,
): MachineDecision<string> {
  if (ledgerOf(tables, ledger) === null) return refuse(ledgerFault(tables, ledger));
  if (!isBlock(block)) return refuse(no('BlockInvalid'));
  const entry = tables.bookedBlocks.get([ledger, block]);
  if (entry !== null) return decided(`entry/${entry}`);
  const { open } = tables.receiptQueue.get();
  const underWay = open.find((one) => one.ledger === ledger && one.block === block);
  const told = underWay?.receipt ?? (isOwn(tables, context) ? null : toldLately(tables, ledger, block));
  if (told !== null) return decided(`receipt/${told}`);
  if (isQuiet(tables, context.nowNs)) return refuse(commandRefusals('UpgradeUnderWay'));
  const max = queueFault(tables, context, ledger);
  if (max !== null) return refuse(no('ReceiptsFull', { max }));
  const receipt = tables.receipts.end();
  const call = blocksCall(`receipt/${receipt}`, ledger, block, 1);
  return decided(call.id, [{ kind: 'ReceiptAnnounced', receipt, ledger, block }], [call]);
}

/** Who is not counted: it looks after the machine. */
function isOwn(tables: MachineTables, { caller, nowNs }: Context): boolean {
  return caller === operatorOf(tables) || isDelegate(tables, caller, nowNs);
}

/** What a block holds never changes: a stranger who asks again about one that is nothing for this machine is told so, at no cost. */
function toldLately({ receipts }: MachineTables, ledger: PrincipalHex, block: bigint): number | null {
  const oldest = Math.max(receipts.first(), receipts.end() - walletLimits.receiptsRemembered);
  for (let number = receipts.end() - 1; number >= oldest; number--) {
    const known = receipts.get(number)!;
    const isFinal = known.outcome?.kind === 'rejected' && finalCodes.includes(known.outcome.code);
    if (isFinal && known.ledger === ledger && known.block === block) return number;
  }
  return null;
}

/** The limit that is reached, or null. Only strangers are counted by the hour. */
function queueFault(tables: MachineTables, context: Context, ledger: PrincipalHex): number | null {
  const { openReceiptsPerLedgerMax, receiptsPerCallerMax, receiptsPerHourMax, receiptsPerFrozenHourMax } = walletLimits;
  const { open, hourNs: startNs, inHour, callers } = tables.receiptQueue.get();
  if (open.filter((one) => one.ledger === ledger).length >= openReceiptsPerLedgerMax) return openReceiptsPerLedgerMax;
  if (isOwn(tables, context) || context.nowNs >= startNs + hourNs) return null;
  const perHourMax = isFrozen(tables) ? receiptsPerFrozenHourMax : receiptsPerHourMax;
  // First of the caller alone: one stranger does not use up what all of them have.
  if (callers.filter((one) => one === context.caller).length >= receiptsPerCallerMax) return receiptsPerCallerMax;
  return inHour >= perHourMax ? perHourMax : null;
}

export const receiptOutcomes = {
  receipt: onReceiptOutcome,
  archivedReceipt: onArchivedReceiptOutcome,
  icpReceipt: onIcpReceiptOutcome,
  archivedIcpReceipt: onArchivedIcpReceiptOutcome,
};

export function onReceiptOutcome(
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  return ofOpenReceipt(tables, id, (receipt, announced) => {
    const { ledger, block } = announced;
    // The ICP ledger has its blocks, but not by the standard.
    if (outcome.kind === 'rejected')
      return { events: [], calls: [icpBlockCall(`icpReceipt/${receipt}`, ledger, block)] };
    const answer = outcome.kind === 'replied' ? readBlocksAnswer(outcome.bytes) : null;
    return (
      fromArchive(answer, block, (archive) => blocksCall(`archivedReceipt/${receipt}`, archive, block, 1)) ??
      judgeReceipt(tables, context, receipt, announced, { outcome, answer })
    );
  });
}

export function onArchivedReceiptOutcome(
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  return ofOpenReceipt(tables, id, (receipt, announced) => {
    const answer = outcome.kind === 'replied' ? readBlocksAnswer(outcome.bytes) : null;
    return judgeReceipt(tables, context, receipt, announced, { outcome, answer });
  });
}

export function onIcpReceiptOutcome(
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  return ofOpenReceipt(tables, id, (receipt, announced) => {
    const { ledger, block } = announced;
    const known = accountsKnown(tables, context, ledger);
    const answer = outcome.kind === 'replied' ? readIcpBlocksAnswer(outcome.bytes, known) : null;
    return (
      fromArchive(answer, block, (archive) => icpArchiveCall(`archivedIcpReceipt/${receipt}`, archive, block)) ??
      judgeReceipt(tables, context, receipt, announced, { outcome, answer })
    );
  });
}

export function onArchivedIcpReceiptOutcome(
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  return ofOpenReceipt(tables, id, (receipt, announced) => {
    const { ledger, block } = announced;
    const known = accountsKnown(tables, context, ledger);
    const answer = outcome.kind === 'replied' ? readIcpArchiveAnswer(outcome.bytes, block, known) : null;
    return judgeReceipt(tables, context, receipt, announced, { outcome, answer });
  });
}

/** Null: what the ledger itself has said decides. */
function fromArchive(
  answer: BlocksAnswer | null,
  block: bigint,
  ask: (archive: PrincipalHex) => OutgoingCall,
): Consequences | null {
  if (answer === null || answer.archive === null) return null;
  return answer.blocks.some(({ index }) => index === block) ? null : { events: [], calls: [ask(answer.archive)] };
}

/** That ledger names accounts by their hashes: the machine's own, and both ends of what it waits for. */
function accountsKnown(tables: MachineTables, { self }: Context, ledger: PrincipalHex): readonly Account[] {
  const own = purses.map((purse) => purseToAccount(self, purse));
  const ends = unsettledOrders(tables, ledger).flatMap((order) => [sourceOf(self, order), order.to]);
  return [...own, ...ends];
}

/** Nothing follows for one that has ended. */
function ofOpenReceipt(
  tables: MachineTables,
  id: string,
  follow: (receipt: number, announced: Receipt) => Consequences,
): MachineDecision<null> {
  const receipt = Number(id.split('/')[1]);
  const announced = tables.receipts.get(receipt);
  if (announced === null || announced.outcome !== null) return decided(null);
  const { events, calls } = follow(receipt, announced);
  return decided(null, events, calls);
}
