// What canisters answer at their own cost is short: to other canisters, and where a standard's client asks by an update.

import { tokenLimits } from '@tamc/protocol/ledger';
import { hexToPrincipal, principalToText } from '@tamc/protocol/principal';
import { buildCanister } from '@tamc/stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Methods, parseDid } from '../../stack/src/candid/parse-did.ts';
import { decode, encode, reply } from '../harness/canisters.ts';
import { call, passedReject, passOn } from '../harness/program.ts';
import { accountOf, minter, person } from '../ledger/harness.ts';
import { createMoneyWorld, delegate, type MoneyWorld, operator, stranger } from '../machine/money-world.ts';
import { cyclesSpent } from './cycles-spent.ts';

let world: MoneyWorld;
let asking: string;
let ledgerMethods: Methods;
const ann = accountOf(person(1));
const transferCount = 130;

beforeAll(async () => {
  world = await createMoneyWorld();
  asking = await world.create();
  const built = await buildCanister('canisters/ledger');
  const methods = built.ok ? parseDid(built.value.candid) : null;
  if (!methods?.ok) throw new Error('the ledger does not build');
  ledgerMethods = methods.value;
  for (let i = 0; i < transferCount; i++) await world.ledger.transfer(minter.owner, { to: ann, amount: 1_000n });
  for (let i = 0; i < 30; i++) {
    await world.ledger.transfer(minter.owner, { to: accountOf(person(2)), amount: 1_000n });
  }
}, 300_000);
afterAll(() => world?.close());

interface Target {
  readonly canister: string;
  readonly methods: Methods;
}
const ledger = () => ({ canister: world.ledger.canister, methods: ledgerMethods });

async function byCanister({ canister, methods }: Target, method: string, ...values: unknown[]) {
  const { argTypes, retTypes } = methods[method]!;
  const arg = encode(argTypes, values);
  return decode(retTypes, await world.run(asking, call({ callee: canister, method, arg, ...passOn })))[0] as never;
}

async function byUpdate({ canister, methods }: Target, method: string, ...values: unknown[]) {
  const { argTypes, retTypes } = methods[method]!;
  const sent = world.replica.call({
    canister,
    method,
    arg: encode(argTypes, values),
    sender: principalToText(stranger),
  });
  return decode(retTypes, await reply(sent))[0] as never;
}

async function byQuery({ canister, methods }: Target, method: string, ...values: unknown[]) {
  const { argTypes, retTypes } = methods[method]!;
  return decode(
    retTypes,
    await reply(world.replica.query({ canister, method, arg: encode(argTypes, values) })),
  )[0] as never;
}

interface Transactions {
  readonly Ok: { readonly transactions: readonly { readonly id: bigint }[] };
}

describe('the ledger', () => {
  it('tells an account ten transactions at a time by an update, and the next ones from where they ended', async () => {
    const ask = { account: ann, start: [] as bigint[], max_results: 1_000n };
    const whole = (await byQuery(ledger(), 'get_account_transactions', ask)) as Transactions;
    const ids = whole.Ok.transactions.map(({ id }) => id);
    expect(ids).toHaveLength(tokenLimits.historyPerAnswerMax);
    const spent = await cyclesSpent(world.replica, world.ledger.canister, async () => {
      const first = (await byUpdate(ledger(), 'get_account_transactions', ask)) as Transactions;
      expect(first.Ok.transactions.map(({ id }) => id)).toEqual(ids.slice(0, 10));
    });
    expect(spent).toBeLessThan(120_000_000n);
    const next = (await byUpdate(ledger(), 'get_account_transactions', { ...ask, start: [ids[9]!] })) as Transactions;
    expect(next.Ok.transactions.map(({ id }) => id)).toEqual(ids.slice(10, 20));
  });

  it('does not walk far to a place that is none of the account’s, and never says so by an empty page', async () => {
    // Minted to Ben after all that Ann received; from Ann's last blocks it is a long way back.
    const ben = { account: accountOf(person(2)), max_results: 5n };
    const start = [BigInt(transferCount - 100)];
    const told = (await byQuery(ledger(), 'get_account_transactions', { ...ben, start })) as Transactions;
    expect(told.Ok.transactions).toEqual([]);
    const spent = await cyclesSpent(world.replica, world.ledger.canister, async () => {
      expect(await byUpdate(ledger(), 'get_account_transactions', { ...ben, start })).toMatchObject({
        Err: { message: expect.stringContaining('give the id of the last one') },
      });
    });
    expect(spent).toBeLessThan(80_000_000n);
  });

  it('gives other canisters a hundred blocks at a time', async () => {
    const ask = [{ start: 0n, length: 1_000n }];
    const { blocks } = (await byCanister(ledger(), 'icrc3_get_blocks', ask)) as { blocks: { id: bigint }[] };
    expect(blocks).toHaveLength(100);
    const all = (await byQuery(ledger(), 'icrc3_get_blocks', ask)) as { blocks: unknown[] };
    expect(all.blocks.length).toBeGreaterThan(150);
    const history = { account: ann, start: [], limit: 100 };
    const page = (await byCanister(ledger(), 'account_history', history)) as { blocks: unknown[]; next: [bigint] };
    expect([page.blocks.length, page.next.length]).toEqual([10, 1]);
  });
});

describe('a machine', () => {
  it('tells other canisters ten entries at a time, and its layout at once', async () => {
    for (let i = 0; i < 12; i++) {
      const block = await world.mint('main', 1_000n);
      await world.machine.done(operator, 'announce_receipt', { ledger: world.home, block });
    }
    const ask = [0, 100] as const;
    const whole = (await world.machine.query('statement', ...ask)) as { entries: unknown[] };
    expect(whole.entries).toHaveLength(12);
    const { entries } = (await byCanister(world.machine, 'statement', ...ask)) as { entries: unknown[] };
    expect(entries).toEqual(whole.entries.slice(0, 10));
    const { events } = (await byCanister(world.machine, 'events', 0n, 500)) as { events: unknown[] };
    expect(events).toHaveLength(20);
    const spent = await cyclesSpent(world.replica, world.machine.canister, async () => {
      expect(await byCanister(world.machine, 'layout')).toBe(await world.machine.query('layout'));
    });
    expect(spent).toBeLessThan(20_000_000n);
  });

  it('does not list long mandates to other canisters, but shows each', async () => {
    const payees = Array.from({ length: 50 }, (_, i) => accountOf(person(i)));
    const terms = world.terms({ allowed_payees: { only: payees } });
    const grant = { command_id: 'long', delegate: hexToPrincipal(delegate), terms };
    const { mandate } = await world.machine.done(operator, 'grant_mandate', grant);
    const { canister } = world.machine;
    const asked = await world.run(
      asking,
      call({ callee: canister, method: 'mandates', arg: encode([], []), ...passOn }),
    );
    expect(passedReject(asked).message).toMatch(/LongForCanister: .*ask for one by its number/);
    expect(await world.machine.query('mandates')).toMatchObject([{ mandate }]);
    expect(await byCanister(world.machine, 'mandate', mandate)).toMatchObject([{ mandate }]);
  });
});
