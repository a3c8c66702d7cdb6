// The events of a real machine as a client pulls them: proven up to the network's certificate, from a cursor on, and no lie on the
// way there is believed.
import { Cbor, type HashTree, type NodeHash, NodeType, reconstruct } from '@dfinity/agent';
import { bytesEqual, textToBytes } from '@tamc/base/bytes';
import { type Connection, connect, createIdentity, pullEvents, pullProvenEvents, readEventsEnd } from '@tamc/client';
import { type CandidEvents, type EventCursor, firstCursor } from '@tamc/protocol/events';
import { machineEvent } from '@tamc/protocol/machine-events';
import { type PrincipalHex, parsePrincipal } from '@tamc/protocol/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operator } from '../../canisters/machine/test-machine.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';
import { createMachine, type MachineOnReplica } from '../machine/machine-world.ts';

let world: TestWorld;
let machine: MachineOnReplica;
let other: MachineOnReplica;
let connection: Connection;
beforeAll(async () => {
  // The client compares the time of certificates and answers with the clock.
  world = await createTestWorld({ virtualTime: false });
  machine = await createMachine(world);
  other = await createMachine(world);
  for (const charter of ['one', 'two', 'three']) await machine.done(operator, 'set_charter', charter);
  const { fetch, rootKey } = world.replica;
  const connected = await connect({ url: 'http://127.0.0.1', fetch, rootKey, identity: createIdentity() });
  if (!connected.ok) throw new Error(connected.error.message);
  connection = connected.value;
});
afterAll(() => world.close());

const idOf = ({ canister }: MachineOnReplica): PrincipalHex => parsePrincipal(canister)!;
const pull = (through: Connection, cursor: EventCursor, limit?: number) =>
  pullEvents(through, idOf(machine), machineEvent, cursor, limit);

async function pulled(cursor: EventCursor, limit?: number) {
  const page = await pull(connection, cursor, limit);
  if (!page.ok) throw new Error(page.error.message);
  return page.value;
}

/** Somebody between the client and the network, who changes what passes. */
function liar(change: (page: CandidEvents) => CandidEvents | Promise<CandidEvents>): Connection {
  return {
    ...connection,
    call: async (canister, method, values) => {
      const answer = await connection.call(canister, method, values);
      if (!answer.ok) return answer;
      return { ok: true, value: [await change(answer.value[0] as CandidEvents)] };
    },
  };
}

describe('the events of a machine', () => {
  it('tell its life from its birth on, proven', async () => {
    const { events, isProven } = await pulled(firstCursor);
    expect(isProven).toBe(true);
    expect(events[0]!.event).toMatchObject({ kind: 'MachineBorn', machineKind: 'washer' });
    const charters = events.flatMap(({ event }) => (event.kind === 'CharterSet' ? [event.charter] : []));
    expect(charters.slice(-3)).toEqual(['one', 'two', 'three']);
    expect(events.map(({ number }) => number)).toEqual(events.map((_, i) => i));
    expect(events.at(-1)).toMatchObject({ by: operator });
  });

  it('are followed from their end on, which is proven too', async () => {
    const end = await readEventsEnd(connection, idOf(machine));
    expect(end).toEqual({ ok: true, value: (await pulled(firstCursor)).cursor });
    const lie = await readEventsEnd(
      liar((page) => ({ ...page, next: page.next + 1n })),
      idOf(machine),
    );
    expect(lie).toMatchObject({ error: { kind: 'untrusted' } });
  });

  it('are read page by page and only once, also over an upgrade of the machine', async () => {
    const all = (await pulled(firstCursor)).events;
    let cursor = firstCursor;
    const found = [];
    for (let pages = 0; pages < all.length; pages++) {
      const page = await pulled(cursor, 2);
      found.push(...page.events);
      cursor = page.cursor;
      expect(page.isProven).toBe(cursor.next === all.length);
      if (page.isProven) break;
    }
    expect(found).toEqual(all);
    expect(await pulled(cursor)).toMatchObject({ events: [], isProven: true });
    const whole = await pullProvenEvents(connection, idOf(machine), machineEvent, firstCursor);
    expect(whole).toEqual({ ok: true, value: { events: all, cursor } });
    await machine.upgrade();
    const news = await pulled(cursor);
    expect(news.events.map(({ event }) => event.kind)).toEqual([
      'UpgradeApproved',
      'UpgradePrepared',
      'MachineUpgraded',
    ]);
    expect(news.isProven).toBe(true);
  });

  it.each<[string, (page: CandidEvents) => CandidEvents | Promise<CandidEvents>]>([
    [
      'an event is changed',
      (page) => ({ ...page, events: page.events.map((bytes, i) => (i === 1 ? edited(bytes, 'one', 'eno') : bytes)) }),
    ],
    ['an event is left out', (page) => ({ ...page, events: page.events.filter((_, i) => i !== 1) })],
    ['two events change places', (page) => ({ ...page, events: [...page.events].reverse() })],
    ['the newest is hidden', (page) => ({ ...page, events: page.events.slice(0, -1), next: page.next - 1n })],
    ['there is no certificate', (page) => ({ ...page, certificate: [] })],
    ['the witness is cut', (page) => ({ ...page, witness: Uint8Array.from(page.witness).slice(0, -1) })],
    [
      'certificate and witness are of another machine',
      async (page) => {
        const theirs = await other.query('events', 0n, 0);
        return { ...page, certificate: theirs.certificate, witness: theirs.witness };
      },
    ],
    ['the witness shows nothing and the log is said to be empty', async (page) => emptied(page, await hidden(page))],
    [
      'the witness shows one label of two and the log is said to be empty',
      async (page) => emptied(page, await hidden(page, 'last_event_hash')),
    ],
    [
      'the witness shows the other label and the log is said to be empty',
      async (page) => emptied(page, await hidden(page, 'last_event_index')),
    ],
    ['the witness is no tree', (page) => ({ ...page, witness: Cbor.encode([7]) })],
    ['the events are of another machine', () => other.query('events', 0n, 100)],
  ])('are not believed when %s', async (_, change) => {
    const notProven = { ok: false, error: { kind: 'untrusted', code: 'EventsNotProven' } };
    expect(await pullProvenEvents(liar(change), idOf(machine), machineEvent, firstCursor)).toMatchObject(notProven);
    expect((await pulled(firstCursor)).isProven).toBe(true);
  });

  it('do not continue another history', async () => {
    const cursor = { next: 2, hash: new Uint8Array(32).fill(1) };
    expect(await pull(connection, cursor)).toMatchObject({ ok: false, error: { code: 'EventsNotProven' } });
  });
});

/** The witness with its root hash as before, and no label but the one that is kept. */
async function hidden(page: CandidEvents, kept: string | null = null): Promise<Uint8Array> {
  const tree = Cbor.decode<HashTree>(Uint8Array.from(page.witness));
  const hide = async (part: HashTree): Promise<HashTree> => {
    if (part[0] === NodeType.Fork) return [NodeType.Fork, await hide(part[1]), await hide(part[2])];
    const isKept = part[0] === NodeType.Labeled && kept !== null && bytesEqual(part[1], textToBytes(kept));
    return isKept ? part : [NodeType.Pruned, (await reconstruct(part)) as NodeHash];
  };
  return Cbor.encode(await hide(tree));
}

function emptied(page: CandidEvents, witness: Uint8Array): CandidEvents {
  return { ...page, events: [], first: 0n, next: 0n, previous_hash: new Uint8Array(32), witness };
}

/** As long as before, and still readable as an event. */
function edited(bytes: Uint8Array | number[], from: string, to: string): Uint8Array {
  const text = new TextDecoder().decode(Uint8Array.from(bytes));
  const changed = text.includes(from) ? text.replace(from, to) : text.replace('"', "'");
  return new TextEncoder().encode(changed);
}
