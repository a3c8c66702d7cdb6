// The life of an update request as users see it (specification, "Canister calling" and "Request status").
import { HttpAgent, requestIdOf } from '@icp-sdk/core/agent';
import { Principal } from '@icp-sdk/core/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileWat, createCanister, createWith, manage, updateSettings } from '../harness/canisters.ts';
import { createTreeReader, type Tree, type TreeReader, toNat, toText } from '../harness/state-tree.ts';
import { createHolder, worldOf } from '../harness/world.ts';

const wat = `(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reject" (func $reject (param i32 i32)))
  (memory 1)
  (data (i32.const 8) "no")
  (func (export "canister_update count")
    (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))
    (call $append (i32.const 0) (i32.const 1))
    (call $reply))
  (func (export "canister_query look") (call $append (i32.const 0) (i32.const 1)) (call $reply))
  (func (export "canister_update refuse") (call $reject (i32.const 8) (i32.const 2)))
  (func (export "canister_update fail") unreachable))`;

const minuteNs = 60_000_000_000n;
let replica: Replica;
let tree: TreeReader;
let canister: string;

beforeAll(async () => {
  replica = await createReplica({ memory: true, virtualTime: true });
  tree = await createTreeReader(replica);
  canister = await createWith(replica, await compileWat(wat));
});
afterAll(() => replica.close());

const fields = ['status', 'reply', 'reject_code', 'reject_message', 'error_code'] as const;

/** Calls and then reads the status of the call from the state tree. */
async function callAndRead(methodName: string) {
  const { requestId } = await tree.agent.call(canister, { methodName, arg: new Uint8Array() });
  return { requestId, ...read(await tree.read(canister, ['request_status', requestId]), requestId) };
}

function read(at: Tree, requestId: Uint8Array) {
  const [status, reply, code, message, error] = fields.map((field) => at('request_status', requestId, field));
  const data = reply == null ? null : [...reply];
  return {
    status: toText(status!),
    reply: data,
    code: code == null ? null : toNat(code),
    message: toText(message!),
    error: toText(error!),
  };
}

it('a replied request has its reply and nothing of a rejection [request.replied]', async () => {
  const { requestId: _, ...shown } = await callAndRead('count');
  expect(shown).toEqual({ status: 'replied', reply: [1], code: null, message: null, error: null });
});

it('a rejected request has code, message and error code, and no reply [request.rejected]', async () => {
  const refused = await callAndRead('refuse');
  expect(refused).toMatchObject({ status: 'rejected', reply: null, code: 4n, message: 'no', error: 'IC0406' });
  const failed = await callAndRead('fail');
  expect(failed).toMatchObject({ status: 'rejected', reply: null, code: 5n, error: 'IC0502' });
});

it('a request that has begun and waits for others is being processed [request.processing]', async () => {
  const world = worldOf(replica);
  const holder = await createHolder(world);
  const { requestId } = await tree.agent.call(holder.canister, {
    methodName: 'update',
    arg: holder.hold,
    callSync: false,
  });
  const status = async () => read(await tree.read(holder.canister, ['request_status', requestId]), requestId).status;
  await world.pass(1n);
  expect(await status()).toBe('processing');
  await holder.release();
  expect(await status()).toBe('replied');
});

it('a request that is sent again is answered and not executed again [request.replay]', async () => {
  const look = async () => {
    const answer = await replica.query({ canister, method: 'look' });
    return answer.kind === 'replied' ? answer.data[0]! : null;
  };
  const before = (await look())!;
  const sent: [string, RequestInit][] = [];
  const recording: typeof fetch = (input, init) => {
    sent.push([String(input), init!]);
    return replica.fetch(input, init);
  };
  const agent = await HttpAgent.create({ host: 'http://replica', fetch: recording, rootKey: replica.rootKey });
  await agent.call(canister, { methodName: 'count', arg: new Uint8Array() });
  expect(await look()).toBe(before + 1);
  const [url, init] = sent.find(([address]) => address.endsWith('/call'))!;
  for (let i = 0; i < 3; i++) expect((await replica.fetch(url, init)).status).toBe(200);
  expect(await look()).toBe(before + 1);
});

it('a node takes no call in for a canister that is missing, empty, stopped or frozen [request.refused]', async () => {
  const wasm = await compileWat(wat);
  const [empty, stopped, frozen] = [
    await createCanister(replica),
    await createWith(replica, wasm),
    await createWith(replica, wasm),
  ];
  await manage(replica, 'stop_canister', stopped);
  await updateSettings(replica, frozen, { freezing_threshold: 2n ** 63n });
  const refusal = async (target: string) => {
    const { response } = await tree.agent.call(target, { methodName: 'count', arg: new Uint8Array() });
    const body = response.body as { status?: string; reject_code: number; error_code: string } | null;
    return [response.status, body?.status, Number(body?.reject_code), body?.error_code];
  };
  expect(await refusal('rwlgt-iiaaa-aaaaa-aaaaa-cai')).toEqual([200, 'non_replicated_rejection', 3, 'IC0301']);
  expect(await refusal(empty)).toEqual([200, 'non_replicated_rejection', 5, 'IC0537']);
  expect(await refusal(stopped)).toEqual([200, 'non_replicated_rejection', 5, 'IC0508']);
  expect(await refusal(frozen)).toEqual([200, 'non_replicated_rejection', 2, 'IC0207']);
});

it('queries reach query methods only, calls reach update and query methods [request.methods]', async () => {
  expect(await replica.query({ canister, method: 'look' })).toMatchObject({ kind: 'replied' });
  expect(await replica.query({ canister, method: 'count' })).toMatchObject({ code: 5, errorCode: 'IC0536' });
  expect(await replica.call({ canister, method: 'look' })).toMatchObject({ kind: 'replied' });
  expect(await replica.call({ canister, method: 'nothing' })).toMatchObject({ code: 5, errorCode: 'IC0536' });
});

it('a request that was never made has no status, provably [request.unknown]', async () => {
  const unknown = requestIdOf({ sender: Principal.anonymous().toUint8Array() });
  const at = await tree.read(canister, ['request_status', unknown]);
  expect(read(at, unknown).status).toBeNull();
});

it('an answer can be read for five minutes, and is forgotten only after the request has expired [request.forgotten]', async () => {
  const { requestId } = await callAndRead('count');
  const statusAfter = async (minutes: bigint) => {
    replica.time.advanceNs(minutes * minuteNs);
    await replica.time.tick();
    return read(await tree.read(canister, ['request_status', requestId]), requestId).status;
  };
  expect(await statusAfter(4n)).toBe('replied');
  expect(await statusAfter(6n)).toBeNull();
});
