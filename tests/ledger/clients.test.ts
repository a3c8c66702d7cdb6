// Unmodified public clients of ICRC ledgers against ours, over HTTP requests that they sign themselves.
import { AnonymousIdentity, HttpAgent } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { IcrcIndexNgCanister, IcrcLedgerCanister, IcrcTransferError, mapTokenMetadata } from '@dfinity/ledger-icrc';
import { Principal } from '@dfinity/principal';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestWorld, type TestWorld } from '../harness/world.ts';
import { accountOf, buildLedger, fee, installLedger, minter } from './harness.ts';

let world: TestWorld;
let canister: string;
const alice = Ed25519KeyIdentity.generate();
const bob = Ed25519KeyIdentity.generate();
const [aliceId, bobId] = [alice.getPrincipal(), bob.getPrincipal()];

beforeAll(async () => {
  world = await createTestWorld({ virtualTime: true });
  const wasm = await buildLedger();
  ({ canister } = await installLedger(world.replica, wasm, {
    initial_balances: [[accountOf(aliceId), 100_000_000n]],
  }));
});
afterAll(() => world.close());

async function ledgerOf(identity: Ed25519KeyIdentity | AnonymousIdentity) {
  const agent = await agentOf(identity);
  return IcrcLedgerCanister.create({ agent, canisterId: Principal.fromText(canister) });
}

function agentOf(identity: Ed25519KeyIdentity | AnonymousIdentity): Promise<HttpAgent> {
  const { replica } = world;
  const fetch = (url: unknown, init?: unknown) => replica.fetch(String(url), init as never);
  return HttpAgent.create({ host: 'http://127.0.0.1', fetch: fetch as never, rootKey: replica.rootKey, identity });
}

it('[clients.ledger-icrc] reads metadata, standards and balances, with certified answers where it asks for them', async () => {
  const ledger = await ledgerOf(new AnonymousIdentity());
  expect(mapTokenMetadata(await ledger.metadata({ certified: true }))).toMatchObject({
    name: 'Test Token',
    symbol: 'XTKN',
    fee,
    decimals: 8,
  });
  expect(await ledger.transactionFee({ certified: false })).toBe(fee);
  expect(await ledger.balance({ owner: aliceId, certified: true })).toBe(100_000_000n);
  expect(await ledger.totalTokensSupply({})).toBe(100_000_000n);
  const names = (await ledger.icrc10SupportedStandards({})).map(({ name }) => name);
  expect(names).toEqual(['ICRC-1', 'ICRC-2', 'ICRC-3', 'ICRC-10', 'ICRC-21']);
  expect(JSON.stringify(await ledger.getMintingAccount({}))).toContain(minter.owner.toText());
});

it('[clients.ledger-icrc] transfers, approves, spends, and understands what is refused', async () => {
  const [asAlice, asBob] = [await ledgerOf(alice), await ledgerOf(bob)];
  const to = { owner: bobId, subaccount: [] as [] };
  expect(await asAlice.transfer({ to, amount: 10_000n, created_at_time: nowNs() })).toBe(1n);
  const broke = asBob.transfer({ to: { owner: aliceId, subaccount: [] }, amount: 10_000n });
  await expect(broke).rejects.toBeInstanceOf(IcrcTransferError);
  await expect(broke).rejects.toMatchObject({ errorType: { InsufficientFunds: { balance: 10_000n } } });
  expect(await asAlice.approve({ spender: to, amount: 50_000n })).toBe(2n);
  const allowance = () => asAlice.allowance({ account: { owner: aliceId, subaccount: [] }, spender: to });
  expect((await allowance()).allowance).toBe(50_000n);
  const from = { owner: aliceId, subaccount: [] as [] };
  expect(await asBob.transferFrom({ from, to, amount: 20_000n })).toBe(3n);
  expect(await asBob.balance({ owner: bobId })).toBe(30_000n);
  expect((await allowance()).allowance).toBe(20_000n);
});

it('[clients.ledger-icrc] reads blocks, consent messages, and the index of an account', async () => {
  const ledger = await ledgerOf(alice);
  const { log_length, blocks } = await ledger.getBlocks({ args: [{ start: 0n, length: 10n }] });
  expect([log_length, blocks.length]).toEqual([4n, 4]);
  const arg = new Uint8Array(0);
  const asked = { method: 'icrc1_transfer', arg, userPreferences: { metadata: { language: 'en' } } };
  await expect(ledger.consentMessage(asked)).rejects.toThrow(/not that of icrc1_transfer/);
  const index = IcrcIndexNgCanister.create({ agent: await agentOf(alice), canisterId: Principal.fromText(canister) });
  const { transactions, balance } = await index.getTransactions({
    account: { owner: bobId },
    max_results: 10n,
  });
  expect([balance, transactions.map(({ id }) => id)]).toEqual([30_000n, [3n, 1n]]);
});

function nowNs(): bigint {
  return world.replica.time.nowNs();
}
