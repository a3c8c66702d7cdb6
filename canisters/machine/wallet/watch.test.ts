import { IDL } from '@dfinity/candid';
import { sha256 } from '@tamc/protocol/hash';
import { GetBlocksArgsType, GetBlocksResultType } from '@tamc/protocol/icrc3-types';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { useLimits } from '@tamc/protocol/use';
import { walletLimits } from '@tamc/protocol/wallet';
import { describe, expect, it } from 'vitest';
import { enrol, issueEnrolment } from '../devices/rules.ts';
import { codeOf, init } from '../test-machine.ts';
import { placeOrder } from '../use/orders.ts';
import { setTariff } from '../use/tariff.ts';
import { bookOf } from './books.ts';
import { encode } from './model-ledger.ts';
import {
  canisterOf,
  createMoneyWorld,
  dayNs,
  deviceKey,
  home,
  keyOf,
  type MoneyWorld,
  operator,
  second,
  secondNs,
  self,
} from './money-world.ts';
import { announceReceipt } from './receipts.ts';

const hourNs = 3_600n * secondNs;
const { watchPauseNs, receiptsPerHourMax, receiptsPerCallerMax, searchBlocks } = walletLimits;
const newcomer = keyOf('newcomer');
const homeOnly = init.ledgers.slice(0, 1);
let ids = 0;

function open(given: Parameters<typeof createMoneyWorld>[0] = {}): MoneyWorld {
  const world = createMoneyWorld(given);
  const code = { codeHash: sha256(codeOf('device')), label: 'device', expiresNs: world.now() + dayNs };
  world.done(operator, issueEnrolment, code);
  world.done(deviceKey, enrol, codeOf('device'));
  const tariff = { unit: 'use', price: 100n, quantityMax: 9n, deadlineNs: hourNs, ordersAtOnce: 2 } as const;
  world.done(operator, setTariff, { ledger: home, ...tariff });
  return world;
}

const wanted = () => ({ commandId: `o${ids++}`, tariff: 0, quantity: 1n, subaccount: [] as [] });

/** As many as the machine tries within an hour. */
function strangersOrder(world: MoneyWorld, tariff = 0): void {
  for (let i = 0; i < useLimits.unpaidOfStrangersMax; i++) {
    world.done(keyOf(`poor ${Math.floor(i / useLimits.unpaidPerCallerMax)}`), placeOrder, { ...wanted(), tariff });
    world.settle(undefined, secondNs);
  }
}

/** Blocks that do not exist. */
function strangersAnnounce(world: MoneyWorld): void {
  for (let i = 0; i < receiptsPerHourMax; i++) {
    const who = keyOf(`liar ${Math.floor(i / receiptsPerCallerMax)}`);
    world.done(who, announceReceipt, { ledger: home, block: BigInt(1_000_000 + i) });
    world.settle(undefined, secondNs);
  }
}

/** Both ledgers have had their turn. */
function looks(world: MoneyWorld): void {
  world.settle(undefined, 2n * watchPauseNs + secondNs);
}

function approves(world: MoneyWorld, who = newcomer): void {
  world.ledger(home).mint(world.person(who), 10_000n);
  world.ledger(home).approveOnRecord(world.person(who), self, 10_000n);
}

describe('a newcomer whom strangers keep out', () => {
  it('orders as soon as the machine has seen its approval, though a stranger takes every turn', () => {
    const world = open();
    strangersOrder(world);
    approves(world);
    expect(world.refused(newcomer, placeOrder, wanted())).toBe('OrdersOfStrangersUnpaid');
    looks(world);
    world.done(keyOf('the next in turn'), placeOrder, wanted());
    world.settle(undefined, secondNs);
    expect(world.refused(keyOf('another'), placeOrder, wanted())).toBe('OrdersOfStrangersUnpaid');
    const order = Number(world.done(newcomer, placeOrder, wanted()).split('/')[1]);
    world.settle(undefined, secondNs);
    expect(world.tables.orders.get(order)!.held).not.toBeNull();
    expect(world.tables.allowed.get()).toEqual([]);
  });

  it('is tried once for each approval, for each costs a fee', () => {
    const world = open();
    strangersOrder(world);
    world.ledger(home).mint(world.person(newcomer), 100n);
    for (let time = 0; time < 2; time++) {
      world.ledger(home).approveOnRecord(world.person(newcomer), self, 10_000n);
      looks(world);
      world.done(keyOf(`in turn ${time}`), placeOrder, wanted());
      world.settle(undefined, secondNs);
      world.done(newcomer, placeOrder, wanted());
      world.settle(undefined, secondNs);
      expect(world.refused(newcomer, placeOrder, wanted())).toBe('OrdersOfStrangersUnpaid');
    }
  });

  it('is tried once also where it orders several times before the first try has failed', () => {
    const world = open();
    world.done(operator, setTariff, { ...world.tables.tariffs.get(0)!, ordersAtOnce: 16 });
    strangersOrder(world, 1);
    world.ledger(home).mint(world.person(newcomer), 10n);
    world.ledger(home).approveOnRecord(world.person(newcomer), self, 0n);
    looks(world);
    world.done(keyOf('in turn'), placeOrder, { ...wanted(), tariff: 1 });
    world.settle(undefined, secondNs);
    world.done(newcomer, placeOrder, { ...wanted(), tariff: 1 });
    expect(world.refused(newcomer, placeOrder, { ...wanted(), tariff: 1 })).toBe('OrdersOfStrangersUnpaid');
  });

  it('is admitted once where the ledger answers but half of a look', () => {
    const world = open();
    strangersOrder(world);
    approves(world);
    for (let i = 0; i < 3 * searchBlocks; i++) world.ledger(home).mint(world.person(operator), 1n);
    world.settle((id) => (id.startsWith('watchTip') ? 'trapped' : 'none'), 2n * watchPauseNs + secondNs);
    expect(world.tables.allowed.get()).toEqual([newcomer]);
    world.done(newcomer, placeOrder, wanted());
    world.settle((id) => (id.startsWith('watchTip') ? 'trapped' : 'none'), 6n * watchPauseNs);
    expect(world.tables.allowed.get()).toEqual([]);
  });

  it('is not let in by an approval on another ledger than that of the tariff, whose fee may be worth nothing', () => {
    const world = open();
    strangersOrder(world);
    world.ledger(second).mint(world.person(newcomer), 10_000n);
    world.ledger(second).approveOnRecord(world.person(newcomer), self, 10_000n);
    looks(world);
    world.done(keyOf('in turn'), placeOrder, wanted());
    world.settle(undefined, secondNs);
    expect(world.refused(newcomer, placeOrder, wanted())).toBe('OrdersOfStrangersUnpaid');
  });

  it('is not let in by an approval for somebody else', () => {
    const world = open();
    strangersOrder(world);
    world.ledger(home).mint(world.person(newcomer), 10_000n);
    world.ledger(home).approveOnRecord(world.person(newcomer), keyOf('somebody else'), 10_000n);
    looks(world);
    expect(world.tables.watch.get().ledgers.map(({ next }) => next)).toContain(
      BigInt(world.ledger(home).blocks.length),
    );
    expect(world.tables.allowed.get()).toEqual([]);
  });

  it('is not let in by an approval on a ledger where approving costs nothing', () => {
    const free = canisterOf(9);
    const world = open({
      ledgers: [...homeOnly, { id: hexToPrincipal(free), symbol: 'FREE', decimals: 2, fee: 0n }],
    });
    world.done(operator, setTariff, { ...world.tables.tariffs.get(0)!, ledger: free });
    const approval = { from: newcomer, spender: self, amount: 5n };
    world.others.set(free, ledgerWith([approvalBlock(0n, approval)], 1n));
    strangersAnnounce(world);
    looks(world);
    const places = new Map(world.tables.watch.get().ledgers.map(({ ledger, next }) => [ledger, next]));
    expect(places.get(free)).toBe(1n);
    expect(world.tables.allowed.get()).toEqual([]);
  });

  it('who are many take the place of those who came first', () => {
    const world = open();
    strangersOrder(world);
    for (let i = 0; i <= useLimits.allowedKept; i++) {
      approves(world, keyOf(`new ${i}`));
      if (i % 20 === 19) looks(world);
    }
    looks(world);
    const allowed = world.tables.allowed.get();
    expect([allowed.length, allowed[0], allowed.at(-1)]).toEqual([
      useLimits.allowedKept,
      keyOf('new 1'),
      keyOf(`new ${useLimits.allowedKept}`),
    ]);
  });
});

describe('money that came in while strangers announce what is not there', () => {
  it('is booked once, by the machine itself, on each of its ledgers, and who sent it is a customer', () => {
    const world = open();
    strangersAnnounce(world);
    const block = world.ledger(second).mint(world.machineAccount(), 700n);
    world.ledger(home).mint(world.person(newcomer), 1_000n);
    const sent = world.ledger(home).send(world.person(newcomer), world.machineAccount('compute'), 500n);
    expect(world.refused(newcomer, announceReceipt, { ledger: home, block: sent })).toBe('ReceiptsFull');
    looks(world);
    looks(world);
    expect(bookOf(world.tables, home, 'compute').booked).toBe(500n);
    expect(bookOf(world.tables, second, 'main').booked).toBe(700n);
    expect(world.tables.customers.get(newcomer)).not.toBeNull();
    expect(world.done(newcomer, announceReceipt, { ledger: second, block })).toMatch(/^entry\//);
  });

  it('is not looked for before strangers crowd, nor after the hour is over', () => {
    const world = open();
    world.ledger(home).mint(world.machineAccount(), 500n);
    world.settle(undefined, dayNs);
    expect(world.tables.watch.get().askedNs).toBe(0n);
    const sinceNs = world.now();
    strangersAnnounce(world);
    world.settle(undefined, dayNs);
    expect(bookOf(world.tables, home, 'main').booked).toBe(500n);
    expect(world.tables.watch.get().askedNs).toBeLessThan(sinceNs + hourNs + watchPauseNs);
    world.setTime(sinceNs + dayNs);
    const { askedNs } = world.tables.watch.get();
    world.ledger(home).mint(world.machineAccount(), 500n);
    world.settle(undefined, dayNs);
    expect(world.tables.watch.get().askedNs).toBe(askedNs);
  });

  it('is seen by the next look where it came in while the newest blocks were being read', () => {
    const world = open();
    strangersAnnounce(world);
    for (let i = 0; i < 3 * searchBlocks; i++) world.ledger(home).mint(world.person(newcomer), 1n);
    const isTip = (id: string) => id.startsWith('watchTip') && id.endsWith(home);
    world.settle((id) => (isTip(id) ? 'delayed' : 'none'), 2n * watchPauseNs + secondNs);
    world.ledger(home).mint(world.machineAccount(), 500n);
    world.arrive();
    looks(world);
    expect(bookOf(world.tables, home, 'main').booked).toBe(500n);
  });

  it('is not looked for by a machine that is frozen, which hears few strangers', () => {
    const world = open();
    world.tables.computeState.set({ ...world.tables.computeState.get(), level: 'frozen' });
    const announce = (i: number) => ({ ledger: home, block: BigInt(1_000 + i) });
    for (let i = 0; i < walletLimits.receiptsPerFrozenHourMax; i++) {
      world.done(keyOf(`liar ${i}`), announceReceipt, announce(i));
      world.settle(undefined, secondNs);
    }
    expect(world.refused(keyOf('one more'), announceReceipt, announce(99))).toBe('ReceiptsFull');
    world.done(operator, announceReceipt, announce(99));
    world.tables.watch.set({ ...world.tables.watch.get(), untilNs: world.now() + hourNs });
    world.settle(undefined, hourNs);
    expect(world.tables.watch.get().askedNs).toBe(0n);
  });

  it('is found among the newest blocks, though the ledger wrote many in between', () => {
    const world = open();
    strangersAnnounce(world);
    for (let i = 0; i < 10 * searchBlocks; i++) world.ledger(home).mint(world.person(newcomer), 1n);
    world.ledger(home).mint(world.machineAccount(), 500n);
    const asked: string[] = [];
    const counted = (id: string) => {
      asked.push(id);
      return 'none' as const;
    };
    world.settle(counted, 2n * watchPauseNs + secondNs);
    expect(bookOf(world.tables, home, 'main').booked).toBe(500n);
    expect(asked.filter((id) => id.endsWith(home))).toEqual([`watch/${home}`, `watchTip/${home}`]);
  });
});

interface Approval {
  readonly from: string;
  readonly spender: string;
  readonly amount: bigint;
}

function approvalBlock(id: bigint, { from, spender, amount }: Approval) {
  const account = (owner: string) => ({ Array: [{ Blob: hexToPrincipal(owner as typeof self).toUint8Array() }] });
  const tx = {
    Map: [
      ['amt', { Nat: amount }],
      ['from', account(from)],
      ['spender', account(spender)],
    ],
  };
  return {
    id,
    block: {
      Map: [
        ['btype', { Text: '2approve' }],
        ['ts', { Nat: 1n }],
        ['tx', tx],
      ],
    },
  };
}

/** Answers every question with these blocks. */
function ledgerWith(blocks: readonly object[], logLength: bigint) {
  return (_: string, argument: Uint8Array) => {
    IDL.decode([GetBlocksArgsType], argument as never);
    return encode(GetBlocksResultType, { log_length: logLength, blocks, archived_blocks: [] });
  };
}

describe('a ledger that lies to a machine that looks by itself', () => {
  const answers = (world: MoneyWorld, blocks: readonly object[], logLength: bigint) =>
    world.others.set(liar, ledgerWith(blocks, logLength));
  const liar = canisterOf(9);
  const lied = () => {
    const ledgers = [{ id: hexToPrincipal(liar), symbol: 'LIE', decimals: 2, fee: 1n }];
    const world = createMoneyWorld({ ledgers: [...init.ledgers, ...ledgers] });
    strangersAnnounce(world);
    return world;
  };
  const place = (world: MoneyWorld) => world.tables.watch.get().ledgers.find(({ ledger }) => ledger === liar);

  it('about its length is asked no more often, and believed again when it is honest', () => {
    const world = lied();
    answers(world, [], 2n ** 64n - 1n);
    looks(world);
    expect(place(world)).toMatchObject({ next: 2n ** 64n - 1n - BigInt(searchBlocks), isOpen: false });
    answers(world, [], 3n);
    looks(world);
    expect(place(world)).toMatchObject({ next: 3n });
  });

  it('with what is no answer, or with none, keeps no other ledger waiting', () => {
    const world = lied();
    world.others.set(liar, () => Uint8Array.of(1));
    looks(world);
    expect(place(world)).toMatchObject({ next: null, isOpen: false });
    world.ledger(home).mint(world.machineAccount(), 500n);
    world.settle((id) => (id.endsWith(liar) ? 'silent' : 'none'), 10n * watchPauseNs);
    expect(place(world)).toMatchObject({ isOpen: true });
    expect(bookOf(world.tables, home, 'main').booked).toBe(500n);
  });

  it('naming one block often has it booked once', () => {
    const world = lied();
    const to = { Array: [{ Blob: hexToPrincipal(self).toUint8Array() }] };
    const tx = {
      Map: [
        ['amt', { Nat: 50n }],
        ['to', to],
      ],
    };
    const mint = {
      id: 0n,
      block: {
        Map: [
          ['btype', { Text: '1mint' }],
          ['ts', { Nat: 1n }],
          ['tx', tx],
        ],
      },
    };
    answers(world, [mint, mint, mint], 9n);
    looks(world);
    looks(world);
    expect(bookOf(world.tables, liar, 'main').booked).toBe(50n);
  });
});
