// What is asked of a replica that is closed, or closing, gets one and the same answer.
import { IDL } from '@dfinity/candid';
import { createReplica, type Replica } from '@tamc/replica';
import { expect, it } from 'vitest';

const emptyRecord = new Uint8Array(IDL.encode([IDL.Record({})], [{}]));
const call = { canister: 'aaaaa-aa', method: 'raw_rand' };
const asked: readonly (readonly [what: string, ask: (replica: Replica) => unknown])[] = [
  ['call', (replica) => replica.call(call)],
  ['query', (replica) => replica.query(call)],
  ['fetch', (replica) => replica.fetch('http://replica/api/v2/status')],
  ['listen', (replica) => replica.listen()],
  ['durable', (replica) => replica.durable()],
  ['stateHash', (replica) => replica.stateHash()],
  ['round', (replica) => replica.round()],
  ['time.nowNs', (replica) => replica.time.nowNs()],
  ['time.setNs', (replica) => replica.time.setNs(2n ** 62n)],
  ['time.advanceNs', (replica) => replica.time.advanceNs(1n)],
  ['time.tick', (replica) => replica.time.tick()],
  ['time.autoProgress', (replica) => replica.time.autoProgress()],
];

const closed = {
  name: 'ReplicaError',
  kind: 'input',
  code: 'closed',
  message: expect.stringMatching(/^The replica is closed\. Make another one with createReplica/),
};

it.each(asked)('%s is refused after closing, and while it closes [durable.closed]', async (_, ask) => {
  const replica = await createReplica({ memory: true, virtualTime: true });
  const isClosed = replica.close();
  await expect((async () => ask(replica))()).rejects.toMatchObject(closed);
  await isClosed;
  await expect((async () => ask(replica))()).rejects.toMatchObject(closed);
});

it('a call that waits when the replica is closed is told the same [durable.closed]', async () => {
  const replica = await createReplica({ memory: true, virtualTime: true });
  const create = { canister: 'aaaaa-aa', method: 'provisional_create_canister_with_cycles', arg: emptyRecord };
  const answer = replica.call(create).catch((error: unknown) => error);
  await replica.close();
  expect(await answer).toMatchObject(closed);
});

it('closing twice, and stopping what follows the clock, does no harm [durable.closed]', async () => {
  const replica = await createReplica({ memory: true, virtualTime: true });
  await Promise.all([replica.close(), replica.close()]);
  await replica.close();
  expect(() => replica.time.stopProgress()).not.toThrow();
});
