// What a block holds for this machine: money that came in, the end of a transfer whose outcome it did not know, or nothing.
import type { BlocksAnswer, LedgerBlock } from '@tamc/protocol/ledger-answers';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { accountToPurse, type Purse } from '@tamc/protocol/purse';
import type { TransferOrder } from '@tamc/protocol/wallet';
import type { CallOutcome, Context } from '@tamc/shared/rule';
import { type Consequences, joined, nothing } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import type { MachineTables } from '../state.ts';
import { knownLedger } from './books.ts';
import { declaredOrders, foundEvent } from './declared.ts';
import { end } from './end.ts';
import { isBlockOf } from './search.ts';
import type { Receipt } from './tables.ts';

export interface Heard {
  readonly outcome: CallOutcome;
  /** Null: none that can be read. */
  readonly answer: BlocksAnswer | null;
}

interface FoundReceipt {
  readonly block: LedgerBlock;
  readonly purse: Purse;
}

/** Of what a block holds, whatever becomes of this machine. */
export const finalCodes: readonly string[] = ['NoTransfer', 'NotOurs', 'IntoEscrow', 'Dust'];

interface Rejected {
  readonly code: string;
  readonly message: string;
}
/** The block of a transfer that has no outcome yet. */
type Judged = Rejected | FoundReceipt | { readonly ends: TransferOrder };

export function judgeReceipt(
  tables: MachineTables,
  context: Context,
  receipt: number,
  { ledger, block: index }: Receipt,
  heard: Heard,
): Consequences {
  const judged = judgeBlock(tables, context, ledger, index, heard);
  if ('ends' in judged) return endedBy(tables, context, receipt, judged.ends, index);
  if ('code' in judged) return { events: [{ kind: 'ReceiptRejected', receipt, ...judged }], calls: [] };
  const incoming = incomingOf(ledger, judged);
  return { events: [{ kind: 'ReceiptBooked', receipt, ...incoming }], calls: [] };
}

function endedBy(
  tables: MachineTables,
  context: Context,
  receipt: number,
  order: TransferOrder,
  block: bigint,
): Consequences {
  const { transfer } = order;
  const isOpen = tables.transfers.get(transfer)!.outcome === null;
  const found = isOpen ? null : foundEvent(tables, order, block);
  const isLater = !isOpen && found === null;
  const then = isLater ? 'name it again when the payments under way have ended' : 'which ended with it';
  const told: MachineEvent = {
    kind: 'ReceiptRejected',
    receipt,
    code: 'OwnTransfer',
    message: `it is the machine's own transfer ${transfer}, ${then}`,
  };
  const ended = isOpen ? end(tables, context, order, { kind: 'paid', block }) : nothing;
  return joined({ events: found === null ? [told] : [told, found], calls: [] }, ended);
}

/** Of transfers on the ledger whose outcome is not known, or only by the word of the operator. */
export function unsettledOrders(tables: MachineTables, ledger: PrincipalHex): readonly TransferOrder[] {
  const open = tables.openTransfers.get().filter((one) => one.ledger === ledger);
  const orders = open.map(({ transfer }) => tables.transfers.get(transfer)!.order);
  return [...orders, ...declaredOrders(tables, ledger)];
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
  const ends = unsettledOrders(tables, ledger).find((order) => isBlockOf(order, self, block));
  return ends === undefined ? judgeFound(tables, self, ledger, block) : { ends };
}

function judgeFound(
  tables: MachineTables,
  self: PrincipalHex,
  ledger: PrincipalHex,
  block: LedgerBlock,
): Rejected | FoundReceipt {
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
