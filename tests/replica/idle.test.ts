// A network that nobody called for a long time still works with clients that check how old a certificate is.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Actor, HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { createReplica } from '@tamc/replica';
import { afterAll, expect, it } from 'vitest';
import { createWith } from '../harness/canisters.ts';
import { buildSample } from '../harness/sample.ts';

const store = mkdtempSync(join(tmpdir(), 'tamc-idle-'));
afterAll(() => rmSync(store, { recursive: true }));

const dayNs = 86_400_000_000_000n;

it('[state.time] certificates of an idle network show the time at which they were asked for', async () => {
  const yesterday = await createReplica({ store, virtualTime: { startNs: BigInt(Date.now()) * 1_000_000n - dayNs } });
  const canister = await createWith(yesterday, await buildSample());
  await yesterday.close();

  const today = await createReplica({ store });
  const agent = await HttpAgent.create({
    host: 'http://127.0.0.1',
    fetch: today.fetch,
    rootKey: today.rootKey,
    shouldSyncTime: true,
  });
  const service = IDL.Service({ count: IDL.Func([], [IDL.Nat], ['query']), inc: IDL.Func([], [IDL.Nat], []) });
  const actor = Actor.createActor(() => service, { agent, canisterId: canister }) as Record<
    'count' | 'inc',
    () => Promise<bigint>
  >;
  expect(await actor.count()).toBe(0n);
  expect(await actor.inc()).toBe(1n);
  await today.close();
});
