// A network whose time is ahead of the machine's clock: it was turned by hand, or the clock was wrong for a while.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Actor, HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { createReplica } from '@tamc/replica';
import { expect, it } from 'vitest';
import { createWith } from '../harness/canisters.ts';
import { buildSample } from '../harness/sample.ts';
import { secondNs } from '../harness/world.ts';

it('[time.clock] goes on from where its time is, and clients with a clock of their own are served', async () => {
  const store = await mkdtemp(join(tmpdir(), 'tamc-clock-'));
  const turned = await createReplica({ store, virtualTime: true });
  const canisterId = await createWith(turned, await buildSample());
  turned.time.advanceNs(3_600n * secondNs);
  await turned.time.tick();
  const reachedNs = turned.time.nowNs();
  await turned.close();

  const replica = await createReplica({ store });
  expect(replica.time.nowNs()).toBeGreaterThanOrEqual(reachedNs);
  const agent = await HttpAgent.create({
    host: 'http://replica',
    fetch: replica.fetch,
    identity: Ed25519KeyIdentity.generate(),
    shouldFetchRootKey: true,
  });
  const service = IDL.Service({ count: IDL.Func([], [IDL.Nat], ['query']), inc: IDL.Func([], [IDL.Nat], []) });
  const sample = Actor.createActor(() => service, { agent, canisterId });
  expect(await sample.inc!()).toBe(1n);
  expect(await sample.count!()).toBe(1n);
  expect(replica.time.nowNs()).toBeGreaterThan(reachedNs);
  await replica.close();
  await rm(store, { recursive: true });
});
