import { IDL } from '@dfinity/candid';
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import { computeTermsOfBirth } from '@tamc/protocol/compute';
import { NotifyTopUpArgsType, topUpAccount, topUpMemo } from '@tamc/protocol/minting-canister';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { DeskAnswerType } from '@tamc/protocol/simulated-desk';
import { describe, expect, it } from 'vitest';
import { bookOf } from '../wallet/books.ts';
import { encode } from '../wallet/model-ledger.ts';
import {
  canisterOf,
  createMoneyWorld,
  home,
  type MoneyWorld,
  operator,
  second,
  secondNs,
  self,
  stranger,
} from '../wallet/money-world.ts';
import { pay } from '../wallet/pay.ts';
import { announceReceipt } from '../wallet/receipts.ts';
import { isFrozen } from './frozen.ts';
import { observeCycles, setCompute, topUp } from './rules.ts';

const desk = canisterOf(9);
const terms = { target: 2_000n, lowCycles: 1_000n, floorCycles: 100n, topUpAmount: 500n };

function withDesk(reserve = 2_000n, more: Partial<typeof terms> = {}): MoneyWorld {
  const world = createMoneyWorld({ compute: { simulated_desk: { desk: hexToPrincipal(desk) } } });
  world.done(operator, setCompute, { ...terms, ...more });
  const block = world.ledger(home).mint(world.machineAccount('compute'), reserve);
  world.done(stranger, announceReceipt, { ledger: home, block });
  world.settle();
  return world;
}

const sold = (cycles: bigint) => encode(DeskAnswerType, { Ok: { payer: hexToPrincipal(self), amount: 500n, cycles } });
const refusal = (kind: string, code: string) =>
  encode(DeskAnswerType, { Err: { kind, code, message: 'm', next_step: 'n' } });
const outcome = (world: MoneyWorld, number: number) => world.tables.topUps.get(number)?.outcome;

describe('compute', () => {
  it('has terms that the operator sets, and that make sense', () => {
    const world = withDesk();
    expect(world.refused(stranger, setCompute, terms)).toBe('NotOperator');
    expect(world.refused(operator, setCompute, { ...terms, floorCycles: 1_001n })).toBe('TermsInvalid');
    expect(world.refused(operator, setCompute, { ...terms, target: 2n ** 100n })).toBe('TermsInvalid');
  });

  it('is bought by a machine as it is born: from what it earns first, without anybody setting terms', () => {
    const world = createMoneyWorld({ compute: { simulated_desk: { desk: hexToPrincipal(desk) } } });
    const { target, topUpAmount } = computeTermsOfBirth(6);
    expect([target, topUpAmount]).toEqual([2_000_000n, 1_000_000n]);
    world.others.set(desk, () => sold(7_000n));
    const block = world.ledger(home).mint(world.machineAccount('compute'), target);
    world.done(stranger, announceReceipt, { ledger: home, block });
    world.settle();
    world.done(self, observeCycles, 1_000_000_000_000n);
    world.settle(undefined, 60n * secondNs);
    expect(outcome(world, 0)).toEqual({ kind: 'delivered', cycles: 7_000n });
    expect(createMoneyWorld().tables.computeTerms.get()).toMatchObject({ target: 0n, topUpAmount: 0n });
  });

  it('is refused for what stands in the way: a purchase of nothing is told as that', () => {
    const world = withDesk(2_000n, { topUpAmount: 0n });
    world.done(self, observeCycles, 500n);
    expect(world.refused(stranger, topUp, 500n)).toBe('NothingWanted');
  });

  it('says that it is low before it freezes, and thaws by itself', () => {
    const world = withDesk(0n + 11n);
    const level = () => world.tables.computeState.get().level;
    world.done(self, observeCycles, 1_000n);
    expect(level()).toBe('enough');
    world.done(self, observeCycles, 999n);
    expect(level()).toBe('low');
    world.done(self, observeCycles, 99n);
    expect(isFrozen(world.tables)).toBe(true);
    const to = accountToCandid(world.person(stranger));
    expect(world.refused(operator, pay, { commandId: 'a', ledger: home, to, amount: 1n, purpose: 'x' })).toBe(
      'MachineFrozen',
    );
    world.done(self, observeCycles, 1_099n);
    expect(level()).toBe('low');
    world.done(self, observeCycles, 1_100n);
    expect(level()).toBe('enough');
  });

  it('buys from the desk: pays, tells the block, and is delivered to once', () => {
    const world = withDesk();
    const asked: string[] = [];
    world.others.set(desk, (method) => {
      asked.push(method);
      return sold(7_000n);
    });
    expect(world.refused(stranger, topUp, 5_000n)).toBe('CyclesEnough');
    world.done(self, observeCycles, 500n);
    world.settle(undefined, 60n * secondNs);
    expect(outcome(world, 0)).toEqual({ kind: 'delivered', cycles: 7_000n });
    expect(asked).toEqual(['top_up', 'top_up', 'top_up'].slice(0, asked.length));
    expect(world.ledger(home).balanceOf(accountOf(desk)) / 500n).toBe(BigInt(world.tables.topUps.end()));
  });

  it('asks the seller again until it delivers, and pays once', () => {
    const world = withDesk();
    let answers = [refusal('elsewhere', 'SaleUnderWay'), Uint8Array.of(1), sold(9n)];
    world.others.set(desk, () => {
      const [next, ...rest] = answers;
      answers = rest;
      return next ?? sold(1n);
    });
    world.done(self, observeCycles, 500n);
    world.deliver(() => 'none');
    world.done(self, observeCycles, 5_000n);
    world.settle(undefined, 600n * secondNs);
    expect(outcome(world, 0)).toEqual({ kind: 'delivered', cycles: 9n });
    expect(world.ledger(home).balanceOf(accountOf(desk))).toBe(500n);
  });

  it('gives up on a payment that the seller does not accept, and says so', () => {
    const world = withDesk(600n);
    world.others.set(desk, () => refusal('input', 'NoPayment'));
    world.done(self, observeCycles, 500n);
    world.settle(undefined, 60n * secondNs);
    expect(outcome(world, 0)).toMatchObject({ kind: 'failed', code: 'NoPayment' });
    expect(world.refused(stranger, topUp, 500n)).toBe('PurchasesEnded');
  });

  it('pays a seller that keeps the money and delivers nothing once, until its operator decides anew', () => {
    const world = withDesk(2_000n);
    let isMended = false;
    world.others.set(desk, () => (isMended ? sold(7_000n) : refusal('limit', 'DeskFull')));
    const paid = () => world.ledger(home).balanceOf(accountOf(desk));
    for (let i = 0; i < 5; i++) {
      world.done(self, observeCycles, 500n);
      world.settle(undefined, 700n * secondNs);
    }
    expect(paid()).toBe(500n);
    expect(outcome(world, 0)).toMatchObject({ kind: 'failed', code: 'DeskFull' });
    expect(world.refused(stranger, topUp, 500n)).toBe('PurchasesEnded');
    isMended = true;
    world.done(operator, setCompute, terms);
    world.settle(undefined, 60n * secondNs);
    expect(paid()).toBeGreaterThan(500n);
    expect(outcome(world, 1)).toMatchObject({ kind: 'delivered' });
  });

  it('needs nothing where nothing is needed', () => {
    const world = createMoneyWorld();
    world.done(self, observeCycles, 0n);
    expect(isFrozen(world.tables)).toBe(false);
    expect(world.refused(stranger, topUp, 0n)).toBe('NoComputeNeeded');
  });
});

describe('the minting canister', () => {
  const cmc = canisterOf(8);
  const Answer = IDL.Variant({
    Ok: IDL.Nat,
    Err: IDL.Variant({
      Refunded: IDL.Record({ block_index: IDL.Opt(IDL.Nat64), reason: IDL.Text }),
      InvalidTransaction: IDL.Text,
      Other: IDL.Record({ error_message: IDL.Text, error_code: IDL.Nat64 }),
      Processing: IDL.Null,
      TransactionTooOld: IDL.Nat64,
    }),
  });

  function withCmc(answer: () => object) {
    const compute = { minting_canister: { cmc: hexToPrincipal(cmc), icp_ledger: hexToPrincipal(second) } };
    const world = createMoneyWorld({ compute });
    world.done(operator, setCompute, terms);
    const block = world.ledger(second).mint(world.machineAccount('compute'), 600n);
    world.done(stranger, announceReceipt, { ledger: second, block });
    world.settle();
    const told: unknown[] = [];
    world.others.set(cmc, (_, argument) => {
      told.push(IDL.decode([NotifyTopUpArgsType], argument as unknown as ArrayBuffer & Uint8Array)[0]);
      return encode(Answer, answer());
    });
    return { world, told };
  }

  it('is paid with the memo and at the account that mean this canister, and told the block', () => {
    let isProcessing = true;
    const { world, told } = withCmc(() => {
      const answer = isProcessing ? { Err: { Processing: null } } : { Ok: 123n };
      isProcessing = false;
      return answer;
    });
    world.done(self, observeCycles, 500n);
    world.settle(undefined, 60n * secondNs);
    const payment = world.ledger(second).blocks[1]!;
    expect(Buffer.from(payment.memo!).toString('hex')).toBe(topUpMemo);
    expect(payment).toMatchObject({ to: topUpAccount(cmc, self), amount: 500n });
    expect(told).toEqual([1, 1].map(() => ({ block_index: 1n, canister_id: hexToPrincipal(self) })));
    expect(outcome(world, 0)).toEqual({ kind: 'delivered', cycles: 123n });
  });

  it('that names a block which somebody has announced already has it booked once', () => {
    const { world } = withCmc(() => ({ Err: { Refunded: { reason: 'too little', block_index: [1n] } } }));
    const block = world.ledger(second).mint(world.machineAccount('compute'), 50n);
    world.done(stranger, announceReceipt, { ledger: second, block });
    world.done(self, observeCycles, 500n);
    world.deliver((id) => (id === 'receipt/1' ? 'silent' : 'none'));
    world.settle(undefined, 60n * secondNs);
    expect(world.tables.receipts.end()).toBe(3);
    expect(bookOf(world.tables, second, 'compute').booked).toBe(600n - 501n + 50n);
  });

  it('that sends the money back names the block, which is booked', () => {
    const { world } = withCmc(() => {
      const ledger = world.ledger(second);
      const block = ledger.send(topUpAccount(cmc, self), world.machineAccount('compute'), 499n);
      return { Err: { Refunded: { reason: 'too little', block_index: [block] } } };
    });
    world.done(self, observeCycles, 500n);
    world.settle(undefined, 60n * secondNs);
    expect(outcome(world, 0)).toMatchObject({ kind: 'failed', code: 'Refunded', message: 'too little' });
    expect(bookOf(world.tables, second, 'compute').booked).toBe(600n - 501n + 499n);
  });
});
