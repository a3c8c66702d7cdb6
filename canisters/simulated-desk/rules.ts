// Selling: the block is looked up on the ledger, and its payer gets the cycles, once. Anybody may tell the block, because the
// cycles go to nobody but who paid. What cannot be known is not sent again.
import { IDL } from '@dfinity/candid';
import { ok, refuse } from '@tamc/base/result';
import { accountOf, isSameAccount } from '@tamc/protocol/account';
import { GetBlocksArgsType } from '@tamc/protocol/icrc3-types';
import { isBlock, type LedgerBlock, readBlocksAnswer } from '@tamc/protocol/ledger-answers';
import { hexToPrincipal, managementCanister, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { type DeskEvent, type DeskInit, deskLimits, deskRefusals as no } from '@tamc/protocol/simulated-desk';
import type { CallOutcome, Context, OutgoingCall } from '@tamc/shared/rule';
import type { DeskDecision, DeskTables, Sale } from './state.ts';

export function openDesk(_tables: DeskTables, _context: Context, init: DeskInit): DeskDecision<null> {
  const { ledger, cycles_per_unit: cyclesPerUnit } = init;
  const isPrice = cyclesPerUnit >= 1n && cyclesPerUnit <= deskLimits.priceMax;
  if (!isPrice)
    return refuse(no('NoPayment', { block: 0, reason: `cycles_per_unit must be 1 to ${deskLimits.priceMax}` }));
  return decided(null, [{ kind: 'DeskOpened', ledger: principalToHex(ledger), cyclesPerUnit }]);
}

/** Replies the block, whose sale is then shown as it is. */
export function topUp(tables: DeskTables, _context: Context, block: bigint): DeskDecision<bigint> {
  if (!isBlock(block)) return refuse(no('BlockInvalid'));
  const sale = tables.sales.get(block);
  const isAskedAgain = sale === null || sale.state.kind === 'failed';
  if (!isAskedAgain) return decided(block);
  const { sales, open } = tables.counts.get();
  const { salesMax, openSalesMax } = deskLimits;
  if (sale === null && sales >= salesMax) return refuse(no('DeskFull', { max: salesMax }));
  if (open.length >= openSalesMax) return refuse(no('SaleUnderWay', { block: open[0]! }));
  const payment = sale?.payment ?? null;
  // The ledger has shown it before: only the delivery failed.
  if (payment !== null) return decided(block, [{ kind: 'SaleBegun', block, ...payment }], [deposit(block, payment)]);
  return decided(block, [{ kind: 'SaleAsked', block }], [blockCall(tables.price.get()!.ledger, block)]);
}

function blockCall(ledger: PrincipalHex, block: bigint): OutgoingCall {
  const argument = new Uint8Array(IDL.encode([GetBlocksArgsType], [[{ start: block, length: 1n }]]));
  return { id: `block/${block}`, callee: ledger, method: 'icrc3_get_blocks', argument, cycles: 0n, isRepeatable: true };
}

const CanisterType = IDL.Record({ canister_id: IDL.Principal });

/** Not repeatable: a second one would give the cycles twice. */
function deposit(block: bigint, { payer, cycles }: NonNullable<Sale['payment']>): OutgoingCall {
  const argument = new Uint8Array(IDL.encode([CanisterType], [{ canister_id: hexToPrincipal(payer) }]));
  const call = { callee: managementCanister, method: 'deposit_cycles', argument, cycles };
  return { ...call, id: `deposit/${block}`, isRepeatable: false };
}

export const deskOutcomes = { block: onBlock, deposit: onDeposit };

export function onBlock(tables: DeskTables, { self }: Context, id: string, outcome: CallOutcome): DeskDecision<null> {
  const block = BigInt(id.split('/')[1]!);
  const answer = outcome.kind === 'replied' ? readBlocksAnswer(outcome.bytes) : null;
  if (answer === null)
    return decided(null, [{ kind: 'SaleFailed', block, message: 'the ledger gave no list of blocks' }]);
  const found = answer.blocks.find(({ index }) => index === block);
  if (found === undefined) return decided(null, [{ kind: 'SaleFailed', block, message: 'it has no such block yet' }]);
  const cycles = found.amount * tables.price.get()!.cyclesPerUnit;
  const fault = faultOf(found, self, cycles);
  if (fault !== null) return decided(null, [{ kind: 'SaleRejected', block, code: 'NoPayment', message: fault }]);
  const payment = { payer: found.from!.owner, amount: found.amount, cycles };
  return decided(null, [{ kind: 'SaleBegun', block, ...payment }], [deposit(block, payment)]);
}

function faultOf({ kind, from, to, amount }: LedgerBlock, self: PrincipalHex, cycles: bigint): string | null {
  if (kind !== 'transfer' || from === null || to === null) return 'it is no transfer';
  if (!isSameAccount(to, accountOf(self))) return 'it pays somebody else';
  if (from.owner === self) return 'the desk does not sell to itself';
  if (amount < 1n) return 'it pays nothing';
  return cycles > deskLimits.cyclesPerSaleMax ? `it would buy more than ${deskLimits.cyclesPerSaleMax} cycles` : null;
}

export function onDeposit(
  _tables: DeskTables,
  _context: Context,
  id: string,
  outcome: CallOutcome,
): DeskDecision<null> {
  const block = BigInt(id.split('/')[1]!);
  if (outcome.kind === 'replied') return decided(null, [{ kind: 'SaleDelivered', block }]);
  if (outcome.kind === 'unknown') return decided(null, [{ kind: 'SaleUnknown', block }]);
  // A reject gives the cycles back.
  return decided(null, [{ kind: 'SaleFailed', block, message: outcome.message.slice(0, 200) }]);
}

export function applyDesk(tables: DeskTables, event: DeskEvent): void {
  if (event.kind === 'DeskOpened') {
    const { ledger, cyclesPerUnit } = event;
    tables.price.set({ ledger, cyclesPerUnit });
    return;
  }
  const { block } = event;
  const before = tables.sales.get(block);
  const payment = paymentOf(event) ?? before?.payment ?? null;
  const counts = tables.counts.get();
  const others = counts.open.filter((one) => one !== block);
  const isOpen = event.kind === 'SaleAsked' || event.kind === 'SaleBegun';
  const open = isOpen ? [...others, block] : others;
  // Of a block that has bought nothing nothing is kept: there are as many of them as anybody likes.
  if (payment === null && (event.kind === 'SaleFailed' || event.kind === 'SaleRejected')) {
    const refused = [...counts.refused, refusedSaleOf(event)].slice(-deskLimits.refusedKept);
    tables.counts.set({ sales: counts.sales - (before === null ? 0 : 1), open, refused });
    tables.sales.delete(block);
    return;
  }
  tables.counts.set({ ...counts, sales: counts.sales + (before === null ? 1 : 0), open });
  tables.sales.set(block, { payment, state: stateOf(event) });
}

function refusedSaleOf({ kind, block, message }: Extract<DeskEvent, { kind: 'SaleFailed' | 'SaleRejected' }>) {
  return { block, isFinal: kind === 'SaleRejected', message };
}

type SaleEvent = Exclude<DeskEvent, { kind: 'DeskOpened' }>;

function paymentOf(event: SaleEvent): Sale['payment'] {
  if (event.kind !== 'SaleBegun') return null;
  const { payer, amount, cycles } = event;
  return { payer, amount, cycles };
}

function stateOf(event: SaleEvent): Sale['state'] {
  switch (event.kind) {
    case 'SaleAsked':
      return { kind: 'asked' };
    case 'SaleBegun':
      return { kind: 'begun' };
    case 'SaleDelivered':
      return { kind: 'delivered' };
    case 'SaleFailed':
      return { kind: 'failed', message: event.message };
    case 'SaleRejected':
      return { kind: 'rejected', code: event.code, message: event.message };
    case 'SaleUnknown':
      return { kind: 'unknown' };
  }
}

function decided<Reply>(
  reply: Reply,
  events: readonly DeskEvent[] = [],
  calls: readonly OutgoingCall[] = [],
): DeskDecision<Reply> {
  return ok({ reply, events, calls });
}
