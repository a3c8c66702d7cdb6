// What the client sends again by itself when an answer is lost, and what it must not: on real canisters, with the effect looked at.
import { bindLedger, bindMachine, type Connection, connect, createIdentity } from '@tamc/client';
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import { hexToPrincipal, type PrincipalHex, parsePrincipal, principalToHex } from '@tamc/protocol/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../canisters/machine/test-machine.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';
import { buildLedger, installLedger } from '../ledger/harness.ts';
import { createMachine, type MachineOnReplica } from '../machine/machine-world.ts';

const identity = createIdentity();
const self: PrincipalHex = principalToHex(identity.getPrincipal());
const payee: PrincipalHex = principalToHex(createIdentity().getPrincipal());
let world: TestWorld;
let ledger: PrincipalHex;
let machine: MachineOnReplica;
let connection: Connection;
/** What happens while answers to updates are lost, from the first one on. */
let lose: { answers: number; meanwhile: () => Promise<unknown> } = { answers: 0, meanwhile: async () => {} };

beforeAll(async () => {
  // The client compares the time of certificates and answers with the clock.
  world = await createTestWorld({ virtualTime: false });
  const mine = { owner: identity.getPrincipal(), subaccount: [] as [] };
  const installed = await installLedger(world.replica, await buildLedger(), {
    initial_balances: [[mine, 1_000_000n]],
    transfer_fee: 0n,
  });
  ledger = parsePrincipal(installed.canister)!;
  machine = await createMachine(world, undefined, { ...init, operator: hexToPrincipal(self) });
  const { rootKey } = world.replica;
  const connected = await connect({ url: 'http://127.0.0.1', fetch: losing, rootKey, identity });
  if (!connected.ok) throw new Error(connected.error.message);
  connection = connected.value;
}, 300_000);
afterAll(() => world.close());

const losing: typeof fetch = async (input, request) => {
  const answer = await world.replica.fetch(input, request);
  const url = input instanceof Request ? input.url : String(input);
  if (!url.endsWith('/call') || lose.answers === 0) return answer;
  lose.answers--;
  const { meanwhile } = lose;
  lose.meanwhile = async () => {};
  await meanwhile();
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
};

/** More than the library sends of one request by itself, so that only another request of ours is answered. */
const oneRequest = 4;
const loseOneRequest = (meanwhile: () => Promise<unknown> = async () => {}) => {
  lose = { answers: oneRequest, meanwhile };
};

const lost = { ok: false, error: { kind: 'unknown', code: 'AnswerLost' } };

describe('a transfer whose answer is lost', () => {
  const paid = async () => {
    const balance = await bindLedger(connection, ledger).balanceOf(accountOf(payee));
    if (!balance.ok) throw new Error(balance.error.message);
    return balance.value;
  };
  const wanted = (createdNs: [] | [bigint]) => ({
    to: accountToCandid(accountOf(payee)),
    amount: 1_000n,
    fee: [] as [],
    memo: [] as [],
    from_subaccount: [] as [],
    created_at_time: createdNs,
  });

  it('is not sent again where it has no time of creation: the ledger would pay again', async () => {
    const before = await paid();
    loseOneRequest();
    const answer = await bindLedger(connection, ledger).methods.icrc1_transfer(wanted([]));
    expect(answer).toMatchObject(lost);
    expect(!answer.ok && answer.error.nextStep).toContain('Look whether it was before you do it again');
    expect(lose.answers).toBe(0);
    expect(await paid()).toBe(before + 1_000n);
  }, 60_000);

  it('is sent again where it has one, and pays once', async () => {
    const before = await paid();
    loseOneRequest();
    const createdNs = BigInt(Date.now()) * 1_000_000n;
    const answer = await bindLedger(connection, ledger).methods.icrc1_transfer(wanted([createdNs]));
    expect(answer).toMatchObject({ ok: true, value: { Err: { Duplicate: {} } } });
    expect(await paid()).toBe(before + 1_000n);
  }, 60_000);
});

it('a release whose answer is lost is not sent again: it would release a stop that nobody has looked at', async () => {
  const bound = bindMachine(connection, parsePrincipal(machine.canister)!);
  await machine.done(self, 'stop', { reason: 'the door is open' });
  loseOneRequest(() => machine.done(self, 'stop', { reason: 'a hand in the saw' }));
  expect(await bound.release_stop()).toMatchObject(lost);
  expect(await bound.stopped()).toMatchObject({ ok: true, value: [{ reason: 'a hand in the saw' }] });
}, 60_000);
