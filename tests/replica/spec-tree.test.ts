// The system state tree of a running replica, read and checked by the public client (specification, "The system state
// tree"): what is there, in which encoding, and what is provably not there.
import { createHash } from 'node:crypto';
import { Cbor } from '@icp-sdk/core/agent';
import { Principal } from '@icp-sdk/core/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileWat, createCanister, createWith, install, manage, tryInstall } from '../harness/canisters.ts';
import { withCustomSection } from '../harness/custom-section.ts';
import {
  createTreeReader,
  type Label,
  openCertificate,
  type TreeReader,
  toNat,
  toText,
} from '../harness/state-tree.ts';

const wat = `(module
  (import "ic0" "certified_data_set" (func $set (param i32 i32)))
  (import "ic0" "data_certificate_present" (func $present (result i32)))
  (import "ic0" "data_certificate_size" (func $size (result i32)))
  (import "ic0" "data_certificate_copy" (func $copy (param i32 i32 i32)))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (memory 1)
  (data (i32.const 0) "certified")
  (func (export "canister_init") (call $set (i32.const 0) (i32.const 9)))
  (func (export "canister_query certificate")
    (if (call $present) (then
      (call $copy (i32.const 1024) (i32.const 0) (call $size))
      (call $append (i32.const 1024) (call $size))))
    (call $reply)))`;

const startNs = 1_800_000_000_000_000_000n;
let replica: Replica;
let tree: TreeReader;
let subnetId: Uint8Array;
let wasm: Uint8Array;

beforeAll(async () => {
  replica = await createReplica({ memory: true, virtualTime: { startNs } });
  tree = await createTreeReader(replica);
  subnetId = tree.subnet.toUint8Array();
  wasm = withCustomSection(await compileWat(wat), 'icp:public candid:service', 'service : {}');
});
afterAll(() => replica.close());

const hex = (value: Uint8Array | null | undefined) => (value == null ? null : Buffer.from(value).toString('hex'));

describe('the state tree', () => {
  it('has the time of the round, also when nobody asked for it [state.time]', async () => {
    replica.time.advanceNs(1_000_000_000n);
    await replica.time.tick();
    const at = await tree.read(null, ['subnet']);
    expect(toNat(at('time'))).toBe(replica.time.nowNs());
    expect(replica.time.nowNs()).toBeGreaterThanOrEqual(startNs + 1_000_000_000n);
  });

  it('has the key and the type of the subnet, at both kinds of address [state.subnet]', async () => {
    for (const address of [null, await createCanister(replica)]) {
      const at = await tree.read(address, ['subnet', subnetId]);
      expect(hex(at('subnet', subnetId, 'public_key'))).toBe(hex(replica.rootKey));
      expect(toText(at('subnet', subnetId, 'type'))).toBe('application');
    }
  });

  it('has the node whose signature is on query answers, with an Ed25519 key [state.subnet]', async () => {
    const canister = await createWith(replica, wasm);
    const answer = await tree.agent.query(canister, { methodName: 'certificate', arg: new Uint8Array() });
    const node = answer.signatures![0]!.identity;
    const at = await tree.read(canister, ['subnet', subnetId]);
    const key = at('subnet', subnetId, 'node', node, 'public_key')!;
    expect(hex(key)).toMatch(/^302a300506032b6570032100.{64}$/);
    expect(hex(Principal.selfAuthenticating(key).toUint8Array())).toBe(hex(node));
  });

  it('has the ranges whole and in shards that begin with their first canister [state.canister-ranges]', async () => {
    const at = await tree.read(null, ['subnet', subnetId, 'canister_ranges'], ['canister_ranges', subnetId]);
    const whole = at('subnet', subnetId, 'canister_ranges')!;
    expect(hex(whole)).toMatch(/^d9d9f7/);
    const [[first, last]] = Cbor.decode<[[Uint8Array, Uint8Array]]>(Uint8Array.from(whole));
    expect([hex(first), hex(last)]).toEqual(['00000000000000000101', 'ffffffffffffffff0101']);
    expect(hex(at('canister_ranges', subnetId, first))).toBe(hex(whole));
  });

  it('has no boundary nodes, provably [state.boundary-nodes]', async () => {
    const at = await tree.read(null, ['api_boundary_nodes']);
    expect(at('api_boundary_nodes')).toBeNull();
  });
});

describe('a canister in the state tree', () => {
  const fields = ['module_hash', 'controllers', 'canister_creation_timestamp', 'last_install_timestamp'];
  const read = async (canister: string) => {
    const id = Principal.fromText(canister).toUint8Array();
    const paths = fields.map((field): Label[] => ['canister', id, field]);
    const at = await tree.read(canister, ...paths, ['canister', id, 'metadata', 'candid:service']);
    return (...labels: Label[]) => at('canister', id, ...labels);
  };

  it('that is empty has controllers and its birthday, and nothing of a module [state.canister]', async () => {
    const canister = await createCanister(replica);
    const bornNs = replica.time.nowNs();
    const at = await read(canister);
    expect(toNat(at('canister_creation_timestamp'))).toBe(bornNs);
    // Tag 55799, an array of one, a blob of one byte: the anonymous principal.
    expect(hex(at('controllers'))).toBe('d9d9f7814104');
    for (const field of ['module_hash', 'last_install_timestamp']) expect(at(field)).toBeNull();
    expect(at('metadata', 'candid:service')).toBeNull();
  });

  it('shows the hash of its module, its metadata and when it was installed last [state.canister]', async () => {
    const canister = await createWith(replica, wasm);
    const before = await read(canister);
    expect(hex(before('module_hash'))).toBe(createHash('sha256').update(wasm).digest('hex'));
    expect(toText(before('metadata', 'candid:service'))).toBe('service : {}');
    replica.time.advanceNs(60_000_000_000n);
    await install(replica, canister, wasm, 'upgrade');
    const after = await read(canister);
    const passedNs = toNat(after('last_install_timestamp')) - toNat(before('last_install_timestamp'));
    expect(passedNs).toBeGreaterThanOrEqual(60_000_000_000n);
    expect(toNat(after('canister_creation_timestamp'))).toBe(toNat(before('canister_creation_timestamp')));
  });

  it('that is emptied again shows no module, and none after a failed installation [state.canister]', async () => {
    const canister = await createWith(replica, wasm);
    await manage(replica, 'uninstall_code', canister);
    const failing = await compileWat('(module (func $f unreachable) (start $f))');
    expect(await tryInstall(replica, canister, failing)).toMatchObject({ kind: 'rejected', errorCode: 'IC0502' });
    const at = await read(canister);
    for (const field of ['module_hash', 'last_install_timestamp']) expect(at(field)).toBeNull();
  });

  it('that is deleted is gone [state.canister]', async () => {
    const canister = await createWith(replica, wasm);
    await manage(replica, 'stop_canister', canister);
    await manage(replica, 'delete_canister', canister);
    const at = await read(canister);
    for (const field of fields) expect(at(field)).toBeNull();
  });

  it('shows its certified data to itself in queries, with the time, and to nobody else [state.certified-data]', async () => {
    const canister = await createWith(replica, wasm);
    const id = Principal.fromText(canister).toUint8Array();
    const answer = await replica.query({ canister, method: 'certificate' });
    if (answer.kind !== 'replied') throw new Error(answer.message);
    const at = await openCertificate(replica, canister, answer.data);
    expect(toText(at('canister', id, 'certified_data'))).toBe('certified');
    expect(toNat(at('time'))).toBe(replica.time.nowNs());
    await expect(tree.read(canister, ['canister', id, 'certified_data'])).rejects.toThrow(/Invalid path/);
    const replicated = await replica.call({ canister, method: 'certificate' });
    expect(replicated).toMatchObject({ kind: 'replied', data: expect.objectContaining({ length: 0 }) });
  });
});
