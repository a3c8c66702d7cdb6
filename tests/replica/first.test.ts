import { IDL } from '@dfinity/candid';
import { createReplica } from '@tamc/replica';
import { expect, it } from 'vitest';
import { createWith, decode, encode, reply } from '../harness/canisters.ts';
import { buildSample } from '../harness/sample.ts';

it('[toolchain.azle] runs an Azle canister', async () => {
  const wasm = await buildSample();
  const replica = await createReplica({ memory: true, virtualTime: true });
  const canister = await createWith(replica, wasm);
  const arg = encode([], []);
  const call = async (method: string) => decode([IDL.Nat], await reply(replica.call({ canister, method, arg })))[0];
  expect(await call('inc')).toBe(1n);
  expect(await call('inc')).toBe(2n);
  expect(decode([IDL.Nat], await reply(replica.query({ canister, method: 'incInQuery', arg })))[0]).toBe(3n);
  expect(decode([IDL.Nat], await reply(replica.query({ canister, method: 'count', arg })))[0]).toBe(2n);
  expect(await call('incBySelf')).toBe(4n);
  const fail = await replica.call({ canister, method: 'fail', arg: encode([IDL.Text], ['oops']) });
  expect(fail).toMatchObject({ kind: 'rejected', code: 5, errorCode: 'IC0503' });
  expect(fail.kind === 'rejected' && fail.message).toContain('oops');
  const fault = await replica.call({ canister, method: 'fault', arg });
  expect(fault).toMatchObject({ kind: 'rejected', code: 5 });
  await replica.close();
});
