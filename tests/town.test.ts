// The simulated town on a network in this process: it settles, lives a day, and every unit of money is where the books say. Equal
// seeds give equal events; who is stopped or killed goes on, and nobody uses or pays twice.

import { bytesToHex } from '@tamc/base/bytes';
import { bindLedger, bindMachine, type Connection, type OrderReply, pullProvenEvents } from '@tamc/client';
import { accountOf, parseAccount } from '@tamc/protocol/account';
import { firstCursor } from '@tamc/protocol/events';
import { hexToPrincipal, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { purses, purseToAccount } from '@tamc/protocol/purse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineEvent } from '../canisters/machine/events.ts';
import {
  createTown,
  type Happening,
  keyOf,
  readTown,
  type Town,
  townPlan,
  virtualTimeNetwork,
} from '../stack/src/town/index.ts';
import { expectOk } from './journeys/network.ts';
import { createTownWorld, seed, type TownWorld } from './town-world.ts';

/** A look every hour: a day in twenty-four. */
const minutesPerTick = 60;
const ticksPerDay = 24;
const hourNs = 3_600_000_000_000n;
const ticksCompared = 5;

let world: TownWorld;
let machines: ReadonlyMap<string, PrincipalHex>;
let early: readonly string[];
const happened: Happening[] = [];

/** Time was turned since the connection was last used. */
const lookAtClock = ({ agent }: Connection) => agent.syncTime(hexToPrincipal(world.registry));

async function live(town: Town, ticks: number): Promise<Happening[]> {
  const all: Happening[] = [];
  for (let i = 0; i < ticks; i++) {
    all.push(...expectOk(await town.tick()));
    await town.untilNextTick();
  }
  return all;
}

/** Where the log of each machine stands, and the hash of all that is in it. */
async function tipsOf(connection: Connection, ids: Iterable<PrincipalHex>): Promise<readonly string[]> {
  await lookAtClock(connection);
  const tips: string[] = [];
  for (const id of ids) {
    const { cursor } = expectOk(await pullProvenEvents(connection, id, machineEvent, firstCursor));
    tips.push(`${id} ${cursor.next} ${bytesToHex(cursor.hash)}`);
  }
  return tips;
}

async function allOrders(connection: Connection, ids: Iterable<PrincipalHex>) {
  await lookAtClock(connection);
  const all: OrderReply[] = [];
  for (const id of ids) all.push(...expectOk(await bindMachine(connection, id).orders(0, 100)));
  return all;
}

const wordIn = ({ status }: OrderReply) => Object.keys(status)[0]!;

/** Every machine's books are what the ledger says, and all balances together are the supply. */
async function checkBooks(): Promise<void> {
  const { connection, ledger: id, desk, minter } = world;
  const ledger = bindLedger(connection, id);
  const balanceOf = async (account: Parameters<typeof ledger.balanceOf>[0]) =>
    expectOk(await ledger.balanceOf(account));
  let sum = 0n;
  for (const machine of machines.values()) {
    const balances = expectOk(await bindMachine(connection, machine).balances());
    expect(balances.map(({ purse }) => Object.keys(purse)[0])).toEqual([...purses]);
    for (const { account, booked, purse } of balances) {
      const parsed = expectOk(parseAccount(account));
      expect(parsed).toEqual(purseToAccount(machine, purses.find((name) => name in purse)!));
      expect(await balanceOf(parsed)).toBe(booked);
      sum += booked;
    }
    // What lies in escrow is what running orders hold.
    const running = (await allOrders(connection, [machine])).filter((order) => wordIn(order) === 'running');
    const escrow = balances.find(({ purse }) => 'escrow' in purse)!.booked;
    expect(escrow).toBe(running.reduce((held, { hold }) => held + hold, 0n));
  }
  const people = townPlan.customers.map((name) => keyOf(seed, 'customer', name));
  const keys = [...people, keyOf(seed, 'operator', 'operator'), minter];
  const owners = [...keys.map((key) => principalToHex(key.getPrincipal())), desk];
  for (const owner of owners) sum += await balanceOf(accountOf(owner));
  expect(sum).toBe(expectOk(await ledger.methods.icrc1_total_supply()));
}

beforeAll(async () => {
  world = await createTownWorld();
  const town = await world.openTown({ minutesPerTick });
  machines = expectOk(await town.settle());
  happened.push(...(await live(town, ticksCompared)));
  early = await tipsOf(world.connection, machines.values());
  happened.push(...(await live(town, ticksPerDay - ticksCompared)));
  await lookAtClock(world.connection);
}, 300_000);
afterAll(() => world?.close());

describe('a day of the town', () => {
  it('begins with fifteen machines, each with a simulated device and a price', async () => {
    expect([...machines.keys()].toSorted()).toEqual(townPlan.machines.map(({ name }) => name).toSorted());
    for (const [name, id] of machines) {
      const machine = bindMachine(world.connection, id);
      expect(expectOk(await machine.identity())).toMatchObject({ make: 'Simulated', model: name });
      const [device, ...others] = expectOk(await machine.devices());
      expect(others).toEqual([]);
      expect(device).toMatchObject({ label: `simulated ${name}` });
      expect(principalToHex(device!.key)).toBe(principalToHex(keyOf(seed, 'device', name).getPrincipal()));
      expect(expectOk(await machine.tariff())).toHaveLength(1);
    }
  });

  it('has people who order, devices that work, fail and fall silent, and nothing that is refused', async () => {
    const of = (word: Happening['kind']) => happened.filter(({ kind }) => kind === word);
    expect(of('refused')).toEqual([]);
    expect(of('ordered').length).toBeGreaterThan(20);
    expect(new Set(of('offline').map(({ who }) => who))).toEqual(new Set(['scooter 3']));
    const orders = await allOrders(world.connection, machines.values());
    expect(orders).toHaveLength(of('ordered').length);
    const words = orders.map(wordIn);
    expect(words.filter((word) => word === 'used').length).toBeGreaterThan(15);
    expect(words).toContain('refunded');
  });

  it('gets late reports of a scooter that was away, with the time at which it measured', async () => {
    const id = machines.get('scooter 3')!;
    const { events } = expectOk(await pullProvenEvents(world.connection, id, machineEvent, firstCursor));
    const late = events.flatMap(({ timeNs, event }) =>
      event.kind === 'CommandConfirmed' && timeNs - event.atNs > 2n * hourNs ? [event.command] : [],
    );
    expect(late).toHaveLength(1);
    const orders = await allOrders(world.connection, [id]);
    const [order] = orders.filter(({ device_command }) => device_command[0] === late[0]);
    expect(wordIn(order!)).toBe('used');
  });

  it('ends every finished order with a capture or a refund, to the unit', async () => {
    const orders = await allOrders(world.connection, machines.values());
    const finished = orders.filter((order) => ['used', 'refunded'].includes(wordIn(order)));
    expect(orders.filter((order) => !['used', 'refunded', 'running'].includes(wordIn(order)))).toEqual([]);
    for (const { status, used, price, hold, fee, captured, refunded, capture, refund } of finished) {
      const moves = [...capture, ...refund];
      expect(moves.every((move) => 'paid' in move)).toBe(true);
      if ('used' in status) {
        expect(captured).toBeGreaterThanOrEqual(used[0]! * price);
        expect(captured + refunded + BigInt(moves.length) * fee).toBe(hold);
      } else {
        expect([captured, refunded]).toEqual([0n, hold - fee]);
      }
    }
  });

  it('leaves books that balance to the unit', () => checkBooks());

  it('is told by the canisters alone', async () => {
    const told = expectOk(await readTown(world.connection, world.registry));
    expect(told.map(({ name }) => name).toSorted()).toEqual([...machines.keys()].toSorted());
    expect(told.some(({ earned }) => earned > 0n)).toBe(true);
    for (const { wearPpm, verdict, openOrders, state } of told) {
      expect(wearPpm).toBeGreaterThan(0);
      expect(['good', 'watch', 'due', 'fault']).toContain(verdict);
      expect(state === 'busy').toBe(openOrders > 0 && verdict !== 'fault');
    }
    expect(told.find(({ name }) => name === 'printer 2')).toMatchObject({
      verdict: expect.stringMatching(/due|fault|good/),
    });
  });
});

describe('a town that is stopped', () => {
  it('goes on where it was: the same seed, stopped and opened anew after each look, gives the same events', async () => {
    const second = await createTownWorld();
    try {
      const settled = expectOk(await (await second.openTown({ minutesPerTick })).settle());
      for (let i = 0; i < ticksCompared; i++) await live(await second.openTown({ minutesPerTick }), 1);
      expect([...settled]).toEqual([...machines]);
      expect(await tipsOf(second.connection, settled.values())).toEqual(early);
    } finally {
      await second.close();
    }
  }, 180_000);

  it('uses and pays nothing twice, wherever in the middle of a look it is killed', async () => {
    const before = await allOrders(world.connection, machines.values());
    for (let acts = 0; acts < 6; acts++) {
      const killed = await openMortal(acts);
      await expect(killed.tick()).rejects.toThrow('killed');
      const next = await world.openTown({ minutesPerTick });
      const again = expectOk(await next.tick());
      expect(again.filter(({ kind }) => kind === 'refused')).toEqual([]);
      // And once more at the same moment, when everybody wants the same again.
      expect(expectOk(await next.tick()).filter(({ kind }) => kind === 'refused')).toEqual([]);
      await next.untilNextTick();
    }
    const orders = await allOrders(world.connection, machines.values());
    expect(orders.length).toBeGreaterThan(before.length);
    const wishes = orders.map(({ command_id }) => command_id);
    expect(new Set(wishes).size).toBe(wishes.length);
    const blocks = orders.flatMap(({ held_block }) => held_block);
    expect(new Set(blocks).size).toBe(blocks.length);
    const refunds = orders.flatMap(({ refund }) => refund.flatMap((move) => ('paid' in move ? move.paid.block : [])));
    expect(new Set(refunds).size).toBe(refunds.length);
    for (const id of machines.values()) {
      const { events } = expectOk(await pullProvenEvents(world.connection, id, machineEvent, firstCursor));
      const ended = events.flatMap(({ event }) => (event.kind === 'CommandConfirmed' ? [event.command] : []));
      expect(new Set(ended).size).toBe(ended.length);
      expect(events.filter(({ event }) => event.kind === 'ReportIgnored')).toEqual([]);
    }
    await checkBooks();
  }, 180_000);
});

/** Dies at this act: at even ones before it is sent, at odd ones before its answer is known. At a look without acts it dies at the end. */
async function openMortal(at: number): Promise<Town> {
  const network = virtualTimeNetwork(await world.meet(), world.replica, world.registry);
  await network.pass(0n);
  let acts = 0;
  const dieAt = (moment: number) => {
    if (acts++ === moment) throw new Error('killed');
  };
  const mortal = {
    ...network,
    before: async () => {
      dieAt(at);
      await network.before();
    },
    after: async () => {
      await network.after();
      dieAt(at);
    },
  };
  const { registry, ledger, minter } = world;
  const town = createTown({ network: mortal, registry, ledger, seed, minter, minutesPerTick });
  return {
    ...town,
    tick: async () => {
      await town.tick();
      throw new Error('killed');
    },
  };
}
