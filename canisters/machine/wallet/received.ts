// What the events of money that came in change: who announced it, what was booked, and who is a stranger no more.
import { type WalletEvent, walletLimits } from '@tamc/protocol/wallet';
import type { Envelope, MachineTables } from '../state.ts';
import { notePaid } from '../use/unpaid.ts';
import { bookEntry, noteTip } from './books.ts';
import { dropOldest } from './kept.ts';
import { looksAfter } from './mandates.ts';
import { noteCrowd } from './watched.ts';

type EventOf<K extends WalletEvent['kind']> = Extract<WalletEvent, { kind: K }>;

const hourNs = 3_600_000_000_000n;

export function applyAnnounced(
  tables: MachineTables,
  { receipt, ledger, block }: EventOf<'ReceiptAnnounced'>,
  at: Envelope,
): void {
  tables.receipts.append({ ledger, block, outcome: null });
  dropOldest(tables.receipts, walletLimits.requestsKept, ({ outcome }) => outcome !== null);
  const queue = tables.receiptQueue.get();
  const isStranger = !looksAfter(tables, at.by, at.timeNs);
  const isSameHour = at.timeNs < queue.hourNs + hourNs;
  const [startNs, before, callers] = isSameHour ? [queue.hourNs, queue.inHour, queue.callers] : [at.timeNs, 0, []];
  const inHour = before + (isStranger ? 1 : 0);
  tables.receiptQueue.set({
    open: [...queue.open, { receipt, ledger, block }],
    hourNs: startNs,
    inHour,
    callers: isStranger ? [...callers, at.by] : callers,
  });
  if (inHour >= walletLimits.receiptsPerHourMax) noteCrowd(tables, startNs + hourNs);
}

/** The number of its entry in the statement. */
export function bookReceipt(
  tables: MachineTables,
  receipt: Omit<EventOf<'ReceiptFound'>, 'kind'>,
  atNs: bigint,
): number {
  const { ledger, block, purse, from, amount, memo } = receipt;
  const cause = { kind: 'receipt', from, memo } as const;
  const entry = bookEntry(tables, { atNs, ledger, purse, change: amount, block, cause });
  tables.bookedBlocks.set([ledger, block], entry);
  noteTip(tables, ledger, block);
  if (from !== null) notePaid(tables, from.owner);
  return entry;
}

export function endReceipt(
  tables: MachineTables,
  number: number,
  outcome: { kind: 'booked'; entry: number } | { kind: 'rejected'; code: string; message: string },
): void {
  tables.receipts.set(number, { ...tables.receipts.get(number)!, outcome });
  const queue = tables.receiptQueue.get();
  tables.receiptQueue.set({ ...queue, open: queue.open.filter(({ receipt }) => receipt !== number) });
}
