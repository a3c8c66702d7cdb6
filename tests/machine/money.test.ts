// The money of a machine of real Wasm with the real ledger: payments, mandates, paid use, compute, and ledgers that lie or hang.
import { IDL } from '@dfinity/candid';
import { sha256 } from '@tamc/protocol/hash';
import { GetBlocksResultType } from '@tamc/protocol/icrc3-types';
import { hexToPrincipal, principalToHex } from '@tamc/protocol/principal';
import { purses } from '@tamc/protocol/purse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, keyOf } from '../../canisters/machine/test-machine.ts';
import { encode } from '../harness/canisters.ts';
import { secondNs } from '../harness/world.ts';
import type { Value } from './machine-world.ts';
import {
  createMoneyWorld,
  cyclesPerUnit,
  dayNs,
  delegate,
  deviceKey,
  fee,
  guest,
  type MoneyWorld,
  operator,
  paidReply,
  stranger,
} from './money-world.ts';

let world: MoneyWorld;
let reports = 0;
beforeAll(async () => {
  world = await createMoneyWorld();
});
afterAll(() => world.close());

const rest = (seconds = 3n) => world.pass(seconds * secondNs, 12);
const evidence = new Uint8Array(32).fill(7);

/** To the unit: what the ledger holds is what the machine has booked, and what it has booked is its statement. */
async function expectBooksBalance(): Promise<void> {
  const statement: Value = await world.machine.query('statement', 0, 100);
  for (const purse of purses) {
    const { booked, carried } = await world.booked(purse);
    expect(booked).toBe(await world.inPurse(purse));
    const entries = statement.entries.filter(
      (entry: Value) => purse in entry.purse && entry.ledger.toText() === world.home.toText(),
    );
    expect(carried + entries.reduce((sum: bigint, { change }: Value) => sum + change, 0n)).toBe(booked);
  }
}

/** In one batch. */
async function report(...bodies: readonly object[]): Promise<void> {
  const batch = bodies.map((body) => ({ sequence: ++reports, at_ns: world.now(), body }));
  const answer = await world.machine.update(deviceKey, 'report', batch);
  expect(answer).toMatchObject({ Ok: { refused: [] } });
  await rest();
}

describe('receipts and payments', () => {
  it('are booked from the ledger and paid by the operator, once per command id', async () => {
    const { machine } = world;
    expect(await world.fund(100_000n)).toMatchObject({ Booked: { number: 0, change: 100_000n } });
    const payment = world.payment(400n);
    const paid = await machine.done(operator, 'pay', payment);
    expect(paid).toMatchObject({ Paid: { amount: 400n, fee, status: { paid: {} } } });
    expect(await machine.done(operator, 'pay', payment)).toEqual(paid);
    expect(await world.balanceOf(stranger)).toBe(400n);
    expect(await machine.refused(operator, 'pay', { ...payment, amount: 401n })).toBe('CommandIdReused');
    expect(await machine.refused(stranger, 'pay', world.payment(1n))).toBe('NoMandate');
    expect(await machine.refused(operator, 'pay', world.payment(1_000_000n))).toBe('FundsMissing');
    expect(await machine.refused(stranger, 'announce_receipt', { ledger: world.home, block: 77n })).toBe(
      'ReceiptRejected',
    );
    await expectBooksBalance();
  });

  it('within a mandate are made, beyond it wait for the operator, who approves what is shown', async () => {
    const { machine } = world;
    const granted = await machine.done(operator, 'grant_mandate', {
      command_id: 'm',
      delegate: hexToPrincipal(delegate),
      terms: world.terms(),
    });
    expect(granted).toMatchObject({ mandate: 1, is_live: true, spent: 0n });
    expect(await machine.done(delegate, 'pay', world.payment(300n))).toMatchObject({
      Paid: { cause: { payment: { mandate: [1] } } },
    });
    const { Waiting } = await machine.done(delegate, 'pay', world.payment(450n));
    const request = (await machine.query('request', Waiting.request))[0];
    expect(sha256(Uint8Array.from(request.payload))).toEqual(Uint8Array.from(request.payload_hash));
    expect(request.text).toContain('asks to pay 0.00045 USD');
    const { payload_hash } = request;
    expect(await machine.refused(delegate, 'approve', { request: 0, payload_hash })).toBe('NotOperator');
    expect(await machine.refused(operator, 'approve', { request: 0, payload_hash: evidence })).toBe('PayloadDiffers');
    expect(await machine.done(operator, 'approve', { request: 0, payload_hash })).toMatchObject({
      Paid: { amount: 450n },
    });
    expect(await machine.refused(operator, 'approve', { request: 0, payload_hash })).toBe('RequestDecided');
    expect(await world.balanceOf(stranger)).toBe(1_150n);
    await expectBooksBalance();
  });

  it('are nobody’s when a mandate is revoked', async () => {
    const { machine } = world;
    await machine.done(operator, 'revoke_mandate', { mandate: 1 });
    expect(await machine.refused(delegate, 'pay', world.payment(1n))).toBe('NoMandate');
  });

  it('are not lost from sight: a command repeated after what it led to is gone says that it was done', async () => {
    const { machine } = world;
    const grant = { command_id: 'a grant', delegate: hexToPrincipal(keyOf('another')), terms: world.terms() };
    const { mandate } = await machine.done(operator, 'grant_mandate', grant);
    expect(await machine.query('mandate_numbers')).toContain(mandate);
    expect(await machine.query('mandate', mandate)).toMatchObject([{ mandate, spent: 0n }]);
    await machine.done(operator, 'revoke_mandate', { mandate });
    expect(await machine.query('mandate', mandate)).toEqual([]);
    expect(await machine.update(operator, 'grant_mandate', grant)).toMatchObject({
      Err: { code: 'NoLongerKept', message: expect.stringMatching(/was done; .*mandate/) },
    });
    expect(await machine.query('mandate', mandate)).toEqual([]);
  });
});

describe('paid use', () => {
  const tariff = (more: object = {}) => ({
    ledger: world.home,
    unit: { minute: null },
    price: 100n,
    quantity_max: 60n,
    deadline_ns: 600n * secondNs,
    orders_at_once: 2,
    ...more,
  });

  it('holds the money, starts the device, captures what was used and refunds the rest', async () => {
    const { machine } = world;
    const enrolment = { code_hash: sha256(codeOf('device')), label: 'controller', expires_ns: world.now() + dayNs };
    await machine.done(operator, 'issue_enrolment', enrolment);
    await machine.done(deviceKey, 'enrol', { code: codeOf('device') });
    expect(await machine.done(operator, 'set_tariff', tariff())).toMatchObject({ tariff: 0, fee });
    await world.mint(guest, 50_000n);
    expect(await machine.refused(guest, 'order', world.order(30n))).toBe('PullRefused');
    await world.approve(guest, 40_000n);
    const order = await machine.done(guest, 'order', world.order(30n));
    expect(order).toMatchObject({ status: { running: null }, hold: 3_020n });
    expect(await world.inPurse('escrow')).toBe(3_020n);
    const [command] = await machine.query('open_commands');
    expect(command).toMatchObject({ action: 'start', cause: [`order/${order.order}`] });
    await expectBooksBalance();
    await report({ confirmed: { command: command.command, quantity: 20n, evidence } });
    const [receipt] = await machine.query('receipt', order.order);
    expect(receipt).toMatchObject({ status: { used: null }, used: [20n], captured: 2_000n, refunded: 1_000n });
    expect(Uint8Array.from(receipt.evidence[0])).toEqual(evidence);
    expect(await world.balanceOf(guest)).toBe(50_000n - fee - 3_030n + 1_000n);
    await expectBooksBalance();
  });

  it('moves the money within seconds, also when a later report of a batch ends the order', async () => {
    const { machine } = world;
    const { order, device_command } = await machine.done(guest, 'order', world.order(10n));
    const [command] = device_command;
    const meter = { meter: 'drum', value: 1n, unit: 'min', evidence };
    await report({ accepted: { command } }, { meter }, { confirmed: { command, quantity: 10n, evidence } });
    expect((await machine.query('receipt', order))[0]).toMatchObject({ status: { used: null }, used: [10n] });
    await expectBooksBalance();
  });

  it('gives everything back when the device fails, and when it says nothing until the deadline', async () => {
    const { machine } = world;
    const before = await world.balanceOf(guest);
    const failed = await machine.done(guest, 'order', world.order(10n));
    await report({ failed: { command: failed.device_command[0], reason: 'door jammed', evidence: [] } });
    expect((await machine.query('receipt', failed.order))[0]).toMatchObject({
      status: { refunded: null },
      refund_reason: ['the device failed: door jammed'],
    });
    const silent = await machine.done(guest, 'order', world.order(10n));
    await rest(601n);
    await rest();
    expect((await machine.query('receipt', silent.order))[0]).toMatchObject({
      status: { refunded: null },
      refund_reason: ['the device did not end in time'],
    });
    expect(await world.balanceOf(guest)).toBe(before - 4n * fee);
    expect(await world.inPurse('escrow')).toBe(0n);
    await expectBooksBalance();
  });

  it('ends when the customer stops the machine, with all money back', async () => {
    const { machine } = world;
    const order = await machine.done(guest, 'order', world.order(10n));
    expect(await machine.update(guest, 'stop', { reason: 'foam' })).toEqual({ Ok: null });
    await rest();
    expect((await machine.query('receipt', order.order))[0]).toMatchObject({ status: { refunded: null } });
    expect(await machine.refused(guest, 'order', world.order(1n))).toBe('MachineStopped');
    await machine.done(operator, 'release_stop');
    await expectBooksBalance();
  });

  it('goes on over an upgrade between order and report', async () => {
    const { machine } = world;
    const order = await machine.done(guest, 'order', world.order(10n));
    await machine.upgrade();
    await report({ confirmed: { command: order.device_command[0], quantity: 10n, evidence } });
    expect((await machine.query('receipt', order.order))[0]).toMatchObject({
      status: { used: null },
      captured: 1_010n,
    });
    await expectBooksBalance();
  });

  it('refunds at the deadline although the machine was upgraded and nobody calls', async () => {
    const { machine } = world;
    const order = await machine.done(guest, 'order', world.order(10n));
    await machine.upgrade();
    await rest(601n);
    await rest();
    expect((await machine.query('receipt', order.order))[0]).toMatchObject({ status: { refunded: null } });
    await expectBooksBalance();
  });
});

describe('compute', () => {
  const terms = (more: object = {}) => ({
    target: 3_000n,
    low_cycles: 0n,
    floor_cycles: 0n,
    top_up_amount: 500n,
    ...more,
  });

  it('is filled from captured revenue before anything else', async () => {
    const { machine } = world;
    await machine.done(operator, 'set_compute', terms());
    const order = await machine.done(guest, 'order', world.order(30n));
    await report({ confirmed: { command: order.device_command[0], quantity: 30n, evidence } });
    await rest();
    expect((await machine.query('compute')).reserve_booked).toBe(2_990n);
    await expectBooksBalance();
  });

  it('is bought at the desk when cycles are low, and delivered once', async () => {
    const { machine } = world;
    expect(await machine.refused(stranger, 'top_up')).toBe('CyclesEnough');
    await machine.done(operator, 'set_compute', terms({ low_cycles: 1_000_000_000_000_000n }));
    const before = await world.cycles();
    await machine.update(stranger, 'top_up');
    await machine.done(operator, 'set_compute', terms());
    for (let i = 0; i < 4; i++) await rest(16n);
    const [bought] = await machine.query('top_ups', 0, 10);
    expect(bought).toMatchObject({ amount: 500n, status: { delivered: { cycles: 500n * cyclesPerUnit } } });
    expect(await world.cycles()).toBeGreaterThan(before - 500n * cyclesPerUnit);
    expect((await machine.events()).map(({ event }) => event.kind)).toContain('ComputeLow');
    await expectBooksBalance();
  });

  it('that is used up freezes the machine, which says so and thaws', async () => {
    const { machine } = world;
    await machine.done(
      operator,
      'set_compute',
      terms({ low_cycles: 1_000_000_000_000_000n, floor_cycles: 1_000_000_000_000_000n, top_up_amount: 0n }),
    );
    expect(await machine.refused(operator, 'pay', world.payment(1n))).toBe('MachineFrozen');
    expect(await machine.refused(guest, 'order', world.order(1n))).toBe('MachineFrozen');
    expect((await machine.query('compute')).is_frozen).toBe(true);
    await machine.done(operator, 'set_compute', terms());
    expect(await machine.done(operator, 'pay', world.payment(1n))).toMatchObject({ Paid: {} });
  });
});

describe('a ledger that', () => {
  const onSecond = (amount: bigint) => world.payment(amount, { ledger: world.second });
  const receipt = async (amount: bigint, to = hexToPrincipal(world.self), index = 0n) => {
    const account = (bytes: Uint8Array) => ({ Array: [{ Blob: bytes }] });
    const tx = {
      Map: [
        ['amt', { Nat: amount }],
        ['from', account(hexToPrincipal(stranger).toUint8Array())],
        ['to', account(to.toUint8Array())],
      ],
    };
    const block = {
      Map: [
        ['btype', { Text: '1xfer' }],
        ['tx', tx],
      ],
    };
    await world.puppet.say(
      encode([GetBlocksResultType], [{ log_length: 1n, blocks: [{ id: index, block }], archived_blocks: [] }]),
    );
  };
  const announce = (block: bigint) => ({ ledger: world.second, block });

  it('lies about blocks gets nothing booked that is not there', async () => {
    const { machine } = world;
    await receipt(2n ** 200n);
    expect(await machine.refused(stranger, 'announce_receipt', announce(0n))).toBe('ReceiptRejected');
    await receipt(500n, hexToPrincipal(guest));
    expect(await machine.refused(stranger, 'announce_receipt', announce(0n))).toBe('ReceiptRejected');
    await receipt(500n, undefined, 9n);
    expect(await machine.refused(stranger, 'announce_receipt', announce(0n))).toBe('ReceiptRejected');
    // A list of 2^30 nulls, and a record in a record without end.
    for (const hostile of [
      '4449444c016d7f010080808080 04'.replace(' ', ''),
      '4449444c016c01000001 00'.replace(' ', ''),
      'ffff',
      '',
    ]) {
      await world.puppet.say(Uint8Array.from(Buffer.from(hostile, 'hex')));
      expect(await machine.refused(stranger, 'announce_receipt', announce(0n))).toBe('ReceiptRejected');
    }
    await receipt(5_000n);
    // A stranger is told once more what the block held; who looks after the machine has it looked at again.
    expect(await machine.refused(stranger, 'announce_receipt', announce(0n))).toBe('ReceiptRejected');
    expect(await machine.done(operator, 'announce_receipt', announce(0n))).toMatchObject({
      Booked: { change: 5_000n },
    });
    expect((await world.booked('main', world.second)).booked).toBe(5_000n);
    await expectBooksBalance();
  });

  it('hangs keeps only its own money waiting; the others go on', async () => {
    const { machine } = world;
    await world.puppet.hush();
    const hanging = machine.update(operator, 'pay', onSecond(100n));
    await rest(120n);
    expect(await world.booked('main', world.second)).toMatchObject({
      booked: 5_000n,
      reserved: 101n,
      available: 4_899n,
    });
    expect(await machine.done(operator, 'pay', world.payment(5n))).toMatchObject({ Paid: {} });
    await world.puppet.say(paidReply(1n));
    await rest(20n);
    expect(await hanging).toMatchObject({ Ok: { Paid: { status: { paid: { block: 1n } } } } });
    expect(await world.booked('main', world.second)).toMatchObject({ booked: 4_899n, reserved: 0n });
    await expectBooksBalance();
  });

  it('hangs over an upgrade of the machine is asked again by the new code, and booked once', async () => {
    const { machine } = world;
    await world.puppet.hush();
    const answered = machine.update(operator, 'pay', onSecond(50n)).then(
      () => 'answered',
      () => 'lost',
    );
    await rest();
    await machine.upgrade();
    expect(await world.booked('main', world.second)).toMatchObject({ booked: 4_899n, reserved: 51n });
    await world.puppet.say(paidReply(7n));
    await rest(20n);
    await rest(60n);
    expect(await answered).toMatch(/answered|lost/);
    expect(await world.booked('main', world.second)).toMatchObject({ booked: 4_848n, reserved: 0n });
    await expectBooksBalance();
  });

  it('answers nonsense to a payment keeps it pending, and it is paid once when the ledger comes to its senses', async () => {
    const { machine } = world;
    await world.puppet.say(encode([IDL.Text], ['no']));
    expect(await machine.done(operator, 'pay', onSecond(200n))).toMatchObject({
      Pending: { status: { pending: null } },
    });
    await world.puppet.say(paidReply(2n));
    await rest(61n);
    await rest();
    expect(await world.booked('main', world.second)).toMatchObject({ booked: 4_647n, reserved: 0n });
    await expectBooksBalance();
  });
});

describe('the overview', () => {
  it('says in one query what the queries of each noun say, and of mandates those of whoever asks', async () => {
    const { machine } = world;
    const mandate = { command_id: 'seen', delegate: hexToPrincipal(delegate), terms: world.terms() };
    await machine.done(operator, 'grant_mandate', mandate);
    const ask = (method: string, ...values: unknown[]): Promise<Value> => machine.queryBy(delegate, method, ...values);
    const seen = await ask('overview', { commands: 100 });
    const same = ['machine', 'identity', 'condition', 'tariff', 'balances'] as const;
    for (const part of same) expect(seen[part], part).toEqual(await ask(part));
    expect(seen.commands).toEqual(await ask('commands', { before: [], limit: 100 }));
    expect(seen.commands.length).toBeGreaterThan(2);
    const own = (await ask('mandates')).filter(
      (one: Value) => one.is_live && principalToHex(one.delegate) === delegate,
    );
    expect(seen.own_mandates).toEqual(own);
    expect(own.length).toBeGreaterThan(0);
    expect((await machine.query('overview', { commands: 1 })).own_mandates).toEqual([]);
    const orders = await ask('orders', 0, 100);
    expect(seen.orders.length).toBeGreaterThan(1);
    for (const order of seen.orders) expect(orders).toContainEqual(order);
    expect((await ask('overview', { commands: 1 })).commands).toEqual(seen.commands.slice(0, 1));
  });
});

describe('malformed arguments', () => {
  it('change nothing', async () => {
    const before = await world.machine.query('balances');
    for (const method of ['pay', 'order', 'announce_receipt', 'approve', 'grant_mandate', 'set_compute']) {
      const arg = new Uint8Array([0x44, 0x49, 0x44, 0x4c, 0xff]);
      const answer = await world.replica.call({ canister: world.machine.canister, method, arg });
      expect(answer).toMatchObject({ kind: 'rejected' });
    }
    expect(await world.machine.query('balances')).toEqual(before);
  });
});
