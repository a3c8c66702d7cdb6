// The life of an update request as users see it (specification, "Canister calling" and "Request status").
import { requestIdOf } from '@icp-sdk/core/agent';
import { Principal } from '@icp-sdk/core/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileWat, createWith } from '../harness/canisters.ts';
import { createTreeReader, type Tree, type TreeReader, toNat, toText } from '../harness/state-tree.ts';

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
