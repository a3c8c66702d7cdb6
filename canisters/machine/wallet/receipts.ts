// Money that came in without our asking: anybody names the block, the ledger tells what is in it, and it is booked once.
import { refuse } from '@tamc/base/result';
import { commandRefusals } from '@tamc/protocol/commands';
import { readIcpBlocksAnswer } from '@tamc/protocol/icp-blocks';
import { type BlocksAnswer, isBlock, type LedgerBlock, readBlocksAnswer } from '@tamc/protocol/ledger-answers';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { accountToPurse, type Purse, purses, purseToAccount } from '@tamc/protocol/purse';
import { walletLimits } from '@tamc/protocol/wallet';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import type { CallOutcome, Context } from '@tamc/shared/rule';
import { type Consequences, decided, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { isQuiet, operatorOf } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { knownLedger, ledgerOf } from './books.ts';
import { isDelegate } from './mandates.ts';
import { ledgerFault } from './pay.ts';
import type { Receipt } from './tables.ts';
import { blocksCall, icpBlockCall } from './transfers.ts';

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
  if (underWay !== undefined) return decided(`receipt/${underWay.receipt}`);
  if (isQuiet(tables, context.nowNs)) return refuse(commandRefusals('UpgradeUnderWay'));
  const max = queueFault(tables, context, ledger);
  if (max !== null) return refuse(no('ReceiptsFull', { max }));
  const receipt = tables.receipts.end();
  const call = blocksCall(`receipt/${receipt}`, ledger, block, 1);
  return decided(call.id, [{ kind: 'ReceiptAnnounced', receipt, ledger, block }], [call]);
}

/** The limit that is reached, or null. Only strangers are counted by the hour. */
function queueFault(tables: MachineTables, { caller, nowNs }: Context, ledger: PrincipalHex): number | null {
  const { openReceiptsPerLedgerMax, receiptsPerCallerMax, receiptsPerHourMax } = walletLimits;
  const { open, hourNs: startNs, inHour, callers } = tables.receiptQueue.get();
  if (open.filter((one) => one.ledger === ledger).length >= openReceiptsPerLedgerMax) return openReceiptsPerLedgerMax;
  const isOwn = caller === operatorOf(tables) || isDelegate(tables, caller, nowNs);
  if (isOwn || nowNs >= startNs + hourNs) return null;
  // First of the caller alone: one stranger does not use up what all of them have.
  if (callers.filter((one) => one === caller).length >= receiptsPerCallerMax) return receiptsPerCallerMax;
  return inHour >= receiptsPerHourMax ? receiptsPerHourMax : null;
}

export function onReceiptOutcome(
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  return ofOpenReceipt(tables, id, (receipt, announced) => {
    // The ICP ledger has its blocks, but not by the standard.
    if (outcome.kind === 'rejected')
      return { events: [], calls: [icpBlockCall(`icpReceipt/${receipt}`, announced.ledger, announced.block)] };
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
    const own = purses.map((purse) => purseToAccount(context.self, purse));
    const answer = outcome.kind === 'replied' ? readIcpBlocksAnswer(outcome.bytes, own) : null;
    return judgeReceipt(tables, context, receipt, announced, { outcome, answer });
  });
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

interface Heard {
  readonly outcome: CallOutcome;
  /** Null: none that can be read. */
  readonly answer: BlocksAnswer | null;
}

interface FoundReceipt {
  readonly block: LedgerBlock;
  readonly purse: Purse;
}

type Judged = { readonly code: string; readonly message: string } | FoundReceipt;

function judgeReceipt(
  tables: MachineTables,
  context: Context,
  receipt: number,
  { ledger, block: index }: Receipt,
  heard: Heard,
): Consequences {
  const judged = judgeBlock(tables, context, ledger, index, heard);
  if ('code' in judged) return { events: [{ kind: 'ReceiptRejected', receipt, ...judged }], calls: [] };
  const incoming = incomingOf(ledger, judged);
  return { events: [{ kind: 'ReceiptBooked', receipt, ...incoming }], calls: [] };
}

function incomingOf(ledger: PrincipalHex, { block: { index: block, from, amount, memo }, purse }: FoundReceipt) {
  return { ledger, block, purse, from, amount, memo };
}

/** Booked, unless it is none or known. */
export function foundEvents(
  tables: MachineTables,
  { self }: Context,
  ledger: PrincipalHex,
  block: LedgerBlock,
): readonly MachineEvent[] {
  if (tables.bookedBlocks.get([ledger, block.index]) !== null) return [];
  const judged = judgeFound(tables, self, ledger, block);
  return 'code' in judged ? [] : [{ kind: 'ReceiptFound', ...incomingOf(ledger, judged) }];
}

function judgeBlock(
  tables: MachineTables,
  { self }: Context,
  ledger: PrincipalHex,
  index: bigint,
  { outcome, answer }: Heard,
): Judged {
  if (tables.bookedBlocks.get([ledger, index]) !== null) {
    return { code: 'AlreadyBooked', message: 'it was booked while it was looked up' };
  }
  if (outcome.kind !== 'replied') return { code: 'LedgerSilent', message: 'the ledger gave no answer' };
  if (answer === null) return { code: 'AnswerMalformed', message: 'what the ledger answered is no list of blocks' };
  const block = answer.blocks.find((one) => one.index === index);
  if (block === undefined) {
    const message = answer.isArchived ? 'the ledger has archived this block' : 'the ledger has no such block';
    return { code: 'BlockMissing', message };
  }
  return judgeFound(tables, self, ledger, block);
}

function judgeFound(tables: MachineTables, self: PrincipalHex, ledger: PrincipalHex, block: LedgerBlock): Judged {
  if (block.kind === 'other' || block.kind === 'approve' || block.to === null)
    return { code: 'NoTransfer', message: 'the block holds no transfer' };
  const purse = accountToPurse(self, block.to);
  if (purse === null) return { code: 'NotOurs', message: 'the transfer is to no account of this machine' };
  if (block.from?.owner === self || block.spender?.owner === self) {
    return { code: 'OwnTransfer', message: 'the machine made this transfer itself and has booked it' };
  }
  // What is in escrow belongs to orders; money that strays there could be claimed by none.
  if (purse === 'escrow') return { code: 'IntoEscrow', message: 'money for the machine goes to its main account' };
  if (block.amount <= knownLedger(tables, ledger).fee) {
    return { code: 'Dust', message: 'the amount is not above the fee of sending it on' };
  }
  return { block, purse };
}
