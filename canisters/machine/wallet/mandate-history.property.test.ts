// Mandates that are replaced and revoked: whatever is granted in between, there is no second budget within a period.
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import { type MandateTerms, mandateLimits } from '@tamc/protocol/mandate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Spending, withEarlier } from './earlier.ts';
import { grantMandate, revokeMandate } from './grant.ts';
import { countInWindow, spentInWindow } from './mandates.ts';
import {
  createMoneyWorld,
  dayNs,
  delegate,
  home,
  type MoneyWorld,
  operator,
  secondNs,
  stranger,
} from './money-world.ts';
import { pay } from './pay.ts';
import { announceReceipt } from './receipts.ts';

interface Limits {
  readonly amount: bigint;
  readonly periodNs: bigint;
  readonly recurrence: number;
}

function terms(world: MoneyWorld, { amount, periodNs, recurrence }: Limits): MandateTerms {
  return {
    label: 'buyer',
    ledger: home,
    amountMin: 1n,
    amountMax: 10_000n,
    budgetAmount: amount,
    budgetPeriodNs: periodNs,
    recurrence,
    allowedPayees: null,
    allowedPurposes: null,
    notBeforeNs: 0n,
    expiresNs: world.now() + 800n * dayNs,
    reserveFloor: 0n,
    askAbove: 10_000n,
    powers: [],
  };
}

function begun(): MoneyWorld {
  const world = createMoneyWorld();
  const block = world.ledger(home).mint(world.machineAccount(), 10n ** 9n);
  world.done(stranger, announceReceipt, { ledger: home, block });
  world.settle();
  return world;
}

const live = (world: MoneyWorld) => world.tables.mandateIndex.get().live[0];
const mandateOf = (world: MoneyWorld) => world.tables.mandates.get(live(world)!)!;
const grants = (world: MoneyWorld, limits: Limits) => {
  world.done(operator, grantMandate, { delegate, terms: { ok: true, value: terms(world, limits) } });
};
const revokes = (world: MoneyWorld) => world.done(operator, revokeMandate, { mandate: live(world)! });
let ids = 0;
const pays = (world: MoneyWorld, amount: bigint) => {
  const to = accountToCandid(accountOf(stranger));
  return world.act(delegate, pay, { commandId: `m${ids++}`, ledger: home, to, amount, purpose: 'x' });
};

describe('a mandate in the place of another', () => {
  const day = { amount: 1_000n, periodNs: dayNs, recurrence: 50 };
  const minute = { amount: 50n, periodNs: 60n * secondNs, recurrence: 50 };

  it('knows what was spent in its period, although one with a shorter period stood between them', () => {
    const world = begun();
    grants(world, day);
    pays(world, 900n);
    world.pass(120n * secondNs);
    grants(world, minute);
    pays(world, 1n);
    grants(world, day);
    expect(spentInWindow(mandateOf(world), world.now())).toBe(921n);
    expect(countInWindow(mandateOf(world), world.now())).toBe(2);
    expect(pays(world, 900n)).toMatchObject({ ok: true, value: 'request/0' });
    world.pass(dayNs);
    expect(spentInWindow(mandateOf(world), world.now())).toBe(0n);
  });

  it('knows it after a revocation, and after many short ones', () => {
    const world = begun();
    grants(world, day);
    pays(world, 900n);
    for (let i = 0; i < 3; i++) {
      revokes(world);
      expect(world.tables.mandates.get(1)).toBeNull();
      world.pass(3_600n * secondNs);
      grants(world, minute);
    }
    revokes(world);
    grants(world, day);
    expect(spentInWindow(mandateOf(world), world.now())).toBe(910n);
    expect(world.tables.spentBefore.get([delegate, home])).toBeNull();
  });
});

const period = fc.constantFrom(1n, 60n * secondNs, 3_600n * secondNs, dayNs, 30n * dayNs, 366n * dayNs);
const act = fc.oneof(
  fc.record({
    kind: fc.constant('grant' as const),
    amount: fc.bigInt({ min: 10n, max: 3_000n }),
    periodNs: period,
    recurrence: fc.integer({ min: 1, max: 8 }),
  }),
  fc.record({ kind: fc.constant('pay' as const), amount: fc.bigInt({ min: 1n, max: 900n }) }),
  fc.record({ kind: fc.constant('pay' as const), amount: fc.bigInt({ min: 1n, max: 90n }) }),
  fc.record({ kind: fc.constant('revoke' as const) }),
  fc.record({
    kind: fc.constant('pass' as const),
    ns: fc.constantFrom(1n, secondNs, 50n * secondNs, 1_000n * secondNs),
  }),
  fc.record({ kind: fc.constant('pass' as const), ns: fc.bigInt({ min: 1n, max: 3n * dayNs }) }),
);

interface Paid {
  readonly atNs: bigint;
  readonly total: bigint;
  /** Of the mandate it was made under. */
  readonly limits: Limits;
}

describe('any sequence of grants, revocations and payments', () => {
  it('leaves in each period that ends with a payment at most what the mandate of that payment allows', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 5, maxLength: 60 }), (acts) => {
        const world = begun();
        const paid: Paid[] = [];
        let limits: Limits | null = null;
        for (const given of acts) {
          if (given.kind === 'pass') world.pass(given.ns);
          if (given.kind === 'grant') {
            limits = given;
            grants(world, given);
          }
          if (given.kind === 'revoke' && limits !== null) {
            limits = null;
            revokes(world);
          }
          if (given.kind !== 'pay' || limits === null) continue;
          const made = pays(world, given.amount);
          if (!made.ok || !made.value.startsWith('transfer/')) continue;
          paid.push({ atNs: world.now(), total: given.amount + 10n, limits });
          world.settle(undefined, secondNs);
        }
        paid.forEach((last, i) => {
          const window = paid.slice(0, i + 1).filter(({ atNs }) => last.atNs - atNs < last.limits.periodNs);
          expect(window.reduce((sum, { total }) => sum + total, 0n)).toBeLessThanOrEqual(last.limits.amount);
          expect(window.length).toBeLessThanOrEqual(last.limits.recurrence);
        });
      }),
      { numRuns: 150 },
    );
  });
});

describe('what was spent earlier', () => {
  const { periodNsMax } = mandateLimits;

  it('is summed up in a bounded list, never too little, and at most an eighth of its age or a minute too long', () => {
    const gap = fc.oneof(fc.bigInt({ min: 0n, max: 5n * 60n * secondNs }), fc.bigInt({ min: 0n, max: dayNs }));
    fc.assert(
      fc.property(fc.array(gap, { minLength: 1, maxLength: 400 }), period, (gaps, periodNs) => {
        let nowNs = 10n * periodNsMax;
        let kept: readonly Spending[] = [];
        const all = gaps.map((gapNs, transfer) => {
          nowNs += gapNs;
          const payment = { transfer, atNs: nowNs, total: 1n };
          kept = withEarlier(kept, [payment], nowNs);
          return payment;
        });
        const since = (lengthNs: bigint) => BigInt(all.filter(({ atNs }) => nowNs - atNs < lengthNs).length);
        const counted = kept.filter(({ atNs }) => nowNs - atNs < periodNs).reduce((sum, { total }) => sum + total, 0n);
        expect(counted).toBeGreaterThanOrEqual(since(periodNs < periodNsMax ? periodNs : periodNsMax));
        const eighthNs = periodNs / 8n;
        const slackNs = eighthNs > 60n * secondNs ? eighthNs : 60n * secondNs;
        expect(counted).toBeLessThanOrEqual(since(periodNs + slackNs + 1n));
        expect(kept.length).toBeLessThanOrEqual(250);
      }),
      { numRuns: 100 },
    );
  });

  it('of a payment every half an hour of a year is some hundred sums', () => {
    let kept: readonly Spending[] = [];
    let nowNs = periodNsMax;
    for (let i = 0; i < 20_000; i++) {
      nowNs += 1_800n * secondNs;
      kept = withEarlier(kept, [{ transfer: i, atNs: nowNs, total: 1n }], nowNs);
    }
    expect(kept.length).toBeLessThan(250);
    expect(kept.reduce((sum, { payments }) => sum + payments, 0)).toBeGreaterThanOrEqual(366 * 48);
  });
});
