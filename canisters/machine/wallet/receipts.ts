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
import { isQuiet } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { ledgerOf } from './books.ts';
import { finalCodes, judgeReceipt, unsettledOrders } from './judge.ts';
import { looksAfter } from './mandates.ts';
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
  const told =
    underWay?.receipt ?? (looksAfter(tables, context.caller, context.nowNs) ? null : toldLately(tables, ledger, block));
  if (told !== null) return decided(`receipt/${told}`);
  if (isQuiet(tables, context.nowNs)) return refuse(commandRefusals('UpgradeUnderWay'));
  const max = queueFault(tables, context, ledger);
  if (max !== null) return refuse(no('ReceiptsFull', { max }));
  const receipt = tables.receipts.end();
  const call = blocksCall(`receipt/${receipt}`, ledger, block, 1);
  return decided(call.id, [{ kind: 'ReceiptAnnounced', receipt, ledger, block }], [call]);
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
  const isOwn = looksAfter(tables, context.caller, context.nowNs);
  if (isOwn || context.nowNs >= startNs + hourNs) return null;
  const perHourMax = isFrozen(tables) ? receiptsPerFrozenHourMax : receiptsPerHourMax;
  // First of the caller alone: one stranger does not use up what all of them have.
  if (callers.filter((one) => one === context.caller).length >= receiptsPerCallerMax) return receiptsPerCallerMax;
  return inHour >= perHourMax ? perHourMax : null;
}

/** How an answer about one block is read; the ICP ledger names accounts by their hashes, so of it those that are looked for. */
type Read = (bytes: Uint8Array, block: bigint, accounts: () => readonly Account[]) => BlocksAnswer | null;

const byStandard: Read = (bytes) => readBlocksAnswer(bytes);
const byIcp: Read = (bytes, _, accounts) => readIcpBlocksAnswer(bytes, accounts());
const byIcpArchive: Read = (bytes, block, accounts) => readIcpArchiveAnswer(bytes, block, accounts());

export const receiptOutcomes = {
  receipt: onReceiptOutcome,
  archivedReceipt: judgedBy(byStandard),
  icpReceipt: judgedBy(byIcp, (receipt, archive, block) => {
    return icpArchiveCall(`archivedIcpReceipt/${receipt}`, archive, block);
  }),
  archivedIcpReceipt: judgedBy(byIcpArchive),
};

type ReceiptOutcome = (
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
) => MachineDecision<null>;

const judgedByStandard = judgedBy(byStandard, (receipt, archive, block) => {
  return blocksCall(`archivedReceipt/${receipt}`, archive, block, 1);
});

function onReceiptOutcome(...given: Parameters<ReceiptOutcome>): MachineDecision<null> {
  const [tables, , id, outcome] = given;
  if (outcome.kind !== 'rejected') return judgedByStandard(...given);
  // The ICP ledger has its blocks, but not by the standard.
  return ofOpenReceipt(tables, id, (receipt, { ledger, block }) => {
    return { events: [], calls: [icpBlockCall(`icpReceipt/${receipt}`, ledger, block)] };
  });
}

/** `askArchive`: left out, what is heard is the last word. */
function judgedBy(
  read: Read,
  askArchive?: (receipt: number, archive: PrincipalHex, block: bigint) => OutgoingCall,
): ReceiptOutcome {
  return (tables, context, id, outcome) =>
    ofOpenReceipt(tables, id, (receipt, announced) => {
      const { ledger, block } = announced;
      const accounts = () => accountsKnown(tables, context, ledger);
      const answer = outcome.kind === 'replied' ? read(outcome.bytes, block, accounts) : null;
      const archive = askArchive === undefined ? null : archiveOf(answer, block);
      return archive === null
        ? judgeReceipt(tables, context, receipt, announced, { outcome, answer })
        : { events: [], calls: [askArchive!(receipt, archive, block)] };
    });
}

/** Null: what was heard decides. */
function archiveOf(answer: BlocksAnswer | null, block: bigint): PrincipalHex | null {
  return answer?.blocks.some(({ index }) => index === block) === false ? answer.archive : null;
}

/** The machine's own, and both ends of what it waits for. */
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
