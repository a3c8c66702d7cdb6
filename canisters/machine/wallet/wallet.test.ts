import { IDL } from '@dfinity/candid';
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import { accountIdentifier } from '@tamc/protocol/account-identifier';
import { QueryBlocksArgsType } from '@tamc/protocol/icp-blocks';
import type { MandateTerms } from '@tamc/protocol/mandate';
import { anonymous, hexToPrincipal, managementCanister } from '@tamc/protocol/principal';
import { payloadHash } from '@tamc/protocol/request';
import { renderRequest } from '@tamc/protocol/request-text';
import { walletLimits } from '@tamc/protocol/wallet';
import { describe, expect, it } from 'vitest';
import { stop } from '../stop/rules.ts';
import { approveRequest } from './approve.ts';
import { bookOf } from './books.ts';
import { grantMandate, revokeMandate } from './grant.ts';
import { hasPower } from './mandates.ts';
import { encode } from './model-ledger.ts';
import {
  createMoneyWorld,
  dayNs,
  delegate,
  home,
  keyOf,
  type MoneyWorld,
  operator,
  second,
  secondNs,
  self,
  stranger,
} from './money-world.ts';
import { pay } from './pay.ts';
import { announceReceipt } from './receipts.ts';
import { declineRequest } from './requests.ts';

const hourNs = 3_600_000_000_000n;

function funded(amount = 10_000n): MoneyWorld {
  const world = createMoneyWorld();
  const block = world.ledger(home).mint(world.machineAccount(), amount);
  world.done(stranger, announceReceipt, { ledger: home, block });
  world.settle();
  return world;
}

function reasonsOf({ tables }: MoneyWorld, request: number): readonly string[] {
  const { act } = tables.requests.get(request)!.payload;
  return act.kind === 'pay' ? act.reasons : [];
}

let ids = 0;
const payment = (world: MoneyWorld, amount: bigint, more: object = {}) => {
  const to = accountToCandid(world.person(stranger));
  return { commandId: `c${ids++}`, ledger: home, to, amount, purpose: 'parts', ...more };
};

function terms(
  world: MoneyWorld,
  more: Partial<MandateTerms> = {},
): { delegate: typeof delegate; terms: { ok: true; value: MandateTerms } } {
  const value: MandateTerms = {
    label: 'buyer',
    ledger: home,
    amountMin: 5n,
    amountMax: 500n,
    budgetAmount: 1_000n,
    budgetPeriodNs: dayNs,
    recurrence: 10,
    allowedPayees: null,
    allowedPurposes: ['parts', 'power'],
    notBeforeNs: 0n,
    expiresNs: world.now() + 30n * dayNs,
    reserveFloor: 1_000n,
    askAbove: 300n,
    powers: ['tariff'],
    ...more,
  };
  return { delegate, terms: { ok: true, value } };
}

const IcpAnswerType = IDL.Record({
  chain_length: IDL.Nat64,
  first_block_index: IDL.Nat64,
  blocks: IDL.Vec(
    IDL.Record({
      transaction: IDL.Record({
        operation: IDL.Opt(
          IDL.Variant({ Mint: IDL.Record({ to: IDL.Vec(IDL.Nat8), amount: IDL.Record({ e8s: IDL.Nat64 }) }) }),
        ),
      }),
    }),
  ),
});

describe('receipts', () => {
  it('are booked once, however often they are announced', () => {
    const world = funded(5_000n);
    expect(bookOf(world.tables, home, 'main').booked).toBe(5_000n);
    expect(world.done(stranger, announceReceipt, { ledger: home, block: 0n })).toBe('entry/0');
    world.settle();
    expect(bookOf(world.tables, home, 'main').booked).toBe(5_000n);
  });

  it('are looked up once when they are announced twice at the same time', () => {
    const world = createMoneyWorld();
    const block = world.ledger(home).mint(world.machineAccount(), 700n);
    expect(world.done(stranger, announceReceipt, { ledger: home, block })).toBe('receipt/0');
    expect(world.done(delegate, announceReceipt, { ledger: home, block })).toBe('receipt/0');
    world.settle();
    expect(bookOf(world.tables, home, 'main').booked).toBe(700n);
  });

  it('go to the purse they were sent to, and escrow takes none', () => {
    const world = createMoneyWorld();
    const compute = world.ledger(home).mint(world.machineAccount('compute'), 300n);
    const escrow = world.ledger(home).mint(world.machineAccount('escrow'), 300n);
    for (const block of [compute, escrow]) world.done(stranger, announceReceipt, { ledger: home, block });
    world.settle();
    expect(bookOf(world.tables, home, 'compute').booked).toBe(300n);
    expect(bookOf(world.tables, home, 'escrow').booked).toBe(0n);
    expect(world.tables.receipts.get(1)?.outcome).toMatchObject({ kind: 'rejected', code: 'IntoEscrow' });
  });

  it('are booked from a ledger that has its blocks by another method, as that of ICP', () => {
    const icp = '00000000000000020101' as typeof home;
    const ledgers = [{ id: hexToPrincipal(icp), symbol: 'ICP', decimals: 8, fee: 10n }];
    const world = createMoneyWorld({ ledgers, home_ledger: hexToPrincipal(icp) });
    const to = parseHex(accountIdentifier(world.machineAccount('compute')))!;
    world.others.set(icp, (method, argument) => {
      if (method !== 'query_blocks') throw new Error(`no method ${method}`);
      const [{ start }] = IDL.decode([QueryBlocksArgsType], argument) as unknown as [{ start: bigint }];
      const transaction = { operation: [{ Mint: { to, amount: { e8s: 500n } } }] };
      const blocks = start === 7n ? [{ transaction }] : [];
      return encode(IcpAnswerType, { chain_length: 8n, first_block_index: start, blocks });
    });
    for (const block of [7n, 8n]) world.done(stranger, announceReceipt, { ledger: icp, block });
    world.settle();
    expect(bookOf(world.tables, icp, 'compute').booked).toBe(500n);
    expect(world.tables.receipts.get(1)!.outcome).toMatchObject({ kind: 'rejected', code: 'BlockMissing' });
    world.others.set(icp, () => {
      throw new Error('away');
    });
    world.done(stranger, announceReceipt, { ledger: icp, block: 9n });
    world.settle();
    expect(world.tables.receipts.get(2)!.outcome).toMatchObject({ kind: 'rejected', code: 'LedgerSilent' });
  });

  it('of others, of dust, of no block and of the machine itself are not booked', () => {
    const world = funded();
    world.ledger(home).mint(world.person(stranger), 500n);
    world.ledger(home).mint(world.machineAccount(), 10n);
    world.done(operator, pay, payment(world, 100n));
    world.settle();
    const own = BigInt(world.ledger(home).blocks.length - 1);
    const before = bookOf(world.tables, home, 'main').booked;
    for (const block of [1n, 2n, own, 99n]) world.done(operator, announceReceipt, { ledger: home, block });
    world.settle();
    const codes = [1, 2, 3, 4].map((receipt) => world.tables.receipts.get(receipt)?.outcome);
    expect(codes.map((outcome) => (outcome?.kind === 'rejected' ? outcome.code : outcome))).toEqual([
      'NotOurs',
      'Dust',
      'NotOurs',
      'BlockMissing',
    ]);
    expect(bookOf(world.tables, home, 'main').booked).toBe(before);
  });

  it('are refused for a ledger that the machine does not use and for what is no block', () => {
    const world = createMoneyWorld();
    expect(world.refused(stranger, announceReceipt, { ledger: self, block: 0n })).toBe('LedgerUnknown');
    expect(world.refused(stranger, announceReceipt, { ledger: home, block: 2n ** 64n })).toBe('BlockInvalid');
    for (let block = 0n; block < 8n; block++) world.done(stranger, announceReceipt, { ledger: home, block });
    expect(world.refused(stranger, announceReceipt, { ledger: home, block: 8n })).toBe('ReceiptsFull');
    expect(world.done(stranger, announceReceipt, { ledger: second, block: 8n })).toBe('receipt/8');
  });

  it('of one stranger are few within the hour, and keep out no other stranger and never the operator', () => {
    const world = createMoneyWorld();
    const { receiptsPerCallerMax, receiptsPerHourMax } = walletLimits;
    const announce = (who: typeof stranger, block: number, isRefused = false) => {
      const command = { ledger: home, block: BigInt(block) };
      if (isRefused) expect(world.refused(who, announceReceipt, command)).toBe('ReceiptsFull');
      else world.done(who, announceReceipt, command);
      world.settle(undefined, secondNs);
    };
    for (let i = 0; i < 2 * receiptsPerHourMax; i++) announce(operator, i);
    for (let i = 0; i < receiptsPerCallerMax; i++) announce(stranger, i);
    announce(stranger, 99, true);
    const others = receiptsPerHourMax / receiptsPerCallerMax - 1;
    for (let other = 0; other < others; other++) {
      for (let i = 0; i < receiptsPerCallerMax; i++) announce(keyOf(`other ${other}`), i);
    }
    announce(keyOf('one too many'), 99, true);
    announce(operator, 99);
    world.pass(3_600n * secondNs);
    announce(stranger, 99);
    announce(keyOf('one too many'), 99);
  });
});

describe('the operator pays', () => {
  it('on its own authority, and the statement says what for', () => {
    const world = funded();
    expect(world.done(operator, pay, payment(world, 400n))).toBe('transfer/0');
    world.settle();
    expect(world.ledger(home).balanceOf(world.person(stranger))).toBe(400n);
    const entry = world.tables.statement.get(1);
    expect(entry).toMatchObject({ change: -410n, purse: 'main', block: 1n });
    expect(entry?.cause).toMatchObject({ kind: 'sent', fee: 10n, cause: { purpose: 'parts', by: operator } });
  });

  it('not with bad input, not itself, not what is not there', () => {
    const world = funded(1_000n);
    const refused = (amount: bigint, more: object = {}) => world.refused(operator, pay, payment(world, amount, more));
    expect(refused(0n)).toBe('AmountInvalid');
    expect(refused(2n ** 200n)).toBe('AmountInvalid');
    expect(refused(1n, { ledger: stranger })).toBe('LedgerUnknown');
    expect(refused(1n, { to: accountToCandid(world.machineAccount('compute')) })).toBe('PayeeIsSelf');
    for (const nobody of [anonymous, managementCanister])
      expect(refused(1n, { to: accountToCandid(accountOf(nobody)) })).toBe('PayeeInvalid');
    expect(refused(1n, { to: { ...accountToCandid(world.person(stranger)), subaccount: [new Uint8Array(5)] } })).toBe(
      'PayeeInvalid',
    );
    for (const purpose of ['', ' x', 'x\ny', 'a\u202eb', 'x'.repeat(65)])
      expect(refused(1n, { purpose })).toBe('PurposeInvalid');
    expect(refused(991n)).toBe('FundsMissing');
    expect(refused(1n, { ledger: second })).toBe('FundsMissing');
  });

  it('not twice from the same money while a payment has no outcome', () => {
    const world = funded(1_000n);
    world.done(operator, pay, payment(world, 900n));
    expect(world.refused(operator, pay, payment(world, 900n))).toBe('FundsMissing');
    world.settle();
    expect(bookOf(world.tables, home, 'main')).toMatchObject({ booked: 90n, reserved: 0n });
  });

  it('not while the machine is stopped', () => {
    const world = funded();
    world.done(operator, stop, 'smoke');
    expect(world.refused(operator, pay, payment(world, 1n))).toBe('MachineStopped');
  });

  it('through a ledger that refuses: the money is free again and the fee is learned', () => {
    const world = funded(1_000n);
    world.ledger(home).setFee(20n);
    world.done(operator, pay, payment(world, 100n));
    world.settle();
    expect(world.tables.transfers.get(0)?.outcome).toMatchObject({ kind: 'refused', code: 'BadFee' });
    expect(bookOf(world.tables, home, 'main')).toMatchObject({ booked: 1_000n, reserved: 0n });
    world.done(operator, pay, payment(world, 100n));
    world.settle();
    expect(world.tables.transfers.get(1)?.outcome).toMatchObject({ kind: 'paid' });
    expect(bookOf(world.tables, home, 'main').booked).toBe(880n);
  });

  it('and a fee that rises beyond belief is not believed', () => {
    const world = funded(10_000n);
    world.ledger(home).setFee(5_000n);
    world.done(operator, pay, payment(world, 100n));
    world.settle();
    expect(world.tables.ledgers.get()[0]?.fee).toBe(10n);
  });
});

describe('a mandate', () => {
  it('is granted and revoked by the operator alone, with terms that make sense', () => {
    const world = funded();
    expect(world.refused(stranger, grantMandate, terms(world))).toBe('NotOperator');
    expect(world.refused(operator, grantMandate, terms(world, { expiresNs: world.now() }))).toBe('TermsInvalid');
    expect(world.refused(operator, grantMandate, terms(world, { ledger: stranger }))).toBe('LedgerUnknown');
    const bad = { delegate, terms: { ok: false, error: { field: 'powers', wanted: 'words' } } } as const;
    expect(world.refused(operator, grantMandate, bad)).toBe('TermsInvalid');
    expect(world.refused(operator, grantMandate, { ...terms(world), delegate: operator })).toBe('DelegateInvalid');
    expect(world.refused(operator, grantMandate, { ...terms(world), delegate: self })).toBe('DelegateInvalid');
    expect(world.done(operator, grantMandate, terms(world))).toBe('mandate/1');
    expect(hasPower(world.tables, delegate, 'tariff', world.now())).toBe(true);
    expect(hasPower(world.tables, delegate, 'enrol', world.now())).toBe(false);
    expect(world.refused(delegate, revokeMandate, { mandate: 1 })).toBe('NotOperator');
    world.done(operator, revokeMandate, { mandate: 1 });
    expect(world.refused(operator, revokeMandate, { mandate: 1 })).toBe('MandateUnknown');
    expect(hasPower(world.tables, delegate, 'tariff', world.now())).toBe(false);
    expect(world.refused(delegate, pay, payment(world, 10n))).toBe('NoMandate');
  });

  it('refuses what it has nothing to say about, in the order of usefulness', () => {
    const world = funded();
    expect(world.refused(delegate, pay, payment(world, 10n))).toBe('NoMandate');
    world.done(operator, grantMandate, terms(world, { notBeforeNs: world.now() + hourNs }));
    expect(world.refused(delegate, pay, payment(world, 1n))).toBe('MandateNotYet');
    world.pass(hourNs);
    expect(world.refused(delegate, pay, payment(world, 1n))).toBe('AmountBelowRange');
    expect(world.refused(delegate, pay, payment(world, 20_000n))).toBe('FundsMissing');
    world.pass(40n * dayNs);
    expect(world.refused(delegate, pay, payment(world, 10n))).toBe('MandateExpired');
  });

  it('pays within it and asks beyond it, saying which terms are exceeded', () => {
    const world = funded();
    world.done(operator, grantMandate, terms(world, { allowedPayees: [world.person(stranger)] }));
    expect(world.done(delegate, pay, payment(world, 300n))).toBe('transfer/0');
    const asked = (amount: bigint, more: object = {}) => {
      const subject = world.done(delegate, pay, payment(world, amount, more));
      expect(subject).toMatch(/^request\//);
      return reasonsOf(world, Number(subject.split('/')[1]));
    };
    expect(asked(301n)).toEqual([expect.stringContaining('from where on the operator is asked')]);
    expect(asked(501n)).toHaveLength(2);
    expect(asked(10n, { purpose: 'holiday' })).toEqual(['the purpose is not one of the allowed ones']);
    expect(asked(10n, { to: accountToCandid(world.person(operator)) })).toEqual([
      'the payee is not one of the allowed ones',
    ]);
    world.done(delegate, pay, payment(world, 300n));
    world.done(delegate, pay, payment(world, 290n));
    expect(asked(80n)).toEqual(['of the budget 0.001 USD is spent 0.00092 USD']);
    world.settle();
    world.pass(dayNs);
    expect(world.done(delegate, pay, payment(world, 80n))).toMatch(/^transfer/);
  });

  it('leaves the reserve floor, and counts payments of a period', () => {
    const world = funded(1_500n);
    world.done(operator, grantMandate, terms(world, { recurrence: 2, reserveFloor: 1_300n }));
    expect(world.done(delegate, pay, payment(world, 100n))).toBe('transfer/0');
    expect(world.done(delegate, pay, payment(world, 81n))).toBe('request/0');
    expect(world.done(delegate, pay, payment(world, 80n))).toBe('transfer/1');
    world.done(operator, grantMandate, terms(world, { recurrence: 2, reserveFloor: 0n }));
    expect(world.done(delegate, pay, payment(world, 5n))).toBe('request/1');
    expect(reasonsOf(world, 1)).toEqual(['2 of 2 payments of the period are made']);
  });

  it('that was granted again gives no second budget', () => {
    const world = funded();
    world.done(operator, grantMandate, terms(world, { budgetAmount: 310n }));
    world.done(delegate, pay, payment(world, 300n));
    world.done(operator, grantMandate, terms(world, { budgetAmount: 310n }));
    expect(world.done(delegate, pay, payment(world, 5n))).toBe('request/0');
  });

  it('gets its budget back for a payment that the ledger refused', () => {
    const world = funded();
    world.ledger(home).setFee(20n);
    world.done(operator, grantMandate, terms(world, { budgetAmount: 320n }));
    world.done(delegate, pay, payment(world, 300n));
    expect(world.done(delegate, pay, payment(world, 300n))).toBe('request/0');
    world.settle();
    expect(world.done(delegate, pay, payment(world, 300n))).toBe('transfer/1');
  });

  it('does not pay while the clock is behind its newest payment', () => {
    const world = funded();
    world.done(operator, grantMandate, terms(world));
    world.done(delegate, pay, payment(world, 10n));
    world.setTime(world.now() - hourNs);
    expect(world.refused(delegate, pay, payment(world, 10n))).toBe('ClockWentBack');
  });
});

describe('a request', () => {
  function asked() {
    const world = funded();
    world.done(operator, grantMandate, terms(world));
    world.done(delegate, pay, payment(world, 400n));
    const { payload } = world.tables.requests.get(0)!;
    return { world, payload, approval: { request: 0, hash: payloadHash(payload) } };
  }

  it('is shown from its payload and nothing else', () => {
    const { payload, approval } = asked();
    const text = renderRequest(payload);
    expect(text).toContain('asks to pay 0.0004 USD (fee 0.00001 USD)');
    expect(text).toContain('for: "parts"');
    expect(text).toContain(bytesToHex(approval.hash));
  });

  it('is paid when the operator approves exactly it, once', () => {
    const { world, approval } = asked();
    expect(world.refused(delegate, approveRequest, approval)).toBe('NotOperator');
    expect(world.refused(operator, approveRequest, { ...approval, hash: new Uint8Array(32) })).toBe('PayloadDiffers');
    expect(world.refused(operator, approveRequest, { ...approval, request: 9 })).toBe('RequestUnknown');
    expect(world.done(operator, approveRequest, approval)).toBe('transfer/0');
    expect(world.refused(operator, approveRequest, approval)).toBe('RequestDecided');
    expect(world.refused(operator, declineRequest, { request: 0 })).toBe('RequestDecided');
    world.settle();
    expect(world.ledger(home).balanceOf(world.person(stranger))).toBe(400n);
    expect(world.tables.transfers.get(0)?.order.cause).toMatchObject({ by: delegate, request: 0, mandate: null });
  });

  it('looks at stop, funds and fee again when it is approved', () => {
    const { world, approval } = asked();
    world.ledger(home).setFee(11n);
    world.done(operator, pay, payment(world, 1n));
    world.settle();
    expect(world.refused(operator, approveRequest, approval)).toBe('RequestOutdated');
    const other = asked();
    other.world.done(operator, pay, payment(other.world, 9_700n));
    expect(other.world.refused(operator, approveRequest, other.approval)).toBe('FundsMissing');
    other.world.done(operator, stop, 'smoke');
    expect(other.world.refused(operator, approveRequest, other.approval)).toBe('MachineStopped');
  });

  it('ends by a refusal of the operator, or by itself', () => {
    const { world, approval } = asked();
    world.done(operator, declineRequest, { request: 0 });
    expect(world.refused(operator, approveRequest, approval)).toBe('RequestDecided');
    const late = asked();
    late.world.pass(7n * dayNs);
    expect(late.world.refused(operator, approveRequest, late.approval)).toBe('RequestExpired');
  });

  it('cannot be made without end by one delegate', () => {
    const { world } = asked();
    for (let i = 1; i < 10; i++) world.done(delegate, pay, payment(world, 400n));
    expect(world.refused(delegate, pay, payment(world, 400n))).toBe('RequestsFull');
    world.pass(8n * dayNs);
    expect(world.done(delegate, pay, payment(world, 400n))).toBe('request/10');
  });
});
