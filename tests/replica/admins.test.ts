// A subnet with admins: who they are is given when the network is made, and what they may do is in its store.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { afterEach, expect, it } from 'vitest';
import { canisterArgument, createCanister, decode, encode, reply } from '../harness/canisters.ts';

const [admin, other, stranger] = [7, 8, 9].map((byte) =>
  Principal.selfAuthenticating(new Uint8Array(44).fill(byte)).toText(),
) as [string, string, string];
const ranges = IDL.Record({ canisters: IDL.Vec(IDL.Record({ start: IDL.Principal, end: IDL.Principal })) });

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const call = (replica: Replica, sender: string, method: string, arg: Uint8Array) =>
  replica.call({ canister: 'aaaaa-aa', method, arg, sender });

async function listed(replica: Replica, sender: string): Promise<string[]> {
  const arg = encode([], []);
  const data = await reply(replica.query({ canister: 'aaaaa-aa', method: 'list_canisters', arg, sender }));
  const [{ canisters }] = decode([ranges], data) as [{ canisters: { start: Principal; end: Principal }[] }];
  return canisters.flatMap(({ start, end }) => [start.toText(), end.toText()]);
}

it('admins create canisters without cycles, and stop and delete those of others; nobody else may [management.subnet_admins]', async () => {
  const replica = await createReplica({ memory: true, costSchedule: 'free', subnetAdmins: [admin, other] });
  const empty = encode([IDL.Record({})], [{}]);
  const refused = await call(replica, stranger, 'create_canister', empty);
  expect(refused).toMatchObject({ kind: 'rejected', errorCode: 'IC0406' });
  await reply(call(replica, admin, 'create_canister', empty));
  const theirs = await createCanister(replica);
  expect(await listed(replica, other)).toEqual(['bkyz2-fmaaa-aaaaa-qaaaq-cai', theirs]);
  await expect(listed(replica, stranger)).rejects.toThrow('only subnet admins');
  const arg = canisterArgument(theirs);
  expect(await call(replica, stranger, 'stop_canister', arg)).toMatchObject({ errorCode: 'IC0512' });
  for (const method of ['canister_status', 'stop_canister', 'delete_canister']) {
    await reply(call(replica, admin, method, arg));
  }
  expect(await listed(replica, admin)).toEqual(['bkyz2-fmaaa-aaaaa-qaaaq-cai', 'bkyz2-fmaaa-aaaaa-qaaaq-cai']);
  await replica.close();
});

it('a store keeps its admins; without the option there are none [management.subnet_admins] [durable.genesis]', async () => {
  const store = mkdtempSync(join(tmpdir(), 'tamc-admins-'));
  folders.push(store);
  await (await createReplica({ store, subnetAdmins: [other, admin] })).close();
  const again = await createReplica({ store, subnetAdmins: [admin, other] });
  expect(await listed(again, admin)).toEqual([]);
  await again.close();
  await expect(createReplica({ store, subnetAdmins: [] })).rejects.toThrow('made with another subnetAdmins');
  const plain = await createReplica({ memory: true });
  await expect(listed(plain, admin)).rejects.toThrow('only subnet admins');
  await plain.close();
});
