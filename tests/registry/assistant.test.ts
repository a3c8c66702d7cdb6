// An assistant on a real network: it brings a machine to life for its owner, starts with the mandate that the owner said beforehand, asks
// for more, and loses everything when the operation is handed over, which the registry learns of.
import { Principal } from '@dfinity/principal';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  stranger as assistant,
  birthOf,
  build,
  callerOf,
  createRegistryWorld,
  homeLedger,
  operator as owner,
  type RegistryWorld,
  governor as successor,
} from './world.ts';

const dayNs = 86_400_000_000_000n;
let world: RegistryWorld;
let machine: ReturnType<typeof callerOf>;
let id: Principal;

const idOf = (text: string) => Principal.fromText(text);
const terms = (powers: readonly string[], amount: bigint) => ({
  label: 'assistant',
  ledger: homeLedger,
  amount_range: { min: 0n, max: amount },
  budget: { amount, period_ns: dayNs },
  agent_recurrence: 10,
  allowed_payees: { any: null },
  allowed_purposes: { any: null },
  not_before_ns: 0n,
  expires_ns: world.world.replica.time.nowNs() + 30n * dayNs,
  reserve_floor: 0n,
  ask_above: amount,
  powers,
});
const bear = (command_id: string) =>
  world.update(assistant, 'bear', {
    command_id,
    module_hash: [],
    births: [{ ...birthOf(), operator: [idOf(owner)] }],
  });
const machinesOf = async (who: string) =>
  ((await world.query('machines_of', idOf(who), 0, 10)) as { canister: Principal }[]).map(({ canister }) =>
    canister.toText(),
  );

beforeAll(async () => {
  world = await createRegistryWorld();
  await world.addHomeLedger();
  expect(await world.approve(await build('canisters/machine'), '1')).toMatchObject({ Ok: {} });
}, 240_000);
afterAll(() => world?.close());

it('bears for its owner only after the owner said so, and its machine starts with that mandate', async () => {
  expect(await bear('too early')).toMatchObject({ Err: { code: 'BirthForOther' } });
  const grant = { delegate: idOf(assistant), terms: terms(['tariff'], 20n) };
  expect(await world.update(owner, 'set_standing_mandate', grant)).toEqual({ Ok: null });
  expect(await world.query('standing_mandates', idOf(owner))).toMatchObject([{ terms: { label: 'assistant' } }]);
  const { Ok } = (await bear('for the owner')) as { Ok: { first: number } };
  const birth = async () => ((await world.query('birth', Ok.first)) as [{ step: object; canister: [Principal] }])[0];
  await world.until('the birth', async () => 'born' in (await birth()).step);
  id = (await birth()).canister[0];
  machine = callerOf(world.world, id.toText(), (await build('canisters/machine')).candid);
  const mandates = (await machine.query('mandates')) as { delegate: Principal; terms: object; is_live: boolean }[];
  expect(mandates).toMatchObject([
    { mandate: 1, is_live: true, terms: { powers: ['tariff'], budget: { amount: 20n } } },
  ]);
  expect(mandates[0]!.delegate.toText()).toBe(assistant);
  expect(await machinesOf(owner)).toEqual([id.toText()]);
}, 240_000);

it('asks for more, and has it when the owner approves exactly that', async () => {
  const wanted = { grant_mandate: { delegate: idOf(assistant), terms: terms(['tariff', 'command'], 50n) } };
  const ask = { command_id: 'more', act: wanted, reason: 'to start the washer' };
  const asked = (await machine.update(assistant, 'ask', ask)) as { Ok: { request: number; payload_hash: Uint8Array } };
  expect(await machine.update(assistant, 'ask', ask)).toEqual(asked);
  expect(asked).toMatchObject({ Ok: { mandate: 1, reason: 'to start the washer', status: { open: null } } });
  const { request, payload_hash } = asked.Ok;
  const approval = { request, payload_hash };
  expect(await machine.update(assistant, 'approve', approval)).toMatchObject({ Err: { code: 'NotOperator' } });
  const wrong = { request, payload_hash: new Uint8Array(32) };
  expect(await machine.update(owner, 'approve', wrong)).toMatchObject({ Err: { code: 'PayloadDiffers' } });
  expect(await machine.update(owner, 'approve', approval)).toMatchObject({ Ok: { Granted: { mandate: 2 } } });
  expect(await machine.query('request', request)).toMatchObject([
    { status: { approved: { mandate: [2], transfer: [] } } },
  ]);
}, 240_000);

it('stops it at once, and asks for its release', async () => {
  expect(await machine.update(assistant, 'stop', { reason: 'smoke' })).toEqual({ Ok: null });
  const ask = { command_id: 'release', act: { release_stop: null }, reason: 'it was steam' };
  const asked = (await machine.update(assistant, 'ask', ask)) as { Ok: { request: number; payload_hash: Uint8Array } };
  expect(await machine.query('stopped')).toMatchObject([{ reason: 'smoke' }]);
  const { request, payload_hash } = asked.Ok;
  expect(await machine.update(owner, 'approve', { request, payload_hash })).toEqual({ Ok: { Released: null } });
  expect(await machine.query('stopped')).toEqual([]);
}, 240_000);

it('has nothing left after a hand-over, of which the registry is told', async () => {
  const more = { grant_mandate: { delegate: idOf(assistant), terms: terms([], 1n) } };
  await machine.update(assistant, 'ask', { command_id: 'last', act: more, reason: 'less is enough' });
  expect(await machine.query('requests')).toHaveLength(1);
  await machine.update(owner, 'offer_operation', { to: [idOf(successor)] });
  expect(await machine.update(successor, 'accept_operation')).toEqual({ Ok: null });
  await world.until('the registry knows', async () => (await machinesOf(successor)).includes(id.toText()));
  expect(await machinesOf(owner)).toEqual([]);
  expect(await machine.query('requests')).toHaveLength(0);
  expect(await machine.query('mandates')).toEqual([]);
  expect(await machine.query('open_calls')).toEqual([]);
  const ask = { command_id: 'again', act: more, reason: 'please' };
  expect(await machine.update(assistant, 'ask', ask)).toMatchObject({ Err: { code: 'NotDelegate' } });
  const change = { operator: idOf(assistant), handover: 7 };
  expect(await world.update(assistant, 'operator_changed', change)).toMatchObject({ Err: { code: 'NotAMachine' } });
}, 240_000);
