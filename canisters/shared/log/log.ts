// The event log of a canister: numbered, chained by hashes, bounded. Each entry is the hash before it and the event's bytes, so the
// hash of an entry is the hash of the chain up to there.
import { assert } from '@tamc/base/assert';
import { concatBytes } from '@tamc/base/bytes';
import { type Codec, encode, raw } from '@tamc/base/codec';
import {
  type Envelope,
  type EventsPage,
  type EventTip,
  envelopedCodec,
  lastEventHashLabel,
  lastEventIndexLabel,
  noEventsHash,
} from '@tamc/protocol/events';
import { natToLeb128 } from '@tamc/protocol/leb128';
import { sha256 } from '../icrc/sha256.ts';
import { defineCell, defineList, type TablesOf } from '../tables/index.ts';

/** What events look like is part of the layout: who replaces code must still read the history, and so must its readers. */
export const logTablesOf = (events: Pick<Codec<unknown>, 'shape'>) => ({
  eventLog: defineList({ number: 200, name: 'event_log', value: { ...raw, shape: { encoded: events.shape } } }),
  eventTipHash: defineCell({ number: 201, name: 'event_tip_hash', value: raw, default: noEventsHash }),
});
export type LogTables = TablesOf<ReturnType<typeof logTablesOf>>;

/** Kept newest events: some 30 MB of stable memory, months of a busy machine; readers pull within minutes. */
export const eventsKeptMax = 100_000;
/** An answer stays far below what a query may reply, and its making below what a query may compute. */
export const eventsPerPageMax = 500;
export const eventsPageBytesMax = 1 << 20;
/** Dropped with each appended one, so that a lowered bound is reached without one expensive message. */
const droppedPerAppend = 2;

const hashBytes = noEventsHash.length;

export interface EventLog<Event> {
  /** Number that the next event gets. */
  next(): number;
  append(envelope: Envelope, event: Event): void;
  read(from: number, limit: number): EventsPage;
  tip(): EventTip | null;
}

export function openLog<Event>(tables: LogTables, event: Codec<Event>, keptMax = eventsKeptMax): EventLog<Event> {
  const { eventLog, eventTipHash } = tables;
  const codec = envelopedCodec(event);
  return {
    next: () => eventLog.end(),
    append: (envelope, given) => {
      const entry = concatBytes(eventTipHash.get(), encode(codec, { ...envelope, event: given }));
      const number = eventLog.append(entry);
      assert(number === envelope.number, `event ${envelope.number} came as number ${number}`);
      eventTipHash.set(sha256(entry));
      const surplus = number + 1 - eventLog.first() - keptMax;
      if (surplus > 0) eventLog.dropFirst(Math.min(surplus, droppedPerAppend));
    },
    read: (from, limit) => readEvents(tables, from, limit),
    tip: () => eventTip(tables),
  };
}

/** Never more than a page, whatever is asked; from the oldest one kept when `from` is older. */
export function readEvents({ eventLog, eventTipHash }: LogTables, from: number, limit: number): EventsPage {
  const next = eventLog.end();
  const first = Math.min(Math.max(from, eventLog.first()), next);
  const end = Math.min(next, first + Math.min(Math.max(limit, 0), eventsPerPageMax));
  const entries: Uint8Array[] = [];
  for (let number = first, byteCount = 0; number < end; number++) {
    const entry = eventLog.get(number)!;
    byteCount += entry.length;
    if (byteCount > eventsPageBytesMax && entries.length > 0) break;
    entries.push(entry);
  }
  const firstEntry = entries[0] ?? eventLog.get(first);
  return {
    first,
    next,
    events: entries.map((entry) => entry.subarray(hashBytes)),
    previousHash: firstEntry?.subarray(0, hashBytes) ?? eventTipHash.get(),
  };
}

export function eventTip({ eventLog, eventTipHash }: LogTables): EventTip | null {
  const next = eventLog.end();
  return next === 0 ? null : { index: next - 1, hash: eventTipHash.get() };
}

/** The leaves that the log adds to the canister's certified tree. */
export function eventLeaves(tables: LogTables): Readonly<Record<string, Uint8Array>> {
  const tip = eventTip(tables);
  if (tip === null) return {};
  return { [lastEventHashLabel]: tip.hash, [lastEventIndexLabel]: natToLeb128(BigInt(tip.index)) };
}
