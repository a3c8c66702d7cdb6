import { decode, nat } from '@tamc/base/codec';
import { envelopedCodec, firstCursor, followEvents, isAtTip, noEventsHash, parseEventTip } from '@tamc/protocol/events';
import { anonymous } from '@tamc/protocol/principal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryStore, defineTables } from '../tables/index.ts';
import { eventLeaves, eventsPageBytesMax, eventsPerPageMax, logTablesOf, openLog } from './log.ts';

const tableSet = defineTables(logTablesOf(nat));

function createLog(length: number, keptMax?: number) {
  const tables = tableSet.open(createMemoryStore());
  const log = openLog(tables, nat, keptMax);
  const append = (count: number) => {
    for (let i = 0; i < count; i++) {
      log.append({ number: log.next(), timeNs: BigInt(i), commandId: null, by: anonymous }, BigInt(log.next() * 10));
    }
  };
  append(length);
  return { log, tables, append };
}

describe('the event log', () => {
  it('numbers events from zero on and gives them back with what surrounds them', () => {
    const { log } = createLog(3);
    const { events, first, next } = log.read(1, 10);
    expect([first, next, events.length]).toEqual([1, 3, 2]);
    expect(decode(envelopedCodec(nat), events[0]!)).toEqual({
      number: 1,
      timeNs: 1n,
      commandId: null,
      by: anonymous,
      event: 10n,
    });
  });

  it('is followed page by page up to its certified tip, from wherever a reader stands', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 7 }), (length, limit) => {
        const { log } = createLog(length);
        let cursor = firstCursor;
        for (let pages = 0; !isAtTip(cursor, log.tip()!); pages++) {
          expect(pages).toBeLessThanOrEqual(length / limit + 1);
          const followed = followEvents(cursor, log.read(cursor.next, limit));
          if (!followed.ok) throw new Error(JSON.stringify(followed.error));
          cursor = followed.value;
        }
        expect(cursor.next).toBe(length);
      }),
    );
  });

  it('certifies the number of the newest event as LEB128, and its hash', () => {
    const { log, tables } = createLog(200);
    const leaves = eventLeaves(tables);
    expect([...leaves.last_event_index!]).toEqual([0xc7, 0x01]);
    expect(parseEventTip(leaves.last_event_index!, leaves.last_event_hash!)).toEqual(log.tip());
    expect(eventLeaves(createLog(0).tables)).toEqual({});
  });

  it('keeps the newest ones, and tells a reader who comes late what was dropped', () => {
    const { log } = createLog(50, 10);
    const page = log.read(0, 100);
    expect([page.first, page.next, page.events.length]).toEqual([40, 50, 10]);
    expect(followEvents(firstCursor, page)).toEqual({ ok: false, error: { kind: 'dropped', wanted: 0, first: 40 } });
    const anew = followEvents({ next: 40, hash: page.previousHash }, page);
    expect(anew.ok && isAtTip(anew.value, log.tip()!)).toBe(true);
  });

  it('shrinks to a lowered bound little by little', () => {
    const { tables } = createLog(50);
    const log = openLog(tables, nat, 10);
    log.append({ number: 50, timeNs: 0n, commandId: null, by: anonymous }, 1n);
    expect(log.read(0, 1).first).toBe(2);
    for (let number = 51; number < 100; number++)
      log.append({ number, timeNs: 0n, commandId: null, by: anonymous }, 1n);
    expect(log.read(0, 1).first).toBe(90);
  });

  it('answers an empty page at its end, and never more than a page', () => {
    const { log, append } = createLog(3);
    expect(log.read(3, 10)).toEqual({ first: 3, next: 3, events: [], previousHash: log.tip()!.hash });
    expect(log.read(99, 10).first).toBe(3);
    expect(log.read(0, 0).events).toEqual([]);
    expect(createLog(0).log.read(0, 10)).toEqual({ first: 0, next: 0, events: [], previousHash: noEventsHash });
    append(eventsPerPageMax);
    const page = log.read(0, 1_000_000);
    expect(page.events.length).toBe(eventsPerPageMax);
    expect(page.events.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(eventsPageBytesMax);
  });
});

describe('a reader', () => {
  const { log } = createLog(5);
  const page = log.read(0, 5);
  const altered = page.events.map((bytes, i) => (i === 2 ? bytes.map((byte) => byte ^ 1) : bytes));
  const [a, b, ...rest] = page.events;

  it.each([
    ['an event is changed', { ...page, events: altered }],
    ['an event is left out', { ...page, events: page.events.filter((_, i) => i !== 3) }],
    ['two events are exchanged', { ...page, events: [b!, a!, ...rest] }],
  ])('never meets the certified tip when %s', (_, given) => {
    const followed = followEvents(firstCursor, given);
    expect(followed.ok && isAtTip(followed.value, log.tip()!)).toBe(false);
  });

  it.each([
    ['another chain', { ...page, previousHash: new Uint8Array(32).fill(1) }],
    ['more events than it says', { ...page, next: 4 }],
  ])('refuses %s', (_, given) => {
    expect(followEvents(firstCursor, given)).toMatchObject({ ok: false, error: { kind: 'broken' } });
  });

  it('refuses events from before its cursor', () => {
    const cursor = { next: 2, hash: noEventsHash };
    expect(followEvents(cursor, page)).toMatchObject({ ok: false, error: { kind: 'broken' } });
  });
});
