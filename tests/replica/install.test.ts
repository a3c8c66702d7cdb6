// Installing, reinstalling and upgrading: all of it or nothing of it.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compileWat,
  createCanister,
  encode,
  install,
  manage,
  reply as replied,
  tryInstall,
  updateSettings,
} from '../harness/canisters.ts';
import {
  addToCell,
  blob,
  getCell,
  int,
  op,
  type Program,
  program,
  reply,
  replyInts,
  setCell,
  setGlobal,
  setHook,
  trap,
} from '../harness/program.ts';
import { type UniversalOptions, universal } from '../harness/universal.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

const text = (data: Uint8Array) => new TextDecoder().decode(data);
const stable = (size = 4) => op('stable_read', int(0), int(size));
const look = (canister: string) =>
  world.look(canister, getCell(0), op('get_global'), op('memory_size'), op('stable64_size'));
const growStable = op('drop', op('stable64_grow', int(1)));
const everything = program(
  setCell(0, 5),
  setGlobal(5),
  op('drop', op('memory_grow', int(1))),
  growStable,
  op('stable_write', int(0), blob('kept')),
  op('certified_data_set', blob('old')),
);
const both = { hooks: ['preUpgrade'], postUpgrade: true } as const;

/** A canister with something of everything, and what its next upgrade will run first. */
async function filled(preUpgrade: Program, options: UniversalOptions = both): Promise<string> {
  const canister = await world.create(options);
  await world.run(canister, program(everything, setHook('preUpgrade', preUpgrade), reply()));
  return canister;
}

const upgradeArgs = IDL.Record({
  mode: IDL.Variant({
    upgrade: IDL.Opt(
      IDL.Record({
        skip_pre_upgrade: IDL.Opt(IDL.Bool),
        wasm_memory_persistence: IDL.Opt(IDL.Variant({ keep: IDL.Null, replace: IDL.Null })),
      }),
    ),
  }),
  canister_id: IDL.Principal,
  wasm_module: IDL.Vec(IDL.Nat8),
  arg: IDL.Vec(IDL.Nat8),
});

function upgradeWith(
  canister: string,
  wasm: Uint8Array,
  options: { skip_pre_upgrade?: boolean; wasm_memory_persistence?: 'keep' | 'replace' },
  arg: Program = new Uint8Array(0),
) {
  const { skip_pre_upgrade: skip, wasm_memory_persistence: persistence } = options;
  const record = {
    skip_pre_upgrade: skip === undefined ? [] : [skip],
    wasm_memory_persistence: persistence === undefined ? [] : [{ [persistence]: null }],
  };
  const value = { mode: { upgrade: [record] }, canister_id: Principal.fromText(canister), wasm_module: wasm, arg };
  return world.replica.call({ canister: 'aaaaa-aa', method: 'install_code', arg: encode([upgradeArgs], [value]) });
}

describe('upgrade', () => {
  it('[lifecycle.upgrade] keeps stable memory and certified data, starts with a fresh heap', async () => {
    const canister = await filled(op('stable_write', int(0), blob('PRE!')));
    await install(world.replica, canister, await universal(both), 'upgrade', op('set_cell', int(1), int(9)));
    expect(await look(canister)).toEqual([0n, 0n, 32n, 1n]);
    expect(text(await world.lookAt(canister, stable()))).toBe('PRE!');
    expect(await world.look(canister, getCell(1))).toEqual([9n]);
  });

  const failures: readonly (readonly [string, Program, Program, string])[] = [
    ['pre_upgrade', program(op('stable_write', int(0), blob('lost')), growStable, trap('pre')), reply(), 'IC0503'],
    [
      'post_upgrade',
      op('stable_write', int(0), blob('lost')),
      program(
        op('stable_write', int(0), blob('gone')),
        growStable,
        op('certified_data_set', blob('new')),
        trap('post'),
      ),
      'IC0503',
    ],
    ['post_upgrade by calling', op('drop', int(0)), op('call_perform'), 'IC0504'],
  ];
  it.each(failures)('[lifecycle.atomic] a failing %s leaves everything as before', async (_, pre, post, errorCode) => {
    const canister = await filled(pre);
    const before = await look(canister);
    const [version] = await world.look(canister, op('canister_version'));
    const answer = await tryInstall(world.replica, canister, await universal(both), 'upgrade', post);
    expect(answer).toMatchObject({ kind: 'rejected', code: 5, errorCode });
    expect(await look(canister)).toEqual(before);
    expect(before).toEqual([5n, 5n, 33n, 1n]);
    expect(text(await world.lookAt(canister, stable()))).toBe('kept');
    expect(await world.look(canister, op('canister_version'))).toEqual([version]);
  });

  it('[lifecycle.skip] skip_pre_upgrade passes a broken pre_upgrade over', async () => {
    const canister = await filled(trap('always'));
    expect(await upgradeWith(canister, await universal(both), { skip_pre_upgrade: false })).toMatchObject({
      errorCode: 'IC0503',
    });
    await replied(upgradeWith(canister, await universal(both), { skip_pre_upgrade: true }));
    expect(text(await world.lookAt(canister, stable()))).toBe('kept');
  });

  const persistent = { ...both, section: 'icp:private enhanced-orthogonal-persistence' } as const;

  it('[lifecycle.keep] the heap stays when the option asks for it, globals start anew', async () => {
    const canister = await filled(setCell(2, 7), persistent);
    const wasm = await universal(persistent);
    const heap = () => world.look(canister, getCell(0), getCell(2), op('get_global'), op('memory_size'));
    await replied(upgradeWith(canister, wasm, { wasm_memory_persistence: 'keep' }, addToCell(0, 1)));
    expect(await heap()).toEqual([6n, 7n, 0n, 33n]);
    await replied(upgradeWith(canister, wasm, { wasm_memory_persistence: 'replace' }));
    expect(await heap()).toEqual([0n, 0n, 0n, 32n]);
  });

  it('[lifecycle.keep] the option must be given when the old code has the section, and fit the new code', async () => {
    const canister = await filled(reply(), persistent);
    const wasm = await universal(persistent);
    const missing = await tryInstall(world.replica, canister, wasm, 'upgrade');
    expect(missing).toMatchObject({ kind: 'rejected', message: expect.stringContaining('Missing upgrade option') });
    const plain = await universal(both);
    const invalid = await upgradeWith(canister, plain, { wasm_memory_persistence: 'keep', skip_pre_upgrade: true });
    expect(invalid).toMatchObject({ kind: 'rejected', message: expect.stringContaining('Invalid upgrade option') });
    await replied(upgradeWith(canister, plain, { wasm_memory_persistence: 'replace', skip_pre_upgrade: true }));
  });

  it('[lifecycle.keep] a failing upgrade that keeps the heap leaves the old one', async () => {
    const canister = await filled(setCell(0, 100), persistent);
    const options = { wasm_memory_persistence: 'keep' } as const;
    const answer = await upgradeWith(
      canister,
      await universal(persistent),
      options,
      program(setCell(0, 200), trap('no')),
    );
    expect(answer).toMatchObject({ kind: 'rejected' });
    expect(await world.look(canister, getCell(0))).toEqual([5n]);
  });

  it('[lifecycle.empty] an empty canister cannot be upgraded, a full one not installed again', async () => {
    const empty = await createCanister(world.replica);
    expect(await tryInstall(world.replica, empty, await universal(), 'upgrade')).toMatchObject({ errorCode: 'IC0537' });
    const full = await world.create();
    expect(await tryInstall(world.replica, full, await universal(), 'install')).toMatchObject({ errorCode: 'IC0514' });
  });
});

describe('install and reinstall', () => {
  it('[lifecycle.reinstall] clears heap, stable memory and certified data', async () => {
    const canister = await filled(reply());
    await install(world.replica, canister, await universal(both), 'reinstall');
    expect(await look(canister)).toEqual([0n, 0n, 32n, 0n]);
  });

  it('[lifecycle.atomic] a failing init leaves an empty canister empty, and a full one as it was', async () => {
    const wasm = await universal({ init: true });
    const empty = await createCanister(world.replica);
    const failing = program(growStable, setCell(0, 1), trap('init'));
    expect(await tryInstall(world.replica, empty, wasm, 'install', failing)).toMatchObject({ errorCode: 'IC0503' });
    expect(await world.replica.query({ canister: empty, method: 'query', arg: reply() })).toMatchObject({
      errorCode: 'IC0537',
    });
    const canister = await filled(reply());
    expect(await tryInstall(world.replica, canister, wasm, 'reinstall', failing)).toMatchObject({
      errorCode: 'IC0503',
    });
    expect(await look(canister)).toEqual([5n, 5n, 33n, 1n]);
    expect(text(await world.lookAt(canister, stable()))).toBe('kept');
  });

  it('[lifecycle.start] the start function runs before init and before post_upgrade', async () => {
    const more = `(func $started
      (i64.store (call $cell (i32.const 3)) (i64.add (i64.load (call $cell (i32.const 3))) (i64.const 1))))
      (start $started)`;
    const options = { init: true, postUpgrade: true, more } as const;
    const seen = op('set_cell', int(4), getCell(3));
    const canister = await world.create({ ...options, arg: seen });
    expect(await world.look(canister, getCell(3), getCell(4))).toEqual([1n, 1n]);
    await install(world.replica, canister, await universal(options), 'upgrade', seen);
    expect(await world.look(canister, getCell(3), getCell(4))).toEqual([1n, 1n]);
  });

  it('[lifecycle.start] a start function that traps or calls the System API fails the installation', async () => {
    for (const [body, errorCode] of [
      ['(unreachable)', 'IC0502'],
      ['(drop (call $time))', 'IC0504'],
    ]) {
      const canister = await createCanister(world.replica);
      const wasm = await universal({ more: `(func $started ${body}) (start $started)` });
      expect(await tryInstall(world.replica, canister, wasm)).toMatchObject({ kind: 'rejected', errorCode });
    }
  });

  it('[lifecycle.module] data and element segments beyond memory and table are refused', async () => {
    for (const module of [
      '(module (memory 1) (data (i32.const 65534) "abc"))',
      '(module (memory 1) (data (i32.const -1) "a"))',
      '(module (table 1 funcref) (func $f) (elem (i32.const 1) $f))',
    ]) {
      const canister = await createCanister(world.replica);
      const answer = await tryInstall(world.replica, canister, await compileWat(module));
      expect(answer).toMatchObject({ kind: 'rejected', code: 5, errorCode: 'IC0505' });
    }
  });

  it('[lifecycle.data] active data is there after installing, also where segments overlap', async () => {
    const more = `(data (i32.const 65536) "AAAA") (data (i32.const 65537) "bb")`;
    const canister = await world.create({ more });
    const [word] = await world.look(canister, getCell(0));
    expect(Number(word)).toBe(0x41626241);
  });

  it('[lifecycle.memory-limit] a module that starts with more heap than its limit is refused', async () => {
    const canister = await createCanister(world.replica);
    await replied(updateSettings(world.replica, canister, { wasm_memory_limit: 65_536n * 10n }));
    const answer = await tryInstall(world.replica, canister, await universal());
    expect(answer).toMatchObject({ kind: 'rejected', code: 5, errorCode: 'IC0539' });
  });

  it('[lifecycle.install] init sees caller, argument, time and version, and can set timer and certified data', async () => {
    const run = program(
      setCell(0, 1),
      op('set_cell', int(1), op('canister_version')),
      op('set_cell', int(2), op('in_replicated_execution')),
      op('drop', op('global_timer_set', int(77))),
      op('certified_data_set', blob('init')),
    );
    const canister = await world.create({ init: true, arg: run });
    expect(await world.look(canister, getCell(0), getCell(1), getCell(2))).toEqual([1n, 1n, 1n]);
    expect(await world.runInts(canister, replyInts(op('global_timer_set', int(0))))).toEqual([77n]);
  });

  it('[lifecycle.uninstall] leaves nothing, and the canister can be used again', async () => {
    const canister = await filled(reply());
    await replied(manage(world.replica, 'uninstall_code', canister));
    expect(await world.replica.call({ canister, method: 'update', arg: reply() })).toMatchObject({
      kind: 'rejected',
      errorCode: 'IC0537',
    });
    await install(world.replica, canister, await universal(both));
    expect(await look(canister)).toEqual([0n, 0n, 32n, 0n]);
  });

  it('[exec.table] modules that change their function table are refused, since tables do not last', async () => {
    const canister = await createCanister(world.replica);
    const module = `(module
      (import "ic0" "msg_reply" (func $reply)) (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
      (import "ic0" "msg_arg_data_size" (func $size (result i32)))
      (memory 1) (data (i32.const 0) "ab") (table $t 2 funcref) (elem (i32.const 0) $a $b) (elem declare func $a $b)
      (func $a (call $append (i32.const 0) (i32.const 1)))
      (func $b (call $append (i32.const 1) (i32.const 1)))
      (func (export "canister_update swap") (table.set $t (i32.const 0) (ref.func $b))
        (if (call $size) (then unreachable)) (call $reply))
      (func (export "canister_query which") (call_indirect (i32.const 0)) (call $reply)))`;
    const answer = await tryInstall(world.replica, canister, await compileWat(module));
    // As on the main network: such code could not keep its promises from one message to the next.
    expect(answer).toMatchObject({
      kind: 'rejected',
      code: 5,
      errorCode: 'IC0505',
      message: expect.stringContaining('table.set'),
    });
  });
});
