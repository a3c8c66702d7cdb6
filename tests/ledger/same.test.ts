// The same random lives on the pure rules in Node and on the Wasm: the same answers, and the same bytes in the state.
import { Principal } from '@dfinity/principal';
import { bytesToHex } from '@tamc/base/bytes';
import type { GivenAccount } from '@tamc/shared/icrc/account';
import { applyDecided } from '@tamc/shared/icrc/apply';
import { begin } from '@tamc/shared/icrc/begin';
import { anyHistory } from '@tamc/shared/icrc/histories';
import { decide } from '@tamc/shared/icrc/rules';
import { tokenTables } from '@tamc/shared/icrc/tables';
import { alice, fee, minter, settings } from '@tamc/shared/icrc/token-for-tests';
import type { Transaction } from '@tamc/shared/icrc/transaction';
import { createMemoryStore, defineTables, stateHash } from '@tamc/shared/tables/index';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestWorld, type TestWorld } from '../harness/world.ts';
import { buildLedger, installLedger, type Ledger } from './harness.ts';

let world: TestWorld;
let wasm: Uint8Array;
beforeAll(async () => {
  world = await createTestWorld();
  wasm = await buildLedger();
});
afterAll(() => world.close());

const opt = <T>(value: T | null): [] | [T] => (value === null ? [] : [value]);
const toCandid = ({ owner, subaccount }: GivenAccount) => ({
  owner: Principal.fromUint8Array(owner),
  subaccount: opt(subaccount),
});

function send(ledger: Ledger, transaction: Transaction) {
  const { amount, fee: given, memo, createdAtNs, from } = transaction;
  const asked = { amount, fee: opt(given), memo: opt(memo), created_at_time: opt(createdAtNs) };
  const owner = Principal.fromUint8Array(from.owner);
  if (transaction.kind === 'approve') {
    const { expectedAllowance, expiresAtNs } = transaction;
    const terms = { expected_allowance: opt(expectedAllowance), expires_at: opt(expiresAtNs) };
    const spender = toCandid(transaction.spender);
    return ledger.approve(owner, { ...asked, ...terms, from_subaccount: opt(from.subaccount), spender });
  }
  const { spender, to } = transaction;
  if (spender === null)
    return ledger.transfer(owner, { ...asked, from_subaccount: opt(from.subaccount), to: toCandid(to) });
  const parties = { from: toCandid(from), to: toCandid(to) };
  const caller = Principal.fromUint8Array(spender.owner);
  return ledger.transferFrom(caller, { ...asked, ...parties, spender_subaccount: opt(spender.subaccount) });
}

it('[ledger.same] answers and keeps the same in Wasm as in Node, over random lives', async () => {
  const definitions = defineTables(tokenTables);
  await fc.assert(
    fc.asyncProperty(anyHistory(40), async (steps) => {
      const ledger = await installLedger(world.replica, wasm, {
        initial_balances: [[toCandid(alice), 100n * fee]],
        minting_account: toCandid(minter),
      });
      const store = createMemoryStore();
      const tables = definitions.open(store);
      expect(begin(tables, { settings, balances: [[alice, 100n * fee]] }, world.replica.time.nowNs())).toBeNull();
      let lastNs = steps[0]!.nowNs;
      for (const { transaction: dated, nowNs } of steps) {
        world.replica.time.advanceNs(nowNs - lastNs);
        lastNs = nowNs;
        const transaction = shifted(dated, world.replica.time.nowNs() - nowNs);
        const answer = await send(ledger, transaction);
        const decided = decide(tables, settings, transaction, world.replica.time.nowNs());
        const expected = decided.ok
          ? { Ok: BigInt(applyDecided(tables, settings, decided.value, world.replica.time.nowNs())) }
          : { Err: decided.error };
        expect(answer).toEqual(expected);
      }
      expect(bytesToHex(Uint8Array.from(await ledger.stateHash()))).toBe(bytesToHex(stateHash(store)));
    }),
    { numRuns: 12 },
  );
});

const hourNs = 3_600_000_000_000n;

/** The replica's clock runs on from life to life: times in a life count from its beginning, in whole hours. */
function shifted(transaction: Transaction, byNs: bigint): Transaction {
  const whole = (byNs / hourNs) * hourNs;
  const move = (timeNs: bigint | null) => (timeNs === null ? null : timeNs + whole);
  const createdAtNs = move(transaction.createdAtNs);
  if (transaction.kind === 'transfer') return { ...transaction, createdAtNs };
  return { ...transaction, createdAtNs, expiresAtNs: move(transaction.expiresAtNs) };
}
