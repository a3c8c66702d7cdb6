// After an upgrade that failed once it was prepared a machine works again at once: the registry takes back what it had it prepare.

import { Principal } from '@dfinity/principal';
import { parseHex } from '@tamc/base/bytes';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildMachineCopy } from '../journeys/machine-versions.ts';
import { birthOf, build, callerOf, createRegistryWorld, operator, type RegistryWorld, stranger } from './world.ts';

let world: RegistryWorld;
beforeAll(async () => {
  world = await createRegistryWorld();
  await world.addHomeLedger();
}, 60_000);
afterAll(() => world?.close());

it('a machine whose new code traps is not quiet any longer than until it is started again', async () => {
  const code = await build('canisters/machine');
  expect(await world.approve(code, '1')).toMatchObject({ Ok: {} });
  const order = { command_id: 'birth', module_hash: [code.hash], births: [birthOf()] };
  const { Ok } = (await world.update(operator, 'bear', order)) as { Ok: { first: number } };
  const birth = async () => ((await world.query('birth', Ok.first)) as [{ step: object; canister: [Principal] }])[0];
  await world.until('the birth', async () => 'born' in (await birth()).step);
  const [id] = (await birth()).canister;
  const machine = callerOf(world.world, id.toText(), code.candid);
  const trapping = await buildMachineCopy('0.4.0-trapping', [
    ['index.ts', /shell\.goOn\(noteUpgrade\);/, "shell.goOn(noteUpgrade);\n    trap('the migration does not work');"],
  ]);
  const hash = parseHex(trapping.hash)!;
  const next = { ...trapping, wasm: Uint8Array.from(trapping.bytes), layout: trapping.layout ?? '', hash };
  expect(await world.approve(next, '2')).toMatchObject({ Ok: { standing: { approved: null } } });

  expect(await machine.update(operator, 'approve_upgrade', { hash })).toEqual({ Ok: null });
  const asked = (await world.update(stranger, 'upgrade', { machine: id, module_hash: hash })) as { Ok: number };
  const status = async () =>
    ((await world.query('upgrade_status', asked.Ok)) as [{ outcome: object[]; code: string; problem: string }])[0];
  await world.until('the upgrade is over', async () => (await status()).outcome.length > 0, 800);
  expect(await status()).toMatchObject({ outcome: [{ failed: null }], code: 'NewCodeTrapped' });
  const isQuiet = async () => ((await machine.query('machine')) as { quiet: boolean }).quiet;
  // Far less than the ten minutes after which it would end by itself.
  await world.until('it works again', async () => !(await isQuiet()), 20);
  const payee = { owner: Principal.fromText(stranger), subaccount: [] };
  const [{ ledger }] = (await machine.query('balances')) as [{ ledger: Principal }];
  const payment = { command_id: 'p', ledger, to: payee, amount: 1n, purpose: 'spare parts' };
  expect(await machine.update(operator, 'pay', payment)).toMatchObject({ Err: { code: 'FundsMissing' } });
  // What the operator decided stays decided.
  expect(await machine.query('upgrade_decision')).toMatchObject({ module_hash: [hash] });
}, 300_000);
