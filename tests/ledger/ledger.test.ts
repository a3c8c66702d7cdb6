// The ledger's Wasm on the replica: what crosses from Candid through rules to state and certificate.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestWorld, type TestWorld } from '../harness/world.ts';
import { accountOf, buildLedger, fee, installLedger, type Ledger, minter, person } from './harness.ts';

let world: TestWorld;
let wasm: Uint8Array;
beforeAll(async () => {
  world = await createTestWorld();
  wasm = await buildLedger();
});
afterAll(() => world.close());

const alice = person(1);
const bob = person(2);

describe('a ledger', () => {
  it('[icrc1.transfer] moves money', async () => {
    const ledger: Ledger = await installLedger(world.replica, wasm, {
      initial_balances: [[accountOf(alice), 100_000_000n]],
    });
    expect(await ledger.transfer(alice, { to: accountOf(bob), amount: 10_000n })).toEqual({ Ok: 1n });
    expect(await ledger.balance(accountOf(bob))).toBe(10_000n);
    expect(await ledger.balance(accountOf(alice))).toBe(100_000_000n - 10_000n - fee);
    expect(await ledger.transfer(minter.owner, { to: accountOf(bob), amount: 1n })).toEqual({ Ok: 2n });
    await world.replica.time.tick(1);
  });
});
