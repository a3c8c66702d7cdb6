// A canister that answers in another type than this program knows, and values that no type takes: nothing is thrown, and an update that
// was done is not told as undone.
import { IDL } from '@dfinity/candid';
import {
  bindLedger,
  bindService,
  type Connection,
  connect,
  createIdentity,
  pullEvents,
  queryMethod,
} from '@tamc/client';
import { type Account, accountOf, accountToCandid } from '@tamc/protocol/account';
import { TransferArgType } from '@tamc/protocol/icrc-types';
import { machineEvent } from '@tamc/protocol/machine-events';
import { type PrincipalHex, parsePrincipal, principalToHex } from '@tamc/protocol/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestWorld, type TestWorld } from '../harness/world.ts';
import { buildLedger, installLedger } from '../ledger/harness.ts';

const identity = createIdentity();
const payee: Account = accountOf(principalToHex(createIdentity().getPrincipal()));
let world: TestWorld;
let ledger: PrincipalHex;
let connection: Connection;

beforeAll(async () => {
  // The client compares the time of certificates and answers with the clock.
  world = await createTestWorld({ virtualTime: false });
  const mine = { owner: identity.getPrincipal(), subaccount: [] as [] };
  const { canister } = await installLedger(world.replica, await buildLedger(), {
    initial_balances: [[mine, 1_000_000n]],
  });
  ledger = parsePrincipal(canister)!;
  const { rootKey, fetch } = world.replica;
  const connected = await connect({ url: 'http://127.0.0.1', fetch, rootKey, identity });
  if (!connected.ok) throw new Error(connected.error.message);
  connection = connected.value;
}, 300_000);
afterAll(() => world.close());

const balance = async () => {
  const read = await bindLedger(connection, ledger).balanceOf(payee);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
};

describe('an answer of another type', () => {
  it('to a query is told as such', async () => {
    const newer = bindService(connection, ledger, { icrc1_symbol: queryMethod<[], bigint>([], IDL.Nat) });
    const answer = await newer.icrc1_symbol();
    expect(answer).toMatchObject({ ok: false, error: { kind: 'input', code: 'AnswerUnreadable' } });
    expect(!answer.ok && answer.error.message).toMatch(/^the answer cannot be read: type mismatch/);
    expect(!answer.ok && answer.error.nextStep).toContain('bring the program up to date');
  });

  it.each([false, true])(
    'to an update that was done says to look, and sends it once (repeatable: %s)',
    async (isRepeatable) => {
      const before = await balance();
      const transfer = {
        to: accountToCandid(payee),
        amount: 5n,
        fee: [],
        memo: [],
        from_subaccount: [],
        created_at_time: [],
      };
      const type = IDL.Func([TransferArgType], [IDL.Text]);
      const answer = await connection.call(ledger, { name: 'icrc1_transfer', type, isRepeatable }, [transfer]);
      expect(await balance()).toBe(before + 5n);
      expect(answer).toMatchObject({ ok: false, error: { kind: 'unknown', code: 'AnswerUnreadable' } });
      expect(!answer.ok && answer.error.nextStep).toMatch(/look what was done before you do it again/);
    },
  );
});

describe('a value that no type takes', () => {
  const outside = { ok: false, error: { kind: 'input', code: 'ValueOutsideType' } };

  it.each([
    ['a negative amount', { amount: -1n, createdNs: 1n }],
    ['a time beyond 64 bits', { amount: 1n, createdNs: 2n ** 70n }],
  ])('refuses a transfer with %s', async (_, values) => {
    expect(await bindLedger(connection, ledger).transfer({ to: payee, ...values })).toMatchObject(outside);
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses a cursor at event %d', async (next) => {
    const cursor = { next, hash: new Uint8Array(32) };
    expect(await pullEvents(connection, ledger, machineEvent, cursor)).toMatchObject(outside);
  });

  it('refuses a negative limit of events', async () => {
    const cursor = { next: 0, hash: new Uint8Array(32) };
    expect(await pullEvents(connection, ledger, machineEvent, cursor, -1)).toMatchObject(outside);
  });
});
