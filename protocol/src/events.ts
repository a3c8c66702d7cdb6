// The event log as everybody reads it: what surrounds an event, how events hang together by hashes, and how a reader goes on from
// where it stopped and sees that nothing is missing, changed or in another order.
import { IDL } from '@dfinity/candid';
import { bytesEqual } from '@tamc/base/bytes';
import { type Codec, count, optional, record, text } from '@tamc/base/codec';
import { ok, type Result, refuse } from '@tamc/base/result';
import { sha256 } from './hash.ts';
import { parseLeb128 } from './leb128.ts';
import type { PrincipalHex } from './principal.ts';
import { principal, timeNs } from './principal-codec.ts';

/** Who did it, when, and the command that caused it. */
export interface Envelope {
  /** From zero on, without gaps. */
  readonly number: number;
  readonly timeNs: bigint;
  readonly commandId: string | null;
  readonly by: PrincipalHex;
}

export type Enveloped<Event> = Envelope & { readonly event: Event };

export function envelopedCodec<Event>(event: Codec<Event>): Codec<Enveloped<Event>> {
  return record({ number: count, timeNs, commandId: optional(text), by: principal, event });
}

/** Stands for the hash before the first event. */
export const noEventsHash: Uint8Array = new Uint8Array(32);

export function eventHash(previousHash: Uint8Array, eventBytes: Uint8Array): Uint8Array {
  return sha256(previousHash, eventBytes);
}

/** Labels of the canister's certified tree; the index is LEB128, as in ICRC-3. */
export const lastEventIndexLabel = 'last_event_index';
export const lastEventHashLabel = 'last_event_hash';

/** The newest event as the network certified it. */
export interface EventTip {
  readonly index: number;
  readonly hash: Uint8Array;
}

/** From the two certified leaves; null when they are not what a log certifies. */
export function parseEventTip(index: Uint8Array, hash: Uint8Array): EventTip | null {
  const number = parseLeb128(index);
  if (number === null || number > BigInt(Number.MAX_SAFE_INTEGER) || hash.length !== noEventsHash.length) return null;
  return { index: Number(number), hash };
}

export interface EventsPage {
  /** Number of the first event given. */
  readonly first: number;
  /** Number that the next event will get. */
  readonly next: number;
  readonly events: readonly Uint8Array[];
  /** Hash before the first event given. */
  readonly previousHash: Uint8Array;
}

export const EventsType = IDL.Record({
  events: IDL.Vec(IDL.Vec(IDL.Nat8)),
  first: IDL.Nat,
  next: IDL.Nat,
  previous_hash: IDL.Vec(IDL.Nat8),
  certificate: IDL.Opt(IDL.Vec(IDL.Nat8)),
  witness: IDL.Vec(IDL.Nat8),
});

export interface CandidEvents {
  readonly events: readonly (Uint8Array | number[])[];
  readonly first: bigint;
  readonly next: bigint;
  readonly previous_hash: Uint8Array | number[];
  readonly certificate: [] | [Uint8Array | number[]];
  readonly witness: Uint8Array | number[];
}

export function candidToEventsPage({ events, first, next, previous_hash }: CandidEvents): EventsPage {
  return {
    events: events.map((bytes) => Uint8Array.from(bytes)),
    first: Number(first),
    next: Number(next),
    previousHash: Uint8Array.from(previous_hash),
  };
}

/** Where a reader stands: the number it wants next, and the hash of the event before. */
export interface EventCursor {
  readonly next: number;
  readonly hash: Uint8Array;
}

export const firstCursor: EventCursor = { next: 0, hash: noEventsHash };

/** `dropped`: the log no longer has what comes next; a reader takes the state anew and goes on at `first`. `broken`: the answer lies. */
export type EventsProblem =
  | { readonly kind: 'dropped'; readonly wanted: number; readonly first: number }
  | { readonly kind: 'broken'; readonly wanted: number; readonly message: string };

/** Where the reader stands after a page. What it read is proven once the cursor meets a certified tip. */
export function followEvents(cursor: EventCursor, page: EventsPage): Result<EventCursor, EventsProblem> {
  const wanted = cursor.next;
  const broken = (message: string) => refuse({ kind: 'broken', wanted, message } as const);
  if (page.first > wanted) return refuse({ kind: 'dropped', wanted, first: page.first });
  if (page.first < wanted) return broken(`events from ${page.first} on were not asked for`);
  if (!bytesEqual(page.previousHash, cursor.hash)) return broken('the hash before the first event is another one');
  const hash = page.events.reduce(eventHash, cursor.hash);
  const next = wanted + page.events.length;
  return next > page.next ? broken(`more events than the log says it has: ${page.next}`) : ok({ next, hash });
}

/** True when everything read up to this cursor is what the network certified. */
export function isAtTip(cursor: EventCursor, tip: EventTip): boolean {
  return cursor.next === tip.index + 1 && bytesEqual(cursor.hash, tip.hash);
}
