// Which entry points run when code is installed, upgraded and reinstalled, in which code, and what stays (specification,
// "Canister initialization" and "Canister upgrades"). The canister keeps a diary in stable memory.
import { Principal } from '@dfinity/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileWat, createWith, install, reply } from '../harness/canisters.ts';
import { openCertificate, toText } from '../harness/state-tree.ts';

/** Stable memory: 0 length of the diary · 8 the version that the last hook saw · 16 the diary. */
const diaryOf = (letters: { start: string; init: string; pre: string; post: string }) => `(module
  (import "ic0" "stable64_size" (func $size (result i64)))
  (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
  (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
  (import "ic0" "stable64_read" (func $read (param i64 i64 i64)))
  (import "ic0" "canister_version" (func $version (result i64)))
  (import "ic0" "msg_caller_size" (func $caller_size (result i32)))
  (import "ic0" "certified_data_set" (func $certify (param i32 i32)))
  (import "ic0" "data_certificate_size" (func $certificate_size (result i32)))
  (import "ic0" "data_certificate_copy" (func $certificate_copy (param i32 i32 i32)))
  (import "ic0" "global_timer_set" (func $timer (param i64) (result i64)))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (memory 1)
  (func $note (param $letter i32)
    (if (i64.eqz (call $size)) (then (drop (call $grow (i64.const 1)))))
    (call $read (i64.const 0) (i64.const 0) (i64.const 8))
    (i32.store8 (i32.const 8) (local.get $letter))
    (call $write (i64.add (i64.const 16) (i64.load (i32.const 0))) (i64.const 8) (i64.const 1))
    (i64.store (i32.const 0) (i64.add (i64.load (i32.const 0)) (i64.const 1)))
    (call $write (i64.const 0) (i64.const 0) (i64.const 8)))
  (func $note_version
    (i64.store (i32.const 16) (call $version))
    (call $write (i64.const 8) (i64.const 16) (i64.const 8)))
  (func $start (call $note (i32.const ${letters.start.charCodeAt(0)})))
  (start $start)
  (func (export "canister_init")
    (call $note (i32.const ${letters.init.charCodeAt(0)}))
    (call $note (i32.add (i32.const 48) (call $caller_size)))
    (call $certify (i32.const 8) (i32.const 1))
    (call $note_version))
  (func (export "canister_pre_upgrade")
    (call $note (i32.const ${letters.pre.charCodeAt(0)}))
    (call $note_version))
  (func (export "canister_post_upgrade")
    (call $note (i32.const ${letters.post.charCodeAt(0)})))
  (func (export "canister_update remember")
    (i32.store8 (i32.const 1000) (i32.const 1)) (drop (call $timer (i64.const -1))) (call $reply))
  (func (export "canister_update timer") (i64.store (i32.const 24) (call $timer (i64.const 0)))
    (call $append (i32.const 24) (i32.const 8)) (call $reply))
  (func (export "canister_query remembered") (call $append (i32.const 1000) (i32.const 1)) (call $reply))
  (func (export "canister_query certificate")
    (call $certificate_copy (i32.const 2000) (i32.const 0) (call $certificate_size))
    (call $append (i32.const 2000) (call $certificate_size)) (call $reply))
  (func (export "canister_query versions")
    (call $read (i64.const 32) (i64.const 8) (i64.const 8))
    (i64.store (i32.const 40) (call $version))
    (call $append (i32.const 32) (i32.const 16)) (call $reply))
  (func (export "canister_query diary")
    (call $read (i64.const 0) (i64.const 0) (i64.const 8))
    (call $read (i64.const 100) (i64.const 16) (i64.load (i32.const 0)))
    (call $append (i32.const 100) (i32.load (i32.const 0))) (call $reply)))`;

let replica: Replica;
let first: Uint8Array;
let second: Uint8Array;

beforeAll(async () => {
  replica = await createReplica({ memory: true, virtualTime: true });
  first = await compileWat(diaryOf({ start: 's', init: 'i', pre: 'p', post: 'q' }));
  second = await compileWat(diaryOf({ start: 'S', init: 'I', pre: 'P', post: 'Q' }));
});
afterAll(() => replica.close());

const look = (canister: string, method: string) => reply(replica.query({ canister, method }));
const update = (canister: string, method: string) => reply(replica.call({ canister, method }));
const diary = async (canister: string) => toText(await look(canister, 'diary'));
const remembered = async (canister: string) => (await look(canister, 'remembered'))[0] === 1;
const certified = async (canister: string) => {
  const at = await openCertificate(replica, canister, await look(canister, 'certificate'));
  return toText(at('canister', Principal.fromText(canister).toUint8Array(), 'certified_data'));
};

it('installation runs start and then init, called by whoever installs [lifecycle.install]', async () => {
  // The anonymous principal has one byte.
  expect(await diary(await createWith(replica, first))).toBe('si1');
});

it('an upgrade runs pre_upgrade in the old code, start and post_upgrade in the new, and no init [lifecycle.hooks]', async () => {
  const canister = await createWith(replica, first);
  await update(canister, 'remember');
  await install(replica, canister, second, 'upgrade');
  expect(await diary(canister)).toBe('si1pSQ');
});

it('an upgrade keeps stable memory and certified data, and begins with a fresh heap and no timer [lifecycle.fresh]', async () => {
  const canister = await createWith(replica, first);
  await update(canister, 'remember');
  expect(await remembered(canister)).toBe(true);
  await install(replica, canister, second, 'upgrade');
  expect(await remembered(canister)).toBe(false);
  expect(await certified(canister)).toBe('1');
  expect([...(await update(canister, 'timer'))]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

it('pre_upgrade sees the old version, the new code the next one [lifecycle.version]', async () => {
  const canister = await createWith(replica, first);
  await install(replica, canister, second, 'upgrade');
  const view = new DataView(Uint8Array.from(await look(canister, 'versions')).buffer);
  expect(view.getBigUint64(8, true)).toBe(view.getBigUint64(0, true) + 1n);
});

it('reinstalling forgets heap, stable memory and timer, and runs init [lifecycle.fresh]', async () => {
  const canister = await createWith(replica, first);
  await update(canister, 'remember');
  await install(replica, canister, second, 'reinstall');
  expect([await diary(canister), await remembered(canister)]).toEqual(['SI1', false]);
  expect([...(await update(canister, 'timer'))]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});
