import { IDL } from '@dfinity/candid';
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import { TransferFromResultType } from '@tamc/protocol/icrc-types';
import { GetBlocksArgsType, GetBlocksResultType } from '@tamc/protocol/icrc3-types';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { walletLimits } from '@tamc/protocol/wallet';
import { describe, expect, it } from 'vitest';
import { bookOf } from './books.ts';
import { encode } from './model-ledger.ts';
import {
  createMoneyWorld,
  dayNs,
  type Fault,
  home,
  type MoneyWorld,
  minter,
  operator,
  second,
  secondNs,
  self,
  stranger,
} from './money-world.ts';
import { pay } from './pay.ts';
import { announceReceipt } from './receipts.ts';
import { payRefusal } from './view.ts';

const hourNs = 3_600n * secondNs;

function begun(fee = 10n): MoneyWorld {
  const world = createMoneyWorld();
  const block = world.ledger(home).mint(world.machineAccount(), 1_000n);
  world.done(stranger, announceReceipt, { ledger: home, block });
  world.settle();
  world.ledger(home).setFee(fee);
  world.done(operator, pay, {
    commandId: 'p',
    ledger: home,
    to: accountToCandid(accountOf(stranger)),
    amount: 100n,
    purpose: 'x',
  });
  return world;
}

const outcome = (world: MoneyWorld) => world.tables.transfers.get(0)!.outcome;
const paid = (world: MoneyWorld) => world.ledger(home).balanceOf(accountOf(stranger));
/** The first attempts have this fault, later ones none. */
function first(fault: Fault, times = 1): (id: string) => Fault {
  let left = times;
  return () => (left-- > 0 ? fault : 'none');
}

describe('a transfer', () => {
  it('whose reply was lost is asked for again and found to be a duplicate', () => {
    const world = begun();
    world.settle(first('lost'));
    expect(outcome(world)).toEqual({ kind: 'paid', block: 1n });
    expect(paid(world)).toBe(100n);
  });

  it('that the ledger refuses is told with what the ledger said', () => {
    const world = begun(20n);
    world.settle();
    expect(payRefusal(world.tables, 'transfer/0')).toMatchObject({
      code: 'LedgerRefused',
      message: expect.stringContaining('BadFee'),
    });
  });

  it('whose reply was lost, and whose repetition is refused for its fee, is found in the blocks', () => {
    const world = begun();
    world.deliver(() => 'lost');
    world.ledger(home).setFee(20n);
    world.settle();
    expect(outcome(world)).toEqual({ kind: 'paid', block: 1n });
    expect(bookOf(world.tables, home, 'main')).toMatchObject({ booked: 890n, reserved: 0n });
  });

  it('whose only attempt is answered late with an error is over at once', () => {
    const world = begun(20n);
    world.deliver(() => 'delayed');
    world.settle(undefined, 30n * secondNs);
    expect(outcome(world)).toBeNull();
    world.arrive();
    expect(outcome(world)).toMatchObject({ kind: 'refused', code: 'BadFee' });
    expect(bookOf(world.tables, home, 'main')).toMatchObject({ booked: 1_000n, reserved: 0n });
  });

  it('is not over with an error of one of two attempts: the other one may yet be executed', () => {
    const world = begun(20n);
    for (let i = 0; i < 2; i++) {
      world.deliver(() => 'delayed');
      world.pass(60n * secondNs);
    }
    world.arrive();
    expect(outcome(world)).toBeNull();
    expect(bookOf(world.tables, home, 'main').reserved).toBe(110n);
    world.ledger(home).setFee(10n);
    world.arrive();
    expect(paid(world)).toBe(100n);
    world.settle();
    expect(outcome(world)).toMatchObject({ kind: 'paid' });
    expect(bookOf(world.tables, home, 'main')).toMatchObject({ booked: 890n, reserved: 0n });
  });

  it('is not over with an error of the second attempt, whose first had no answer', () => {
    const world = begun();
    world.deliver(() => 'late');
    world.ledger(home).setFee(20n);
    world.pass(60n * secondNs);
    world.deliver(() => 'none');
    expect(outcome(world)).toBeNull();
    world.settle();
    expect(outcome(world)).toEqual({ kind: 'paid', block: 1n });
  });

  it('is not over with an error when it was put off before', () => {
    const world = begun();
    world.deliver(() => 'malformed');
    expect(paid(world)).toBe(100n);
    world.ledger(home).setFee(20n);
    world.settle();
    expect(outcome(world)).toEqual({ kind: 'paid', block: 1n });
  });

  it('that nobody executed is refused only after the window, and its money is free again', () => {
    const world = begun();
    world.deliver(() => 'unreachable');
    world.ledger(home).setFee(20n);
    world.settle(undefined, 20n * hourNs);
    expect(outcome(world)).toBeNull();
    expect(bookOf(world.tables, home, 'main').reserved).toBe(110n);
    world.settle(undefined, 10n * hourNs);
    expect(outcome(world)).toMatchObject({ kind: 'refused', code: 'NotExecuted' });
    expect(bookOf(world.tables, home, 'main')).toMatchObject({ booked: 1_000n, reserved: 0n });
    expect(paid(world)).toBe(0n);
  });

  it('to a ledger that is away for two days is not sent later, but searched and refused', () => {
    const world = begun();
    world.settle(() => 'trapped', 2n * dayNs);
    expect(outcome(world)).toBeNull();
    world.settle(undefined, dayNs);
    expect(outcome(world)).toMatchObject({ kind: 'refused' });
    expect(paid(world)).toBe(0n);
  });

  it('executed before the ledger went away for two days is found among many blocks', () => {
    const world = begun();
    world.deliver(() => 'lost');
    for (let i = 0; i < 120; i++) world.ledger(home).mint(accountOf(stranger), 1n);
    world.settle(() => 'trapped', 2n * dayNs);
    world.settle(undefined, dayNs);
    expect(outcome(world)).toEqual({ kind: 'paid', block: 1n });
  });

  it('that was not delivered at first is over when the ledger then says that the money is missing', () => {
    const world = begun();
    world.deliver(() => 'unreachable');
    const from = world.machineAccount();
    world.ledger(home).send(from, accountOf(minter), 950n);
    world.settle(undefined, 10n * secondNs);
    expect(outcome(world)).toMatchObject({ kind: 'refused', code: 'InsufficientFunds' });
  });

  it('is not over with missing money while another attempt may yet be executed', () => {
    const world = begun();
    world.deliver(() => 'delayed');
    world.pass(60n * secondNs);
    const from = world.machineAccount();
    const block = world.ledger(home).send(from, accountOf(minter), 950n);
    world.deliver(() => 'none');
    expect(outcome(world)).toBeNull();
    expect(block).toBe(1n);
  });

  it('is searched for where it can be when the ledger is long, and has archived what is older', () => {
    const world = begun();
    const ledger = world.ledger(home);
    ledger.setTime(world.now() - hourNs);
    for (let i = 0; i < 400; i++) ledger.mint(accountOf(stranger), 1n);
    ledger.archive(350);
    world.deliver(() => 'unreachable');
    ledger.setFee(20n);
    const asked: string[] = [];
    const watch = (id: string): Fault => {
      asked.push(id.split('/')[0]!);
      return 'none';
    };
    world.settle(watch, hourNs / 2n);
    expect(asked).toEqual(['transfer', 'search', 'probe', 'search']);
    world.settle(watch, 30n * hourNs);
    expect(outcome(world)).toMatchObject({ kind: 'refused', code: 'NotExecuted' });
  });

  it('found behind many blocks that came before it costs a few looks', () => {
    const world = begun();
    const ledger = world.ledger(home);
    ledger.setTime(world.now() - hourNs);
    for (let i = 0; i < 5_000; i++) ledger.mint(accountOf(stranger), 1n);
    world.deliver(() => 'lost');
    ledger.setFee(20n);
    let looks = 0;
    world.settle(() => {
      looks++;
      return 'none';
    });
    expect(outcome(world)).toEqual({ kind: 'paid', block: 5_001n });
    expect(looks).toBeLessThan(6);
  });

  it('that is archived before it was found stays set aside: nothing proves that it was not executed', () => {
    const world = begun();
    const ledger = world.ledger(home);
    world.deliver(() => 'lost');
    ledger.setTime(world.now() + hourNs);
    for (let i = 0; i < 400; i++) ledger.mint(accountOf(stranger), 1n);
    ledger.archive(350);
    ledger.setFee(20n);
    world.settle(undefined, 60n * hourNs);
    expect(outcome(world)).toBeNull();
    expect(bookOf(world.tables, home, 'main').reserved).toBe(110n);
  });

  it('is looked for on a ledger that gives blocks without end only so often in an hour', () => {
    const liar = '00000000000000630101' as typeof home;
    const ledgers = [{ id: hexToPrincipal(liar), symbol: 'LIE', decimals: 2, fee: 1n }];
    const world = createMoneyWorld({ ledgers, home_ledger: hexToPrincipal(liar) });
    let looks = 0;
    const to = { Array: [{ Blob: hexToPrincipal(self).toUint8Array() }] };
    const tx = {
      Map: [
        ['amt', { Nat: 1_000n }],
        ['to', to],
      ],
    };
    const block = {
      Map: [
        ['btype', { Text: '1mint' }],
        ['tx', tx],
      ],
    };
    world.others.set(liar, (method, argument) => {
      if (method !== 'icrc3_get_blocks')
        return encode(TransferFromResultType, { Err: { BadFee: { expected_fee: 9n } } });
      looks++;
      const ranges = IDL.decode([GetBlocksArgsType], argument)[0] as unknown as { start: bigint; length: bigint }[];
      const blocks = ranges.flatMap(({ start, length }) =>
        Array.from({ length: Number(length) }, (_, i) => ({ id: start + BigInt(i), block })),
      );
      return encode(GetBlocksResultType, { log_length: 10n ** 18n, blocks, archived_blocks: [] });
    });
    world.done(stranger, announceReceipt, { ledger: liar, block: 5n });
    world.settle();
    const payee = accountToCandid(accountOf(stranger));
    world.done(operator, pay, { commandId: 'p', ledger: liar, to: payee, amount: 100n, purpose: 'x' });
    world.deliver(() => 'unreachable');
    world.settle(undefined, 3n * hourNs);
    expect(looks).toBeGreaterThan(walletLimits.searchesPerHourMax);
    expect(looks).toBeLessThanOrEqual(4 * walletLimits.searchesPerHourMax);
  });

  it('that the ledger puts off, or answers with nonsense, is asked for again after a pause', () => {
    const world = begun();
    world.settle(first('malformed', 3));
    expect(outcome(world)).toMatchObject({ kind: 'paid' });
    expect(paid(world)).toBe(100n);
  });

  it('finds a place as long as others of its ledger are not too many, and never waits for another ledger', () => {
    const world = createMoneyWorld();
    for (const ledger of [home, second]) {
      const block = world.ledger(ledger).mint(world.machineAccount(), 100_000n);
      world.done(stranger, announceReceipt, { ledger, block });
    }
    world.settle();
    const payment = (ledger: typeof home) => ({
      commandId: 'p',
      ledger,
      to: accountToCandid(accountOf(stranger)),
      amount: 1n,
      purpose: 'x',
    });
    for (let i = 0; i < walletLimits.openPaymentsPerLedgerMax; i++) world.done(operator, pay, payment(second));
    expect(world.refused(operator, pay, payment(second))).toBe('TransfersFull');
    // The first attempt of each is never answered; later ones the outbox still makes.
    const hangs = (id: string) => (id === 'transfer/16' ? 'none' : 'silent');
    world.settle(hangs, 9n * secondNs);
    expect(world.refused(operator, pay, payment(second))).toBe('TransfersFull');
    expect(world.done(operator, pay, payment(home))).toBe('transfer/16');
    world.settle(hangs, 2n * secondNs);
    expect(world.tables.transfers.get(16)!.outcome).toMatchObject({ kind: 'paid' });
    world.settle(undefined, dayNs);
    expect(world.tables.openTransfers.get()).toEqual([]);
    expect(bookOf(world.tables, second, 'main').booked).toBe(world.ledger(second).balanceOf(world.machineAccount()));
  });
});

describe('a transfer to the minting account', () => {
  const burning = (): MoneyWorld => {
    const world = createMoneyWorld();
    const block = world.ledger(home).mint(world.machineAccount(), 1_000n);
    world.done(stranger, announceReceipt, { ledger: home, block });
    world.settle();
    const to = accountToCandid(accountOf(minter));
    world.done(operator, pay, { commandId: 'p', ledger: home, to, amount: 100n, purpose: 'x' });
    return world;
  };
  const books = (world: MoneyWorld) => {
    expect(bookOf(world.tables, home, 'main')).toMatchObject({ booked: 900n, reserved: 0n });
    expect(world.ledger(home).balanceOf(world.machineAccount())).toBe(900n);
    expect(world.tables.ledgers.get()[0]!.fee).toBe(10n);
  };

  it('is paid without the fee that the ledger does not want of it, and the fee of others stays', () => {
    const world = burning();
    world.settle();
    expect(outcome(world)).toEqual({ kind: 'paid', block: 1n });
    expect(world.tables.transfers.get(0)!.order.fee).toBe(0n);
    books(world);
  });

  it('whose reply was lost is found to be a duplicate, or else in the blocks, which name no payee', () => {
    for (const later of ['none', 'trapped'] as const) {
      const world = burning();
      world.deliver(() => 'none');
      world.deliver(() => 'lost');
      world.settle(() => later, 2n * dayNs);
      world.settle(undefined, dayNs);
      expect(outcome(world)).toEqual({ kind: 'paid', block: 1n });
      books(world);
    }
  });
});

describe('a ledger that lies', () => {
  const liar = (answers: (method: string) => Uint8Array) => {
    const world = createMoneyWorld({
      ledgers: [{ id: hexToPrincipal(stranger), symbol: 'LIE', decimals: 0, fee: 1n }],
      home_ledger: hexToPrincipal(stranger),
    });
    world.others.set(stranger, answers);
    return world;
  };
  const account = { Array: [{ Blob: hexToPrincipal(self).toUint8Array() }] };
  const minted = (amount: bigint) => ({
    Map: [
      ['btype', { Text: '1mint' }],
      [
        'tx',
        {
          Map: [
            ['amt', { Nat: amount }],
            ['to', account],
          ],
        },
      ],
    ],
  });
  const blocks = (list: { id: bigint; block: object }[], archived: unknown[] = []) => {
    return encode(GetBlocksResultType, { log_length: 10n ** 30n, blocks: list, archived_blocks: archived });
  };

  it('that it has moved a block to an archive, or has none, leaves a doubted transfer waiting', () => {
    const archived = [{ args: [{ start: 0n, length: 9n }], callback: [hexToPrincipal(stranger), 'x'] }];
    let answer = blocks([{ id: 0n, block: minted(500n) }]);
    let transfers = encode(TransferFromResultType, { Err: { TemporarilyUnavailable: null } });
    const world = liar((method) => (method === 'icrc3_get_blocks' ? answer : transfers));
    world.done(operator, announceReceipt, { ledger: stranger, block: 0n });
    world.settle();
    const to = accountToCandid(accountOf(operator));
    world.done(operator, pay, { commandId: 'p', ledger: stranger, to, amount: 100n, purpose: 'x' });
    answer = blocks([], archived);
    world.settle(undefined, hourNs);
    transfers = encode(TransferFromResultType, { Err: { TooOld: null } });
    world.settle(undefined, 4n * dayNs);
    expect(world.tables.transfers.get(0)).toMatchObject({ outcome: null, cursor: 1n });
    expect(bookOf(world.tables, stranger, 'main')).toMatchObject({ booked: 500n, reserved: 101n });
  });

  it('about its fee, tenfold at every payment, is believed up to a multiple of the fee of birth', () => {
    let fee = 1n;
    const badFee = () => encode(TransferFromResultType, { Err: { BadFee: { expected_fee: fee } } });
    const first = blocks([{ id: 0n, block: minted(10n ** 12n) }]);
    const world = liar((method) => (method === 'icrc3_get_blocks' ? first : badFee()));
    world.done(operator, announceReceipt, { ledger: stranger, block: 0n });
    world.settle();
    const to = accountToCandid(accountOf(operator));
    const inUse = [10n, 100n, 1_000n, 10_000n].map((wanted, i) => {
      fee = wanted;
      world.done(operator, pay, { commandId: `p${i}`, ledger: stranger, to, amount: 100n, purpose: 'x' });
      world.settle();
      expect(world.tables.transfers.get(i)!.outcome).toMatchObject({ kind: 'refused', code: 'BadFee' });
      return world.tables.ledgers.get()[0]!.fee;
    });
    expect(inUse).toEqual([10n, 100n, 100n, 100n]);
  });

  it('that it wants ever less for a payment is asked twice', () => {
    let fee = 1_000n;
    let calls = 0;
    const first = blocks([{ id: 0n, block: minted(10n ** 12n) }]);
    const world = liar((method) => {
      if (method === 'icrc3_get_blocks') return first;
      calls++;
      return encode(TransferFromResultType, { Err: { BadFee: { expected_fee: fee-- } } });
    });
    world.done(operator, announceReceipt, { ledger: stranger, block: 0n });
    world.settle();
    const to = accountToCandid(accountOf(operator));
    fee = 50n;
    world.done(operator, pay, { commandId: 'a', ledger: stranger, to, amount: 100n, purpose: 'x' });
    world.settle();
    calls = 0;
    world.done(operator, pay, { commandId: 'b', ledger: stranger, to, amount: 100n, purpose: 'x' });
    world.settle();
    expect(calls).toBe(2);
    expect(world.tables.transfers.get(1)!.outcome).toMatchObject({ kind: 'refused', code: 'BadFee' });
    expect(bookOf(world.tables, stranger, 'main')).toMatchObject({ booked: 10n ** 12n, reserved: 0n });
  });

  it('about the same block at every turn has it booked once', () => {
    let amount = 500n;
    const world = liar(() => blocks([{ id: 0n, block: minted(amount++) }]));
    for (let times = 0; times < 5; times++) {
      world.done(operator, announceReceipt, { ledger: stranger, block: 0n });
      world.settle();
    }
    expect(bookOf(world.tables, stranger, 'main').booked).toBe(500n);
  });
});
