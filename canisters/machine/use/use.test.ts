import { accountToCandid } from '@tamc/protocol/account';
import { sha256 } from '@tamc/protocol/hash';
import { type TariffTerms, useLimits } from '@tamc/protocol/use';
import { describe, expect, it } from 'vitest';
import { report } from '../commands/reports.ts';
import { enrol, issueEnrolment } from '../devices/rules.ts';
import { releaseStop, stop } from '../stop/rules.ts';
import { codeOf, digest } from '../test-machine.ts';
import { bookOf } from '../wallet/books.ts';
import { declareUnexecuted } from '../wallet/declare.ts';
import {
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
  stranger,
} from '../wallet/money-world.ts';
import { pay } from '../wallet/pay.ts';
import { announceReceipt } from '../wallet/receipts.ts';
import { isRunningCustomer, splitHold } from './ended.ts';
import { placeOrder } from './orders.ts';
import { setTariff, withdrawTariff } from './tariff.ts';
import { orderToCandid } from './view.ts';

const guest = keyOf('guest');
const tariff: TariffTerms = {
  ledger: home,
  unit: 'minute',
  price: 100n,
  quantityMax: 60n,
  deadlineNs: 3_600n * secondNs,
  ordersAtOnce: 2,
};
let ids = 0;

function open(): MoneyWorld {
  const world = createMoneyWorld();
  world.done(operator, issueEnrolment, {
    codeHash: sha256(codeOf('device')),
    label: 'device',
    expiresNs: world.now() + dayNs,
  });
  world.done(deviceKey, enrol, codeOf('device'));
  world.done(operator, setTariff, tariff);
  rich(world, guest);
  return world;
}

function rich(world: MoneyWorld, who: typeof guest, amount = 100_000n): void {
  world.ledger(home).mint(world.person(who), amount);
  world.ledger(home).approve(world.person(who), self, amount);
}

const wanted = (quantity = 30n, more: object = {}) => {
  return { commandId: `o${ids++}`, tariff: 0, quantity, subaccount: [] as [], ...more };
};

function order(world: MoneyWorld, quantity = 30n, who = guest): number {
  return Number(world.done(who, placeOrder, wanted(quantity)).split('/')[1]);
}

/** Its money is in escrow. */
function paidBy(world: MoneyWorld, who: typeof guest): number {
  const number = order(world, 30n, who);
  world.settle(undefined, 3n * secondNs);
  expect(world.tables.orders.get(number)!.held).not.toBeNull();
  return number;
}

function ends(world: MoneyWorld, number: number, body: object): void {
  const command = world.tables.orders.get(number)!.command!;
  const device = world.tables.devices.get(1)!;
  const given = { sequence: device.lastSequence + 1, atNs: world.now(), body: { command, ...body } };
  world.done(deviceKey, report, given as never);
  world.settle();
}

const confirms = (world: MoneyWorld, number: number, quantity: bigint) => {
  ends(world, number, { kind: 'confirmed', quantity, evidence: digest });
};
const balance = (world: MoneyWorld, who: typeof guest) => world.ledger(home).balanceOf(world.person(who));
const inEscrow = (world: MoneyWorld) => world.ledger(home).balanceOf(world.machineAccount('escrow'));
const settle = (world: MoneyWorld) => world.settle(undefined, 60n * secondNs);

describe('a tariff', () => {
  it('is set with the power to, in terms that make sense', () => {
    const world = open();
    expect(world.refused(stranger, setTariff, tariff)).toBe('PowerMissing');
    expect(world.refused(operator, setTariff, { ...tariff, ledger: stranger })).toBe('LedgerUnknown');
    for (const wrong of [{ price: 0n }, { quantityMax: 0n }, { deadlineNs: 1n }, { ordersAtOnce: 17 }]) {
      expect(world.refused(operator, setTariff, { ...tariff, ...wrong })).toBe('TariffInvalid');
    }
    expect(world.refused(stranger, withdrawTariff, null)).toBe('PowerMissing');
    world.done(operator, withdrawTariff, null);
    expect(world.refused(guest, placeOrder, wanted())).toBe('NoTariff');
  });

  it('is agreed to by number', () => {
    const world = open();
    world.done(operator, setTariff, { ...tariff, price: 200n });
    expect(world.refused(guest, placeOrder, wanted())).toBe('TariffChanged');
  });
});

describe('an order', () => {
  it('is refused before money moves: self, nobody, quantity, places, no device, stopped', () => {
    const world = open();
    expect(world.refused(self, placeOrder, wanted())).toBe('CustomerIsSelf');
    expect(world.refused('04' as typeof guest, placeOrder, wanted())).toBe('AnonymousCaller');
    expect(world.refused(guest, placeOrder, wanted(0n))).toBe('QuantityInvalid');
    expect(world.refused(guest, placeOrder, wanted(61n))).toBe('QuantityInvalid');
    expect(world.refused(guest, placeOrder, wanted(1n, { subaccount: [new Uint8Array(3)] }))).toBe('CustomerInvalid');
    order(world);
    order(world);
    expect(world.refused(guest, placeOrder, wanted())).toBe('MachineBusy');
    const bare = createMoneyWorld();
    bare.done(operator, setTariff, tariff);
    expect(bare.refused(guest, placeOrder, wanted())).toBe('NoDevice');
    const stopped = open();
    stopped.done(operator, stop, 'smoke');
    expect(stopped.refused(guest, placeOrder, wanted())).toBe('MachineStopped');
    expect(stopped.ledger(home).blocks).toHaveLength(1);
  });

  it('whose money cannot be pulled is refused by the ledger and costs nothing', () => {
    const world = open();
    const poor = keyOf('poor');
    world.ledger(home).mint(world.person(poor), 500n);
    const number = order(world, 30n, poor);
    settle(world);
    expect(world.tables.orders.get(number)!.refused).toMatchObject({ code: 'InsufficientAllowance' });
    expect(world.tables.openOrders.get()).toEqual([]);
    expect(balance(world, poor)).toBe(500n);
  });

  it('is held in escrow, told to the device, and captured as far as used', () => {
    const world = open();
    const number = order(world);
    settle(world);
    expect(inEscrow(world)).toBe(3_020n);
    expect(isRunningCustomer(world.tables, guest, world.now())).toBe(true);
    expect(world.tables.commands.get(1)).toMatchObject({ action: 'start', cause: `order/${number}` });
    confirms(world, number, 20n);
    expect(inEscrow(world)).toBe(0n);
    expect(bookOf(world.tables, home, 'main').booked).toBe(2_000n);
    expect(balance(world, guest)).toBe(100_000n - 3_030n + 1_000n);
    const { capture, refund, settledNs } = world.tables.orders.get(number)!;
    expect([capture?.paid?.amount, refund?.paid?.amount]).toEqual([2_000n, 1_000n]);
    expect(settledNs).not.toBeNull();
    expect(isRunningCustomer(world.tables, guest, world.now())).toBe(false);
  });

  it('that is used up pays no refund, and the fee of one goes with the capture', () => {
    const world = open();
    const number = order(world);
    settle(world);
    confirms(world, number, 90n);
    expect(inEscrow(world)).toBe(0n);
    expect(bookOf(world.tables, home, 'main').booked).toBe(3_010n);
    expect(world.tables.orders.get(number)!.refund).toBeNull();
  });

  it('is refunded when the device fails, uses nothing, or lets the deadline pass', () => {
    for (const end of ['failed', 'unused', 'deadline'] as const) {
      const world = open();
      const number = order(world);
      settle(world);
      if (end === 'failed') ends(world, number, { kind: 'failed', reason: 'jammed', evidence: null });
      if (end === 'unused') confirms(world, number, 0n);
      if (end === 'deadline') world.settle(undefined, 7_200n * secondNs);
      expect(world.tables.orders.get(number)!.ended).toMatchObject({ kind: 'unused', reason: { kind: end } });
      expect(inEscrow(world)).toBe(0n);
      expect(balance(world, guest)).toBe(100_000n - 20n);
      expect(bookOf(world.tables, home, 'main').booked).toBe(0n);
    }
  });

  it('whose device is stopped before it began is refunded, and a release does not bring it back', () => {
    const world = open();
    const number = order(world);
    settle(world);
    world.done(guest, stop, 'foam');
    settle(world);
    expect(world.tables.orders.get(number)!.ended).toMatchObject({ reason: { kind: 'failed', reason: 'stopped' } });
    world.done(operator, releaseStop, null);
    expect(inEscrow(world)).toBe(0n);
  });

  it('that is stopped while its money is on the way is refunded when it arrives', () => {
    const world = open();
    const number = order(world);
    world.done(operator, stop, 'smoke');
    settle(world);
    expect(world.tables.orders.get(number)!.ended).toMatchObject({
      reason: { kind: 'notStarted', code: 'MachineStopped' },
    });
    expect(inEscrow(world)).toBe(0n);
    expect(balance(world, guest)).toBe(100_000n - 20n);
  });

  it('whose money arrives late is refunded', () => {
    const world = open();
    const number = order(world);
    let isSilent = true;
    world.settle(() => (isSilent ? 'trapped' : 'none'), 900n * secondNs);
    isSilent = false;
    world.settle(undefined, 120n * secondNs);
    expect(world.tables.orders.get(number)!.ended).toMatchObject({ reason: { kind: 'late' } });
    expect(inEscrow(world)).toBe(0n);
  });

  it('is settled although the fee of the ledger has risen since', () => {
    const world = open();
    const number = order(world);
    settle(world);
    world.ledger(home).setFee(30n);
    confirms(world, number, 20n);
    expect(world.tables.orders.get(number)!.settledNs).not.toBeNull();
    expect(inEscrow(world)).toBe(0n);
    expect(world.tables.ledgers.get()[0]!.fee).toBe(30n);
  });

  it('waits, settling, while the ledger wants a fee that its refund cannot pay, and is paid when the fee is back', () => {
    const world = open();
    const number = order(world, 1n);
    settle(world);
    const status = () => orderToCandid(world.tables, number)!.status;
    world.ledger(home).setFee(500n);
    ends(world, number, { kind: 'failed', reason: 'jammed', evidence: null });
    for (const fee of [500n, 1_000n, 10_000n, 100_000n]) {
      world.ledger(home).setFee(fee);
      world.settle(undefined, 7_200n * secondNs);
      expect(status()).toEqual({ settling: null });
      expect(world.tables.openOrders.get()).toHaveLength(1);
      expect(bookOf(world.tables, home, 'escrow')).toMatchObject({ booked: 120n, reserved: 0n });
      expect(world.tables.ledgers.get()[0]!.fee).toBeLessThanOrEqual(1_000n);
    }
    world.ledger(home).setFee(10n);
    world.settle(undefined, 7_200n * secondNs);
    expect(status()).toEqual({ refunded: null });
    expect(world.tables.orders.get(number)!.refund?.paid?.amount).toBe(110n);
    expect(inEscrow(world)).toBe(0n);
    expect(balance(world, guest)).toBe(100_000n - 20n);
  });

  it('is settled by a ledger whose fee came to be none', () => {
    const world = open();
    const number = order(world);
    settle(world);
    world.ledger(home).setFee(0n);
    confirms(world, number, 20n);
    expect(world.tables.orders.get(number)!.settledNs).not.toBeNull();
    expect(inEscrow(world)).toBe(0n);
  });

  it('leaves other purses alone: what is held cannot be spent', () => {
    const world = open();
    order(world);
    settle(world);
    const to = accountToCandid(world.person(stranger));
    const payment = { commandId: 'p', ledger: home, to, amount: 1n, purpose: 'x' };
    expect(world.refused(operator, pay, payment)).toBe('FundsMissing');
    expect(bookOf(world.tables, second, 'escrow').booked).toBe(0n);
  });
});

describe('a ledger that hangs', () => {
  it('keeps no place of the machine for longer than a pull may take, and no customer from another ledger', () => {
    const world = open();
    world.done(operator, setTariff, { ...tariff, ordersAtOnce: 1 });
    const hanging = () => world.done(guest, placeOrder, wanted(1n, { tariff: 1 }));
    hanging();
    expect(world.refused(guest, placeOrder, wanted(1n, { tariff: 1 }))).toBe('MachineBusy');
    for (let i = 1; i < useLimits.unsettledPerLedgerMax; i++) {
      world.pass(useLimits.pullNs + 1n);
      hanging();
    }
    world.pass(useLimits.pullNs + 1n);
    expect(world.refused(guest, placeOrder, wanted(1n, { tariff: 1 }))).toBe('LedgerSlow');
    world.done(operator, setTariff, { ...tariff, ledger: second, ordersAtOnce: 1 });
    world.ledger(second).mint(world.person(guest), 100_000n);
    world.ledger(second).approve(world.person(guest), self, 100_000n);
    world.done(guest, placeOrder, wanted(1n, { tariff: 2 }));
  });
});

describe('orders that cannot be paid for', () => {
  const { unpaidPerCallerMax, unpaidOfStrangersMax } = useLimits;
  const hourNs = 3_600n * secondNs;
  const fails = (world: MoneyWorld, who: typeof guest, times: number) => {
    for (let i = 0; i < times; i++) {
      const number = order(world, 1n, who);
      world.settle(undefined, 3n * secondNs);
      expect(world.tables.orders.get(number)!.refused).not.toBeNull();
    }
  };
  const strangersFail = (world: MoneyWorld) => {
    for (let i = 0; i < unpaidOfStrangersMax / unpaidPerCallerMax; i++) {
      fails(world, keyOf(`stranger ${i}`), unpaidPerCallerMax);
    }
  };

  it('are few for one caller within an hour, which is told when to come back; others still order', () => {
    const world = open();
    const poor = keyOf('poor');
    fails(world, poor, unpaidPerCallerMax);
    world.pass(600n * secondNs);
    const refusal = world.act(poor, placeOrder, wanted(1n));
    expect(refusal).toMatchObject({ ok: false, error: { code: 'OrdersUnpaid' } });
    expect(refusal.ok ? '' : refusal.error.nextStep).toContain('order again in 50 minutes');
    fails(world, keyOf('other'), 1);
    order(world);
    world.pass(hourNs - 600n * secondNs);
    fails(world, poor, 1);
  });

  it('of many strangers keep out other strangers for a minute, and nobody who has paid before', () => {
    const world = open();
    confirms(world, paidBy(world, guest), 30n);
    strangersFail(world);
    const newcomer = keyOf('newcomer');
    rich(world, newcomer);
    const refusal = world.act(newcomer, placeOrder, wanted(1n));
    expect(refusal).toMatchObject({ ok: false, error: { code: 'OrdersOfStrangersUnpaid' } });
    confirms(world, paidBy(world, guest), 30n);
    world.pass(useLimits.unpaidPauseNs);
    fails(world, keyOf('one more'), 1);
    expect(world.refused(newcomer, placeOrder, wanted(1n))).toBe('OrdersOfStrangersUnpaid');
    world.pass(useLimits.unpaidPauseNs);
    confirms(world, paidBy(world, newcomer), 30n);
    world.pass(hourNs);
    strangersFail(world);
    confirms(world, paidBy(world, newcomer), 30n);
  });

  it('of many strangers keep nobody out who has sent the machine money', () => {
    const world = open();
    strangersFail(world);
    const newcomer = keyOf('newcomer');
    rich(world, newcomer);
    expect(world.refused(newcomer, placeOrder, wanted(1n))).toBe('OrdersOfStrangersUnpaid');
    const block = world.ledger(home).send(world.person(newcomer), world.machineAccount('main'), 11n);
    world.done(operator, announceReceipt, { ledger: home, block });
    world.settle();
    confirms(world, paidBy(world, newcomer), 30n);
  });

  it('are counted of a customer who has paid before for itself alone, and forgiven when it pays', () => {
    const world = open();
    confirms(world, paidBy(world, guest), 30n);
    world.ledger(home).approve(world.person(guest), self, 0n);
    fails(world, guest, unpaidPerCallerMax - 1);
    world.ledger(home).approve(world.person(guest), self, 1_000_000n);
    confirms(world, paidBy(world, guest), 30n);
    world.ledger(home).approve(world.person(guest), self, 0n);
    fails(world, guest, unpaidPerCallerMax);
    expect(world.refused(guest, placeOrder, wanted(1n))).toBe('OrdersUnpaid');
    expect(world.tables.strangersUnpaid.get().callers).toEqual([]);
    world.pass(hourNs);
    fails(world, guest, 1);
  });
});

describe('a customer', () => {
  it('has no more open orders at a time than its share, whatever the machine has room for', () => {
    const world = open();
    world.done(operator, setTariff, { ...tariff, ordersAtOnce: useLimits.openOrdersMax });
    for (let i = 0; i < useLimits.openOrdersPerCustomerMax; i++)
      world.done(guest, placeOrder, wanted(1n, { tariff: 1 }));
    expect(world.refused(guest, placeOrder, wanted(1n, { tariff: 1 }))).toBe('OrdersOfCustomerFull');
    rich(world, keyOf('other'));
    world.done(keyOf('other'), placeOrder, wanted(1n, { tariff: 1 }));
  });
});

describe('a pull without an answer', () => {
  it('is not ended by the word of the operator: the money is the customer’s', () => {
    const world = open();
    const number = order(world);
    world.settle(() => 'silent', secondNs);
    world.pass(30n * 3_600n * secondNs);
    const { transfer } = world.tables.orders.get(number)!.terms;
    expect(world.refused(operator, declareUnexecuted, { transfer })).toBe('TransferOfOthers');
  });
});

describe('the hold', () => {
  it('is split without rest', () => {
    for (const [charge, fee] of [
      [1n, 10n],
      [2_999n, 10n],
      [3_000n, 10n],
      [100n, 0n],
    ] as const) {
      const hold = 3_000n + 2n * fee;
      const { captureTotal, refundTotal } = splitHold(hold, charge, fee);
      expect(captureTotal + refundTotal).toBe(hold);
      expect(captureTotal).toBeGreaterThanOrEqual(charge + fee);
      expect(refundTotal === 0n || refundTotal > fee).toBe(true);
    }
  });
});
