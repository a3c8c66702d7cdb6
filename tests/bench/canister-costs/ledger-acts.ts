// The ledger's typical calls, with a thousand blocks in it.
import { IDL } from '@dfinity/candid';
import { AccountType } from '@tamc/protocol/account';
import { decode, encode, reply } from '../../harness/canisters.ts';
import { createTestWorld } from '../../harness/world.ts';
import { accountOf, buildLedger, fee, installLedger, minter, person } from '../../ledger/harness.ts';
import { createMeter } from './meter.ts';
import type { Measured } from './page.ts';

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
  const ask = (method: string, types: IDL.Type[], values: unknown[], result: IDL.Type) => async () =>
    decode([result], await reply(replica.call({ canister: ledger.canister, method, arg: encode(types, values) })));
  await measure('icrc1_balance_of (query)', ask('icrc1_balance_of', [AccountType], [accountOf(ann)], IDL.Nat));
  await measure('icrc1_fee (query)', ask('icrc1_fee', [], [], IDL.Nat));
  const range = IDL.Vec(IDL.Record({ start: IDL.Nat, length: IDL.Nat }));
  const ten = [{ start: 0n, length: 10n }];
  await measure('icrc3_get_blocks (query), 10 blocks', ask('icrc3_get_blocks', [range], [ten], IDL.Reserved));
  await close();
  return { canister: 'ledger', memory, wasm, costs: meter.costs };
}
