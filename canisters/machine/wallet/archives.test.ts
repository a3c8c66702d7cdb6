// Ledgers that have moved old blocks to other canisters, and the ICP ledger, whose blocks are told in its own way.
import { IDL } from '@dfinity/candid';
import { parseHex } from '@tamc/base/bytes';
import { type Account, accountOf, accountToCandid } from '@tamc/protocol/account';
import { accountIdentifier } from '@tamc/protocol/account-identifier';
import { QueryBlocksArgsType } from '@tamc/protocol/icp-blocks';
import { TransferFromResultType } from '@tamc/protocol/icrc-types';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { purseToAccount } from '@tamc/protocol/purse';
import { walletLimits } from '@tamc/protocol/wallet';
import { describe, expect, it } from 'vitest';
import { bookOf } from './books.ts';
import { declareUnexecuted } from './declare.ts';
import { encode } from './model-ledger.ts';
import {
  canisterOf,
  createMoneyWorld,
  type Fault,
  home,
  keyOf,
  type MoneyWorld,
  operator,
  secondNs,
  self,
  stranger,
} from './money-world.ts';
import { pay } from './pay.ts';
import { announceReceipt } from './receipts.ts';

const hourNs = 3_600n * secondNs;
const archive = canisterOf(77);

/** A machine that has 1,000 and pays 100. */
function paying(first: Fault): MoneyWorld {
  const world = createMoneyWorld();
  world.others.set(archive, (method, argument) => world.ledger(home).archived(method, argument));
  const block = world.ledger(home).mint(world.machineAccount(), 1_000n);
  world.done(stranger, announceReceipt, { ledger: home, block });
  world.settle();
  world.done(operator, pay, payment(home));
  world.deliver(() => first);
  // The repetition is refused for its fee, which says nothing about the first attempt.
  world.ledger(home).setFee(20n);
  return world;
}

const payment = (ledger: typeof home) => ({
  commandId: 'p',
  ledger,
  to: accountToCandid(accountOf(stranger)),
  amount: 100n,
  purpose: 'parts',
});

function writes(world: MoneyWorld, blocks: number): void {
  world.ledger(home).setTime(world.now());
  for (let i = 0; i < blocks; i++) world.ledger(home).mint(accountOf(stranger), 1n);
}

const outcome = (world: MoneyWorld) => world.tables.transfers.get(0)!.outcome;

describe('a block that a ledger has archived', () => {
  it('is booked as any other, from the canister that has it', () => {
    const world = createMoneyWorld();
    const ledger = world.ledger(home);
    world.others.set(archive, ledger.archived);
    const block = ledger.mint(world.machineAccount(), 700n);
    writes(world, 9);
    ledger.archive(5, archive);
    world.done(stranger, announceReceipt, { ledger: home, block });
    world.settle();
    expect(bookOf(world.tables, home, 'main').booked).toBe(700n);
    expect(world.done(stranger, announceReceipt, { ledger: home, block })).toBe('entry/0');
  });

  it('that is nothing for the machine is told so when it is named again, without another look', () => {
    const world = createMoneyWorld();
    const ledger = world.ledger(home);
    world.others.set(archive, ledger.archived);
    const block = ledger.mint(accountOf(stranger), 700n);
    writes(world, 9);
    ledger.archive(5, archive);
    world.done(stranger, announceReceipt, { ledger: home, block });
    world.settle();
    expect(world.done(keyOf('another'), announceReceipt, { ledger: home, block })).toBe('receipt/0');
    expect(world.done(operator, announceReceipt, { ledger: home, block })).toBe('receipt/1');
    world.settle();
    const missing = { ledger: home, block: 99n };
    world.done(stranger, announceReceipt, missing);
    world.settle();
    expect(world.done(stranger, announceReceipt, missing)).toBe('receipt/3');
  });

  it('is not booked when the archive does not have it, is silent, or names another archive', () => {
    for (const answer of [null, 'silent', 'another'] as const) {
      const world = createMoneyWorld();
      const ledger = world.ledger(home);
      ledger.mint(world.machineAccount(), 700n);
      writes(world, 9);
      ledger.archive(5, archive);
      if (answer !== 'silent') world.others.set(archive, ledger.archived);
      if (answer === null) ledger.archive(5, canisterOf(78));
      if (answer === 'another')
        world.others.set(archive, (method, argument) => ledger.call(self, method, argument, 0n));
      world.done(stranger, announceReceipt, { ledger: home, block: 0n });
      world.settle();
      expect(world.tables.receipts.get(0)!.outcome).toMatchObject({ kind: 'rejected' });
      expect(bookOf(world.tables, home, 'main').booked).toBe(0n);
    }
  });

  it('ends the doubt about a transfer that it holds', () => {
    const world = paying('lost');
    writes(world, 120);
    world.ledger(home).archive(110, archive);
    world.settle(undefined, 2n * hourNs);
    expect(outcome(world)).toEqual({ kind: 'paid', block: 1n });
    expect(bookOf(world.tables, home, 'main')).toMatchObject({ booked: 890n, reserved: 0n });
  });

  it('ends it also where the transfer lies far back, in two looks by the time of blocks', () => {
    const world = createMoneyWorld();
    const ledger = world.ledger(home);
    world.others.set(archive, ledger.archived);
    const block = ledger.mint(world.machineAccount(), 1_000n);
    world.done(stranger, announceReceipt, { ledger: home, block });
    world.settle();
    writes(world, 3_000);
    world.pass(hourNs);
    world.done(operator, pay, payment(home));
    world.deliver(() => 'lost');
    ledger.setFee(20n);
    world.pass(hourNs);
    writes(world, 100);
    ledger.archive(3_080, archive);
    const asked: string[] = [];
    world.settle((id) => {
      asked.push(id.split('/')[0]!);
      return 'none';
    });
    expect(outcome(world)).toEqual({ kind: 'paid', block: 3_001n });
    expect(asked).toContain('archivedProbe');
    expect(asked.length).toBeLessThan(12);
  });

  it('and all others that are searched in vain show that it was not executed', () => {
    const world = paying('unreachable');
    writes(world, 120);
    world.ledger(home).archive(110, archive);
    world.settle(undefined, 3n * hourNs);
    expect(outcome(world)).toBeNull();
    world.settle(undefined, walletLimits.ledgerWindowNs);
    expect(outcome(world)).toMatchObject({ kind: 'refused', code: 'NotExecuted' });
    expect(bookOf(world.tables, home, 'main')).toMatchObject({ booked: 1_000n, reserved: 0n });
  });

  it('of an archive that does not answer keeps the money set aside', () => {
    const world = paying('lost');
    writes(world, 120);
    world.ledger(home).archive(110, canisterOf(78));
    world.settle(undefined, 60n * hourNs);
    expect(outcome(world)).toBeNull();
    expect(bookOf(world.tables, home, 'main').reserved).toBe(110n);
  });
});

const Tokens = IDL.Record({ e8s: IDL.Nat64 });
const Bytes = IDL.Vec(IDL.Nat8);
const IcpBlock = IDL.Record({
  transaction: IDL.Record({
    icrc1_memo: IDL.Opt(Bytes),
    operation: IDL.Opt(
      IDL.Variant({
        Mint: IDL.Record({ to: Bytes, amount: Tokens }),
        Burn: IDL.Record({ from: Bytes, amount: Tokens }),
        Transfer: IDL.Record({ from: Bytes, to: Bytes, amount: Tokens }),
      }),
    ),
    created_at_time: IDL.Record({ timestamp_nanos: IDL.Nat64 }),
  }),
});
const Range = IDL.Record({ start: IDL.Nat64, length: IDL.Nat64 });
const Archived = IDL.Record({ start: IDL.Nat64, length: IDL.Nat64, callback: IDL.Func([Range], [], ['query']) });
const IcpAnswer = IDL.Record({
  chain_length: IDL.Nat64,
  first_block_index: IDL.Nat64,
  blocks: IDL.Vec(IcpBlock),
  archived_blocks: IDL.Vec(Archived),
});
const ArchiveAnswer = IDL.Variant({ Ok: IDL.Record({ blocks: IDL.Vec(IcpBlock) }), Err: IDL.Null });
const identifier = (account: Account) => parseHex(accountIdentifier(account))!;

/** Knows `query_blocks` alone, and has given blocks below `held` to its archive. */
function createIcpWorld(held: number) {
  const icp = canisterOf(9);
  const ledgers = [{ id: hexToPrincipal(icp), symbol: 'ICP', decimals: 8, fee: 10n }];
  const world = createMoneyWorld({ ledgers, home_ledger: hexToPrincipal(icp) });
  const blocks: object[] = [];
  let transferAnswer: object = { Err: { TemporarilyUnavailable: null } };
  const startOf = (argument: Uint8Array) =>
    Number((IDL.decode([QueryBlocksArgsType], argument as never)[0] as unknown as { start: bigint }).start);
  world.others.set(icp, (method, argument) => {
    if (method === 'icrc1_transfer') return encode(TransferFromResultType, transferAnswer);
    if (method !== 'query_blocks') throw new Error(`no method ${method}`);
    const start = startOf(argument);
    const lies =
      start < held ? [{ start: BigInt(start), length: 1n, callback: [hexToPrincipal(archive), 'get_blocks'] }] : [];
    return encode(IcpAnswer, {
      chain_length: BigInt(blocks.length),
      first_block_index: BigInt(start),
      blocks: start < held ? [] : blocks.slice(start, start + 1),
      archived_blocks: lies,
    });
  });
  world.others.set(archive, (method, argument) => {
    if (method !== 'get_blocks') throw new Error(`no method ${method}`);
    const start = startOf(argument);
    return encode(ArchiveAnswer, { Ok: { blocks: blocks.slice(start, start + 1) } });
  });
  const append = (operation: object, memo: Uint8Array | null = null, atNs = world.now()): bigint => {
    const created_at_time = { timestamp_nanos: atNs };
    const icrc1_memo = memo === null ? [] : [memo];
    return BigInt(blocks.push({ transaction: { icrc1_memo, operation: [operation], created_at_time } }) - 1);
  };
  const mint = append({ Mint: { to: identifier(world.machineAccount()), amount: { e8s: 1_000n } } });
  world.done(stranger, announceReceipt, { ledger: icp, block: mint });
  world.settle();
  return {
    world,
    icp,
    append,
    answers: (answer: object) => {
      transferAnswer = answer;
    },
  };
}

describe('on the ICP ledger', () => {
  const doubted = (held: number) => {
    const made = createIcpWorld(held);
    made.world.done(operator, pay, payment(made.icp));
    made.world.settle(undefined, hourNs);
    made.answers({ Err: { TooOld: null } });
    made.world.settle(undefined, 30n * hourNs);
    expect(outcome(made.world)).toBeNull();
    return made;
  };
  const ownBlock = ({ world }: ReturnType<typeof createIcpWorld>, amount = 100n) => {
    const { memo, createdNs } = world.tables.transfers.get(0)!.order;
    const from = identifier(purseToAccount(self, 'main'));
    const operation = { Transfer: { from, to: identifier(accountOf(stranger)), amount: { e8s: amount } } };
    return [operation, parseHex(memo)!, createdNs] as const;
  };

  it.each([0, 99])(
    'money that came in is booked, and a doubted payment ends when its block is named (archived: %i)',
    (held) => {
      const made = doubted(held);
      const { world, icp } = made;
      expect(bookOf(world.tables, icp, 'main')).toMatchObject({ booked: 1_000n, reserved: 110n });
      const block = made.append(...ownBlock(made));
      world.done(stranger, announceReceipt, { ledger: icp, block });
      world.settle(undefined, secondNs);
      expect(outcome(world)).toEqual({ kind: 'paid', block });
      expect(bookOf(world.tables, icp, 'main')).toMatchObject({ booked: 890n, reserved: 0n });
      expect(world.tables.receipts.get(1)!.outcome).toMatchObject({ code: 'OwnTransfer' });
    },
  );

  it('the block of another transfer ends nothing', () => {
    const made = doubted(0);
    const { world, icp } = made;
    const [operation, memo, createdNs] = ownBlock(made);
    const others = [
      made.append(...ownBlock(made, 99n)),
      made.append(operation, memo, createdNs + 1n),
      made.append(operation, Uint8Array.of(1), createdNs),
      made.append({ Burn: { from: operation.Transfer.from, amount: { e8s: 100n } } }, memo, createdNs),
      made.append({ Mint: { to: operation.Transfer.to, amount: { e8s: 100n } } }, memo, createdNs),
    ];
    for (const block of others) world.done(operator, announceReceipt, { ledger: icp, block });
    world.settle(undefined, secondNs);
    expect(outcome(world)).toBeNull();
    expect(bookOf(world.tables, icp, 'main')).toMatchObject({ booked: 1_000n, reserved: 110n });
  });

  it('a doubted payment ends by the word of the operator, when no ledger would execute it any more', () => {
    const { world, icp, answers } = createIcpWorld(0);
    world.done(operator, pay, payment(icp));
    world.settle(undefined, hourNs);
    const say = { transfer: 0 };
    expect(world.refused(stranger, declareUnexecuted, say)).toBe('NotOperator');
    expect(world.refused(operator, declareUnexecuted, { transfer: 7 })).toBe('TransferNotOpen');
    expect(world.refused(operator, declareUnexecuted, say)).toBe('TransferMayHappen');
    answers({ Err: { TooOld: null } });
    world.settle(undefined, walletLimits.ledgerWindowNs);
    expect(bookOf(world.tables, icp, 'main').reserved).toBe(110n);
    expect(world.done(operator, declareUnexecuted, say)).toBe('transfer/0');
    expect(outcome(world)).toMatchObject({ kind: 'refused', code: 'DeclaredUnexecuted' });
    expect(bookOf(world.tables, icp, 'main')).toMatchObject({ booked: 1_000n, reserved: 0n });
    expect(world.refused(operator, declareUnexecuted, say)).toBe('TransferNotOpen');
    world.settle(undefined, 30n * hourNs);
    expect(bookOf(world.tables, icp, 'main')).toMatchObject({ booked: 1_000n, reserved: 0n });
  });
});

describe('a transfer that was declared unexecuted and was executed', () => {
  /** The ledger moved 100 and its answer is under way for 30 hours. */
  function declared(): MoneyWorld {
    const world = createMoneyWorld();
    const block = world.ledger(home).mint(world.machineAccount(), 1_000n);
    world.done(stranger, announceReceipt, { ledger: home, block });
    world.settle();
    world.done(operator, pay, payment(home));
    world.deliver(() => 'late');
    world.pass(30n * hourNs);
    world.done(operator, declareUnexecuted, { transfer: 0 });
    expect(bookOf(world.tables, home, 'main')).toMatchObject({ booked: 1_000n, reserved: 0n });
    return world;
  }
  const isRight = (world: MoneyWorld) => {
    expect(outcome(world)).toEqual({ kind: 'paid', block: 1n });
    expect(bookOf(world.tables, home, 'main').booked).toBe(world.ledger(home).balanceOf(world.machineAccount()));
    expect(world.tables.declared.get()).toEqual([]);
  };

  it('is booked when its answer comes at last, once', () => {
    const world = declared();
    world.arrive();
    isRight(world);
    world.done(stranger, announceReceipt, { ledger: home, block: 1n });
    world.settle();
    isRight(world);
  });

  it('is booked when its block is named', () => {
    const world = declared();
    world.done(stranger, announceReceipt, { ledger: home, block: 1n });
    world.settle();
    isRight(world);
    world.arrive();
    isRight(world);
  });

  it('is booked later where a payment that must fail still holds the money', () => {
    const world = declared();
    world.done(operator, pay, { ...payment(home), commandId: 'more', amount: 950n });
    world.done(stranger, announceReceipt, { ledger: home, block: 1n });
    world.settle((id) => (id === 'transfer/1' ? 'silent' : 'none'), secondNs);
    expect(world.tables.receipts.get(1)!.outcome).toMatchObject({ message: expect.stringContaining('name it again') });
    world.upgrade();
    world.settle();
    expect(world.tables.transfers.get(1)!.outcome).toMatchObject({ code: 'InsufficientFunds' });
    world.done(stranger, announceReceipt, { ledger: home, block: 1n });
    world.settle();
    isRight(world);
  });
});
