// Whatever is done in whatever order, with whatever fault at every outgoing call: the books add up at every step, what is held
// for orders is in escrow, nothing is paid or booked twice, nothing is lost. The world checks the books after every step.
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import { sha256 } from '@tamc/protocol/hash';
import type { MandateTerms } from '@tamc/protocol/mandate';
import { purses } from '@tamc/protocol/purse';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { report } from '../commands/reports.ts';
import { setCompute } from '../compute/rules.ts';
import { enrol, issueEnrolment } from '../devices/rules.ts';
import { releaseStop, stop } from '../stop/rules.ts';
import { codeOf, digest } from '../test-machine.ts';
import { placeOrder } from '../use/orders.ts';
import { setTariff } from '../use/tariff.ts';
import { bookOf } from './books.ts';
import { grantMandate, revokeMandate } from './grant.ts';
import { spentInWindow } from './mandates.ts';
import {
  createMoneyWorld,
  dayNs,
  delegate,
  deviceKey,
  type Fault,
  home,
  keyOf,
  type MoneyWorld,
  operator,
  second,
  secondNs,
  self,
  stranger,
  sum,
} from './money-world.ts';
import { pay } from './pay.ts';
import { announceReceipt } from './receipts.ts';

const guests = [keyOf('guest one'), keyOf('guest two')];
const payees = [stranger, keyOf('shop')];

type Step =
  | { kind: 'pay'; by: 'operator' | 'delegate'; amount: bigint; payee: number; ledger: 'home' | 'second' }
  | { kind: 'mint'; amount: bigint; ledger: 'home' | 'second'; isAnnounced: boolean }
  | { kind: 'announce'; block: bigint; ledger: 'home' | 'second' }
  | { kind: 'order'; guest: number; quantity: bigint }
  | { kind: 'end'; isConfirmed: boolean; quantity: bigint }
  | { kind: 'stop' }
  | { kind: 'release' }
  | { kind: 'fee'; fee: bigint }
  | { kind: 'deliver'; faults: readonly Fault[] }
  | { kind: 'arrive' }
  | { kind: 'upgrade' }
  | { kind: 'pass'; seconds: number };

const ledgerName = fc.constantFrom('home' as const, 'second' as const);
const amount = fc.bigInt({ min: 0n, max: 3_000n });
const fault: fc.Arbitrary<Fault> = fc.constantFrom(
  'none',
  'none',
  'none',
  'lost',
  'trapped',
  'unreachable',
  'malformed',
  'late',
  'delayed',
  'silent',
);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('pay' as const),
    by: fc.constantFrom('operator' as const, 'delegate' as const),
    amount,
    payee: fc.nat(1),
    ledger: ledgerName,
  }),
  fc.record({ kind: fc.constant('mint' as const), amount, ledger: ledgerName, isAnnounced: fc.boolean() }),
  fc.record({ kind: fc.constant('announce' as const), block: fc.bigInt({ min: 0n, max: 30n }), ledger: ledgerName }),
  fc.record({ kind: fc.constant('order' as const), guest: fc.nat(1), quantity: fc.bigInt({ min: 1n, max: 10n }) }),
  fc.record({
    kind: fc.constant('end' as const),
    isConfirmed: fc.boolean(),
    quantity: fc.bigInt({ min: 0n, max: 12n }),
  }),
  fc.record({ kind: fc.constant('stop' as const) }),
  fc.record({ kind: fc.constant('release' as const) }),
  fc.record({ kind: fc.constant('fee' as const), fee: fc.bigInt({ min: 1n, max: 30n }) }),
  fc.record({ kind: fc.constant('deliver' as const), faults: fc.array(fault, { minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('deliver' as const), faults: fc.array(fault, { minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constant('arrive' as const) }),
  fc.record({ kind: fc.constant('upgrade' as const) }),
  fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 4_000 }) }),
);

const mandate = (world: MoneyWorld): MandateTerms => ({
  label: 'buyer',
  ledger: home,
  amountMin: 1n,
  amountMax: 2_000n,
  budgetAmount: 4_000n,
  budgetPeriodNs: 3_600n * secondNs,
  recurrence: 4,
  allowedPayees: null,
  allowedPurposes: null,
  notBeforeNs: 0n,
  expiresNs: world.now() + 300n * dayNs,
  reserveFloor: 0n,
  askAbove: 2_000n,
  powers: [],
});

function begin(): MoneyWorld {
  const desk = { simulated_desk: { desk: accountToCandid(accountOf(stranger)).owner } };
  const world = createMoneyWorld({ compute: desk });
  world.done(operator, setCompute, { target: 1_500n, lowCycles: 10n, floorCycles: 5n, topUpAmount: 500n });
  const enrolment = { codeHash: sha256(codeOf('device')), label: 'device', expiresNs: world.now() + dayNs };
  world.done(operator, issueEnrolment, enrolment);
  world.done(deviceKey, enrol, codeOf('device'));
  const deadlineNs = 600n * secondNs;
  const tariff = { ledger: home, unit: 'use', price: 100n, quantityMax: 10n, deadlineNs, ordersAtOnce: 3 } as const;
  world.done(operator, setTariff, tariff);
  world.done(operator, grantMandate, { delegate, terms: { ok: true, value: mandate(world) } });
  for (const guest of guests) {
    world.ledger(home).mint(accountOf(guest), 20_000n);
    world.ledger(home).approve(accountOf(guest), self, 10_000n);
  }
  return world;
}

/** Announced in the end, so that nothing of it may be missing. */
type Minted = Map<string, bigint>;

function perform(world: MoneyWorld, minted: Minted, given: Step, id: number): void {
  const idOf = { home, second };
  switch (given.kind) {
    case 'pay': {
      const to = accountToCandid(accountOf(payees[given.payee]!));
      const command = { commandId: `p${id}`, ledger: idOf[given.ledger], to, amount: given.amount, purpose: 'x' };
      world.act(given.by === 'operator' ? operator : delegate, pay, command);
      break;
    }
    case 'mint': {
      const ledger = idOf[given.ledger];
      const block = world.ledger(ledger).mint(world.machineAccount(), given.amount);
      minted.set(`${ledger}/${block}`, given.amount);
      if (given.isAnnounced) world.act(stranger, announceReceipt, { ledger, block });
      break;
    }
    case 'announce':
      world.act(operator, announceReceipt, { ledger: idOf[given.ledger], block: given.block });
      break;
    case 'order': {
      const command = { commandId: `o${id}`, tariff: 0, quantity: given.quantity, subaccount: [] as [] };
      world.act(guests[given.guest]!, placeOrder, command);
      break;
    }
    case 'end': {
      const command = world.tables.commandQueue.get().open[0]?.command ?? 1;
      const body = given.isConfirmed
        ? { kind: 'confirmed' as const, command, quantity: given.quantity, evidence: digest }
        : { kind: 'failed' as const, command, reason: 'jammed', evidence: null };
      const sequence = world.tables.devices.get(1)!.lastSequence + 1;
      world.act(deviceKey, report, { sequence, atNs: world.now(), body });
      break;
    }
    case 'stop':
      world.act(operator, stop, 'test');
      break;
    case 'release':
      world.act(operator, releaseStop, null);
      break;
    case 'fee':
      world.ledger(home).setFee(given.fee);
      break;
    case 'deliver': {
      let next = 0;
      world.deliver(() => given.faults[next++ % given.faults.length]!);
      break;
    }
    case 'arrive':
      world.arrive();
      break;
    case 'upgrade':
      world.upgrade();
      break;
    case 'pass':
      world.pass(BigInt(given.seconds) * secondNs);
      break;
  }
}

/** Every transfer of the machine is on its ledger once if it is paid, and not at all if it was refused. */
function expectExactlyOnce(world: MoneyWorld): void {
  const { transfers } = world.tables;
  for (let number = transfers.first(); number < transfers.end(); number++) {
    const { order, outcome } = transfers.get(number)!;
    const blocks = world
      .ledger(order.ledger)
      .blocks.filter(({ memo }) => memo !== null && Buffer.from(memo).toString('hex') === order.memo);
    expect([outcome?.kind, blocks.length]).toEqual(outcome?.kind === 'paid' ? ['paid', 1] : ['refused', 0]);
    if (outcome?.kind === 'paid') expect(blocks[0]).toMatchObject({ amount: order.amount, to: order.to });
  }
}

function announceAll(world: MoneyWorld, minted: Minted): void {
  for (const key of minted.keys()) {
    const [ledger, block] = key.split('/') as [typeof home, string];
    world.act(operator, announceReceipt, { ledger, block: BigInt(block) });
    world.settle();
  }
}

describe('the money of a machine', () => {
  it('is conserved, exactly once, over any acts and any faults, and everything comes to rest', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const world = begin();
        const minted: Minted = new Map();
        steps.forEach((given, id) => {
          perform(world, minted, given, id);
          world.check();
        });
        while (world.arrive());
        // Nobody waits for ever for what is never answered.
        world.upgrade();
        world.settle(undefined, 3n * dayNs);
        announceAll(world, minted);
        world.settle(undefined, 3n * dayNs);
        expect(world.tables.openTransfers.get()).toEqual([]);
        expect(world.tables.openOrders.get()).toEqual([]);
        expectExactlyOnce(world);
        for (const ledger of [home, second]) {
          // What the ledger holds is what is booked, but for what was too little to book.
          const fee = world.tables.ledgers.get().find(({ id }) => id === ledger)!.fee;
          const dust = sum(
            [...minted].map(([key, value]) => {
              const [on, block] = key.split('/') as [typeof home, string];
              return on === ledger && world.tables.bookedBlocks.get([ledger, BigInt(block)]) === null ? value : 0n;
            }),
          );
          expect(dust <= fee * 40n).toBe(true);
          const held = sum(purses.map((purse) => world.ledger(ledger).balanceOf(world.machineAccount(purse))));
          expect(sum(purses.map((purse) => bookOf(world.tables, ledger, purse).booked)) + dust).toBe(held);
          for (const purse of purses) expect(bookOf(world.tables, ledger, purse).reserved).toBe(0n);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('mandates', () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant('pay' as const), who: fc.nat(1), amount: fc.bigInt({ min: 1n, max: 900n }) }),
    fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 2_000 }) }),
    fc.record({ kind: fc.constant('grant' as const), who: fc.nat(1) }),
    fc.record({ kind: fc.constant('settle' as const) }),
  );

  it('let no order of calls, times and delegates spend more than allowed in any window', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 5, maxLength: 60 }), (acts) => {
        const world = createMoneyWorld();
        const block = world.ledger(home).mint(world.machineAccount(), 1_000_000n);
        world.done(stranger, announceReceipt, { ledger: home, block });
        world.settle();
        const delegates = [delegate, keyOf('other delegate')];
        const periodNs = 3_600n * secondNs;
        const terms = {
          ...mandate(world),
          budgetAmount: 2_000n,
          budgetPeriodNs: periodNs,
          recurrence: 5,
          amountMax: 800n,
          askAbove: 700n,
          reserveFloor: 985_000n,
        };
        const grant = (who: number) => {
          world.done(operator, grantMandate, { delegate: delegates[who]!, terms: { ok: true, value: terms } });
        };
        grant(0);
        grant(1);
        acts.forEach((given, id) => {
          if (given.kind === 'pass') world.pass(BigInt(given.seconds) * secondNs);
          if (given.kind === 'settle') world.deliver(() => 'none');
          if (given.kind === 'grant') grant(given.who);
          if (given.kind !== 'pay') return;
          const to = accountToCandid(accountOf(stranger));
          const command = { commandId: `c${id}`, ledger: home, to, amount: given.amount, purpose: 'x' };
          world.act(delegates[given.who]!, pay, command);
        });
        const { transfers } = world.tables;
        const paid = Array.from({ length: transfers.end() }, (_, number) => transfers.get(number)!.order);
        for (const who of delegates) {
          const own = paid.filter(({ cause }) => cause.kind === 'payment' && cause.by === who);
          for (const { createdNs, amount: one } of own) {
            const window = own.filter(
              (other) => other.createdNs >= createdNs && other.createdNs < createdNs + periodNs,
            );
            expect(sum(window.map(({ amount: value, fee }) => value + fee))).toBeLessThanOrEqual(2_000n);
            expect(window.length).toBeLessThanOrEqual(5);
            expect(one).toBeLessThanOrEqual(700n);
          }
        }
        expect(sum(paid.map(({ amount: value, fee }) => value + fee))).toBeLessThanOrEqual(15_000n);
      }),
      { numRuns: 150 },
    );
  });

  it('forget nothing that a window can still reach', () => {
    const world = createMoneyWorld();
    world.ledger(home).mint(world.machineAccount(), 10_000n);
    world.done(stranger, announceReceipt, { ledger: home, block: 0n });
    world.settle();
    world.done(operator, grantMandate, { delegate, terms: { ok: true, value: mandate(world) } });
    const to = accountToCandid(accountOf(stranger));
    const pays = (id: string) =>
      world.done(delegate, pay, { commandId: id, ledger: home, to, amount: 100n, purpose: 'x' });
    pays('a');
    world.pass(3_599n * secondNs);
    pays('b');
    expect(spentInWindow(world.tables.mandates.get(1)!, world.now())).toBe(220n);
    world.pass(secondNs);
    expect(spentInWindow(world.tables.mandates.get(1)!, world.now())).toBe(110n);
    world.done(operator, revokeMandate, { mandate: 1 });
    expect(world.tables.delegates.get(delegate)).toBeNull();
  });
});
