// Third chapter: a delegate who may spend a little tries to spend more in every way, and the operator who is asked instead.
import {
  createCommandId,
  type Payment,
  type PaymentAsked,
  type RequestReply,
  readRequests,
  wordOf,
} from '@tamc/client';
import type { CandidMandateTerms } from '@tamc/protocol/mandate';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { expect, it } from 'vitest';
import { dollar, fee, type Journey } from './journey.ts';
import { expectOk, hourNs, secondNs } from './network.ts';

const dayNs = 24n * hourNs;

/** Five dollars a day to one shop for two things, and never the last three. */
function termsFor({ network, people, deployed }: Journey): CandidMandateTerms {
  return {
    label: 'upkeep',
    ledger: hexToPrincipal(deployed.ledger),
    amount_range: { min: 50n, max: 2n * dollar },
    budget: { amount: 5n * dollar, period_ns: dayNs },
    agent_recurrence: 6,
    allowed_payees: { only: [people.supplier.candidAccount] },
    allowed_purposes: { only: ['spare parts', 'service'] },
    not_before_ns: network.nowNs() - secondNs,
    expires_ns: network.nowNs() + 10n * dayNs,
    reserve_floor: 8n * dollar,
    ask_above: (3n * dollar) / 2n,
    powers: [],
  };
}

function paymentOf({ people, deployed }: Journey, change: Partial<Payment> = {}): Payment {
  const ledger = hexToPrincipal(deployed.ledger);
  const to = people.supplier.candidAccount;
  return { command_id: createCommandId(), ledger, to, amount: dollar, purpose: 'spare parts', ...change };
}

const payAs = (the: Journey, change?: Partial<Payment>) =>
  the.people.delegate.machine(the.washers[0]!.id).pay(paymentOf(the, change));

/** Nothing is paid; the operator is asked, and told why. */
async function asked(the: Journey, change: Partial<Payment>): Promise<PaymentAsked> {
  const before = await the.books.balanceOf(the.washers[0]!.account);
  const reply = expectOk(await payAs(the, change));
  if (!('Waiting' in reply)) throw new Error('it was not asked for');
  expect(await the.books.balanceOf(the.washers[0]!.account)).toBe(before);
  return paymentIn(reply.Waiting);
}

function paymentIn({ act }: RequestReply): PaymentAsked {
  if (!('pay' in act)) throw new Error('it is no payment');
  return act.pay;
}

export function tellOverspending(the: () => Journey): void {
  it('books what somebody gave it, once', async () => {
    const { people, washers, books, deployed } = the();
    const block = await books.fund(washers[0]!.account, 12n * dollar);
    const announcement = { ledger: hexToPrincipal(deployed.ledger), block };
    const machine = people.stranger.machine(washers[0]!.id);
    const booked = expectOk(await machine.announce_receipt(announcement));
    expect(booked).toMatchObject({ Booked: { change: 12n * dollar, block } });
    expect(expectOk(await machine.announce_receipt(announcement))).toEqual(booked);
  });

  it('lets the operator alone say what a delegate may spend', async () => {
    const { people, washers } = the();
    const grant = { command_id: createCommandId(), delegate: people.delegate.principal, terms: termsFor(the()) };
    const self = people.delegate.machine(washers[0]!.id);
    expect(await self.grant_mandate(grant)).toMatchObject({ error: { kind: 'caller', code: 'NotOperator' } });
    expect(await payAs(the())).toMatchObject({ error: { code: 'NoMandate' } });
    expect(expectOk(await washers[0]!.machine.grant_mandate(grant))).toMatchObject({ is_live: true, spent: 0n });
  });

  it('pays within the mandate, and each payment once', async () => {
    const { people, books } = the();
    const payment = paymentOf(the());
    const paid = expectOk(await payAs(the(), payment));
    expect(paid).toMatchObject({ Paid: { amount: dollar, cause: { payment: { purpose: 'spare parts' } } } });
    expect(expectOk(await payAs(the(), payment))).toEqual(paid);
    expect(await payAs(the(), { ...payment, amount: 2n })).toMatchObject({ error: { code: 'CommandIdReused' } });
    expect(await books.balanceOf(people.supplier.account)).toBe(dollar);
  });

  it.each([
    ['the amount', { amount: 2n * dollar + 1n }, /the amount is above 2 simUSD$/m],
    [
      'what the operator wants to be asked for',
      { amount: (3n * dollar) / 2n + 1n },
      /above 1\.5 simUSD, from where on/,
    ],
    ['the purposes', { purpose: 'a party' }, /the purpose is not one of the allowed ones/],
  ])('asks the operator for what exceeds %s', async (_, change, reason) => {
    const { reasons } = await asked(the(), change);
    expect(reasons.join('\n')).toMatch(reason);
  });

  it('asks the operator for another payee, also when that is the delegate', async () => {
    const { people } = the();
    const to = people.delegate.candidAccount;
    expect((await asked(the(), { to })).reasons).toEqual(['the payee is not one of the allowed ones']);
    const subaccount = [new Uint8Array(32).fill(1)] as [Uint8Array];
    const other = { owner: people.supplier.principal, subaccount };
    expect((await asked(the(), { to: other })).reasons).toEqual(['the payee is not one of the allowed ones']);
  });

  it('refuses what no approval would make right', async () => {
    const { people, washers, deployed } = the();
    const codes: readonly (readonly [Partial<Payment>, string])[] = [
      [{ amount: 49n }, 'AmountBelowRange'],
      [{ amount: 0n }, 'AmountInvalid'],
      [{ amount: 2n ** 200n }, 'AmountInvalid'],
      [{ amount: 1_000n * dollar }, 'FundsMissing'],
      [{ ledger: hexToPrincipal(deployed.desk) }, 'LedgerUnknown'],
      [{ to: { owner: hexToPrincipal(washers[0]!.id), subaccount: [] } }, 'PayeeIsSelf'],
      [{ purpose: 'spare parts\nand a party' }, 'PurposeInvalid'],
      [{ command_id: '' }, 'CommandIdInvalid'],
    ];
    for (const [change, code] of codes) expect(await payAs(the(), change)).toMatchObject({ error: { code } });
    const elsewhere = people.delegate.machine(washers[1]!.id);
    expect(await elsewhere.pay(paymentOf(the()))).toMatchObject({ error: { code: 'NoMandate' } });
  });

  it('adds up many small payments, over a restart: neither budget nor number is exceeded', async () => {
    const { network, people, books } = the();
    const replies = [];
    for (const amount of [dollar, dollar, dollar]) replies.push(expectOk(await payAs(the(), { amount })));
    await network.killAndRestart();
    replies.push(expectOk(await payAs(the(), { amount: 50n })));
    expect(replies.map(wordOf)).toEqual(['Paid', 'Paid', 'Paid', 'Paid']);
    expect((await asked(the(), { amount: dollar })).reasons).toEqual([
      'of the budget 5 simUSD is spent 4.00055 simUSD',
    ]);
    expect(wordOf(expectOk(await payAs(the(), { amount: 50n })))).toBe('Paid');
    expect((await asked(the(), { amount: 50n })).reasons).toEqual(['6 of 6 payments of the period are made']);
    expect(await books.balanceOf(people.supplier.account)).toBe(4n * dollar + 100n);
  });

  it('pays what the operator approves: just that, and once', async () => {
    const { people, washers, books } = the();
    const { machine } = washers[0]!;
    const open = expectOk(await readRequests(machine));
    const { request, payload_hash, text } = open.find((one) => paymentIn(one).amount === 2n * dollar + 1n)!;
    expect(text).toContain('asks to pay 2.000001 simUSD');
    const approval = { request, payload_hash };
    const self = people.delegate.machine(washers[0]!.id);
    expect(await self.approve(approval)).toMatchObject({ error: { code: 'NotOperator' } });
    const other = { request, payload_hash: open.find((one) => one.request !== request)!.payload_hash };
    expect(await machine.approve(other)).toMatchObject({ error: { code: 'PayloadDiffers' } });
    expect(expectOk(await machine.approve(approval))).toMatchObject({
      Paid: { amount: 2n * dollar + 1n, cause: { payment: { request: [request], by: people.delegate.principal } } },
    });
    expect(await machine.approve(approval)).toMatchObject({ error: { code: 'RequestDecided' } });
    expect(await books.balanceOf(people.supplier.account)).toBe(6n * dollar + 101n);
    for (const one of open) if (one.request !== request) expectOk(await machine.decline({ request: one.request }));
    expect(expectOk(await readRequests(machine))).toEqual([]);
  });

  it('keeps the last money for the machine, and ends with the mandate', async () => {
    const { network, washers, books } = the();
    const available = await books.balanceOf(washers[0]!.account);
    expect(available - dollar - fee).toBeLessThan(8n * dollar);
    await network.pass(dayNs);
    expect((await asked(the(), { amount: dollar })).reasons).toEqual(['less than 8 simUSD would be left']);
    expect(wordOf(expectOk(await payAs(the(), { amount: 100n })))).toBe('Paid');
    await network.pass(10n * dayNs);
    expect(await payAs(the(), { amount: 100n })).toMatchObject({ error: { code: 'MandateExpired' } });
    expect(expectOk(await washers[0]!.machine.mandates()).map(({ is_live }) => is_live)).toEqual([false]);
  });
}
