// A machine buys cycles from a canister with the interface of the cycles minting canister of the main network.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { accountToCandid } from '@tamc/protocol/account';
import { principalToHex } from '@tamc/protocol/principal';
import { purseToAccount } from '@tamc/protocol/purse';
import { expect, it } from 'vitest';
import { init, operator, stranger } from '../../canisters/machine/test-machine.ts';
import { createCanister, encode, install } from '../harness/canisters.ts';
import { createTestWorld, secondNs } from '../harness/world.ts';
import { buildLedger, installLedger, minter } from '../ledger/harness.ts';
import { buildMachine, createMachine } from './machine-world.ts';

it('a machine pays the minting canister, tells the block, and has its cycles once', async () => {
  const world = await createTestWorld();
  const ledger = await installLedger(world.replica, await buildLedger(), { transfer_fee: 10n });
  const icp = Principal.fromText(ledger.canister);
  const cmc = await createCanister(world.replica);
  const { wasm } = await buildMachine('tests/canisters/minting-canister');
  await install(world.replica, cmc, wasm, 'install', encode([IDL.Principal], [icp]));
  const machine = await createMachine(world, undefined, {
    ...init,
    ledgers: [{ id: icp, symbol: 'ICP', decimals: 8, fee: 10n }],
    home_ledger: icp,
    compute: { minting_canister: { cmc: Principal.fromText(cmc), icp_ledger: icp } },
  });
  const self = principalToHex(Principal.fromText(machine.canister));
  const to = accountToCandid(purseToAccount(self, 'compute')) as never;
  const funded = await ledger.transfer(minter.owner, { to, amount: 1_000n });
  await machine.done(stranger, 'announce_receipt', { ledger: icp, block: 'Ok' in funded ? funded.Ok : 0n });
  const terms = { target: 0n, low_cycles: 1_000_000_000_000_000n, floor_cycles: 0n, top_up_amount: 600n };
  await machine.done(operator, 'set_compute', terms);
  for (let i = 0; i < 3; i++) await world.pass(16n * secondNs, 15);
  const topUps = await machine.query('top_ups', 0, 10);
  expect(topUps).toMatchObject([{ amount: 600n, status: { delivered: { cycles: 600_000_000n } } }]);
  const { reserve_booked } = await machine.query('compute');
  expect(reserve_booked).toBe(390n);
  expect(await ledger.balance(to)).toBe(390n);
  await world.close();
});
