// A machine that was born with one ledger and nobody to buy cycles from, on a real registry with real ledgers: it takes over what the
// registry has since, is paid on the new ledger, pays from it, and buys cycles at the desk.
import { Principal } from '@dfinity/principal';
import { DeskInitType } from '@tamc/protocol/simulated-desk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCanister, encode, install } from '../harness/canisters.ts';
import { secondNs } from '../harness/world.ts';
import { accountOf, buildLedger, installLedger, type Ledger, minter, person } from '../ledger/harness.ts';
import {
  birthOf,
  build,
  callerOf,
  createRegistryWorld,
  governor,
  operator,
  type RegistryWorld,
  stranger,
} from './world.ts';

const fee = 10n;
const shop = accountOf(person(7));
let world: RegistryWorld;
let machine: ReturnType<typeof callerOf>;
let id: Principal;
let home: Ledger;
let second: Ledger;
let desk: Principal;

const idOf = ({ canister }: Ledger) => Principal.fromText(canister);
const addLedger = (ledger: Ledger, symbol: string, isHome: boolean) =>
  world.update(governor, 'add_ledger', { id: idOf(ledger), symbol, decimals: 6, fee, home: isHome });
const take = (who = operator) => machine.update(who, 'take_money_terms');
const mint = async (ledger: Ledger, subaccount: [] | [Uint8Array] = []): Promise<bigint> => {
  const minted = await ledger.transfer(minter.owner, { to: { owner: id, subaccount }, amount: 1_000_000n });
  if ('Err' in minted) throw new Error('not minted');
  return minted.Ok;
};

beforeAll(async () => {
  world = await createRegistryWorld();
  const { replica } = world.world;
  const wasm = await buildLedger();
  home = await installLedger(replica, wasm, { transfer_fee: fee });
  second = await installLedger(replica, wasm, { transfer_fee: fee });
  await addLedger(home, 'USD', true);
  const code = await build('canisters/machine');
  expect(await world.approve(code, '1')).toMatchObject({ Ok: {} });
  const order = { command_id: 'birth', module_hash: [], births: [birthOf()] };
  const { Ok } = (await world.update(operator, 'bear', order)) as { Ok: { first: number } };
  const birth = async () => ((await world.query('birth', Ok.first)) as [{ step: object; canister: [Principal] }])[0];
  await world.until('the birth', async () => 'born' in (await birth()).step);
  [id] = (await birth()).canister;
  machine = callerOf(world.world, id.toText(), code.candid);
  desk = Principal.fromText(await createCanister(replica));
  const deskCode = await build('canisters/simulated-desk');
  const init = { ledger: idOf(home), cycles_per_unit: 1_000_000n };
  await install(replica, desk.toText(), deskCode.wasm, 'install', encode([DeskInitType], [init]));
}, 300_000);
afterAll(() => world?.close());

it('has no account on a ledger that came after its birth, until its operator lets it take over the terms', async () => {
  await addLedger(second, 'EUR', false);
  const compute = { simulated_desk: { desk } };
  const terms = { births_per_caller: 9, birth_cycles: 3_000_000_000_000n, compute };
  expect(await world.update(governor, 'set_birth_terms', terms)).toEqual({ Ok: null });
  const block = await mint(second);
  const announced = { ledger: idOf(second), block };
  expect(await machine.update(stranger, 'announce_receipt', announced)).toMatchObject({
    Err: { code: 'LedgerUnknown', next_step: expect.stringContaining('take over what its registry has added') },
  });
  expect(await take(stranger)).toMatchObject({ Err: { code: 'NotOperator' } });
  const source = { simulated_desk: { desk, ledger: idOf(home) } };
  expect(await take()).toEqual({ Ok: { ledgers: [idOf(second)], compute: source, left: [] } });
  expect(await take()).toEqual({ Ok: { ledgers: [], compute: source, left: [] } });
  expect(await machine.update(stranger, 'announce_receipt', announced)).toMatchObject({ Ok: { Booked: {} } });
});

it('pays from the new ledger', async () => {
  const payment = { command_id: 'p', ledger: idOf(second), to: shop, amount: 700n, purpose: 'spare parts' };
  expect(await machine.update(operator, 'pay', payment)).toMatchObject({ Ok: { Paid: { amount: 700n } } });
  expect(await second.balance(shop)).toBe(700n);
});

it('buys cycles at the desk from its reserve', async () => {
  const balances = (await machine.query('balances')) as {
    ledger: Principal;
    purse: object;
    account: { subaccount: [Uint8Array] };
  }[];
  const { account } = balances.find(({ ledger, purse }) => 'compute' in purse && ledger.toText() === home.canister)!;
  const block = await mint(home, account.subaccount);
  const announced = { ledger: idOf(home), block };
  expect(await machine.update(stranger, 'announce_receipt', announced)).toMatchObject({ Ok: { Booked: {} } });
  const terms = { target: 0n, low_cycles: 10n ** 15n, floor_cycles: 0n, top_up_amount: 500_000n };
  expect(await machine.update(operator, 'set_compute', terms)).toMatchObject({ Ok: {} });
  for (let i = 0; i < 3; i++) await world.pass(16n * secondNs, 15);
  const [topUp] = (await machine.query('top_ups', 0, 10)) as object[];
  expect(topUp).toMatchObject({ amount: 500_000n, status: { delivered: { cycles: 500_000_000_000n } } });
});

it('keeps a ledger that has retired, with the money on it', async () => {
  expect(await world.update(governor, 'retire_ledger', idOf(second))).toEqual({ Ok: null });
  expect(await take()).toMatchObject({ Ok: { ledgers: [], left: [] } });
  const payment = { command_id: 'q', ledger: idOf(second), to: shop, amount: 300n, purpose: 'spare parts' };
  expect(await machine.update(operator, 'pay', payment)).toMatchObject({ Ok: { Paid: {} } });
  expect(await second.balance(shop)).toBe(1_000n);
});
