// The ledger's typical calls, with a thousand blocks in it.
import type { Principal } from '@dfinity/principal';
import { TransferArgType } from '@tamc/protocol/icrc-types';
import { buildCanister } from '@tamc/stack';
import { parseDid } from '../../../stack/src/candid/parse-did.ts';
import { encode } from '../../harness/canisters.ts';
import { createTestWorld } from '../../harness/world.ts';
import { accountOf, buildLedger, fee, installLedger, minter, person } from '../../ledger/harness.ts';
import { createMeter } from './meter.ts';
import type { Measured } from './page.ts';
import { type Asked, measureQueries } from './queries.ts';

export async function measureLedger(): Promise<Measured> {
  const { replica, close } = await createTestWorld();
  const wasm = await buildLedger();
  const ledger = await installLedger(replica, wasm);
  const meter = createMeter(replica, ledger.canister);
  const memory = await meter.memory(wasm);
  const [ann, ben, cem] = [person(1), person(2), person(3)];
  const transfer = { to: accountOf(ben), amount: 1_000n };
  const spender = accountOf(cem);
  for (let i = 0; i < 50; i++) await ledger.transfer(minter.owner, { to: accountOf(person(i + 1)), amount: 10n ** 9n });
  await ledger.transfer(ann, transfer);
  await ledger.approve(ann, { spender, amount: 10n ** 6n });
  const { measure } = meter;
  await measure('icrc1_transfer', () => ledger.transfer(ann, transfer));
  const dated = { ...transfer, created_at_time: [replica.time.nowNs()], memo: [new Uint8Array(32)] };
  await measure('icrc1_transfer, with time and memo', () => ledger.transfer(ann, dated));
  await measure('icrc1_transfer, repeated', () => ledger.transfer(ann, dated));
  await measure('icrc1_transfer, minting', () => ledger.transfer(minter.owner, transfer));
  await measure('icrc1_transfer, burning', () => ledger.transfer(ann, { to: minter, amount: fee }));
  await measure('icrc1_transfer, refused', () => ledger.transfer(person(999), transfer));
  await measure('icrc2_approve', () => ledger.approve(ann, { spender, amount: 10n ** 6n }));
  await measure('icrc2_transfer_from', () =>
    ledger.transferFrom(cem, { from: accountOf(ann), to: accountOf(ben), amount: 1n }),
  );
  const built = await buildCanister('canisters/ledger');
  if (!built.ok) throw new Error('the ledger does not build');
  const methods = parseDid(built.value.candid);
  if (!methods.ok) throw new Error(methods.error);
  const target = { replica, canister: ledger.canister, methods: methods.value };
  await measureQueries(target, meter, askedOf(ann, cem));
  await close();
  return { canister: 'ledger', memory, wasm, costs: meter.costs };
}

function askedOf(ann: Principal, cem: Principal): readonly Asked[] {
  const account = accountOf(ann);
  const transfer = { to: accountOf(cem), amount: 1_000n, fee: [], memo: [], created_at_time: [], from_subaccount: [] };
  const consent = {
    method: 'icrc1_transfer',
    arg: encode([TransferArgType], [transfer]),
    user_preferences: { metadata: { language: 'en', utc_offset_minutes: [] }, device_spec: [] },
  };
  return [
    { method: 'icrc1_balance_of', values: [account] },
    ...['fee', 'name', 'symbol', 'decimals', 'metadata', 'minting_account', 'total_supply', 'supported_standards'].map(
      (name) => ({ method: `icrc1_${name}` }),
    ),
    { method: 'icrc2_allowance', values: [{ account, spender: accountOf(cem) }] },
    { method: 'icrc3_get_blocks', values: [[{ start: 0n, length: 10n }]], about: '10 blocks' },
    { method: 'icrc3_get_archives', values: [{ from: [] }] },
    { method: 'icrc3_get_tip_certificate' },
    { method: 'icrc3_supported_block_types' },
    { method: 'icrc10_supported_standards' },
    { method: 'icrc21_canister_call_consent_message', values: [consent], about: 'of a transfer' },
    { method: 'account_history', values: [{ account, start: [], limit: 10 }], about: '10 blocks' },
    {
      method: 'get_account_transactions',
      values: [{ account, start: [], max_results: 10n }],
      about: '10 transactions',
    },
  ];
}
