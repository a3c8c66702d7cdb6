// Canisters that manage canisters, themselves among them, while calls are open.

import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canisterArgument, encode, install, reply as replied, updateSettings } from '../harness/canisters.ts';
import {
  addToCell,
  call,
  getCell,
  op,
  type Program,
  passedReject,
  passOn,
  program,
  reply,
  replyInts,
  setCell,
} from '../harness/program.ts';
import { universal } from '../harness/universal.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

const anonymous = '2vxsx-fae';
const manager = 'aaaaa-aa';

/** A canister that controls itself. */
async function createOwn(): Promise<string> {
  const canister = await world.create({ postUpgrade: true });
  await replied(updateSettings(world.replica, canister, { controllers: [anonymous, canister] }));
  return canister;
}

const manageBy = (method: string, canister: string, more: Partial<Parameters<typeof call>[0]> = passOn): Program =>
  call({ callee: manager, method, arg: canisterArgument(canister), ...more });

const upgradeArgs = IDL.Record({
  mode: IDL.Variant({ upgrade: IDL.Null }),
  canister_id: IDL.Principal,
  wasm_module: IDL.Vec(IDL.Nat8),
  arg: IDL.Vec(IDL.Nat8),
});

describe('a canister that controls itself', () => {
  it('[lifecycle.self] can uninstall itself: its own call is rejected, nothing of it runs any more', async () => {
    const canister = await createOwn();
    const answer = await world.rejected(canister, program(setCell(0, 1), manageBy('uninstall_code', canister)));
    expect(answer).toMatchObject({ code: 4, message: 'Canister has been uninstalled.' });
    await world.pass(1n);
    await install(world.replica, canister, await universal());
    expect(await world.look(canister, getCell(0))).toEqual([0n]);
  });

  it('[lifecycle.self] can upgrade itself; the callback runs in the new code', async () => {
    const canister = await createOwn();
    const wasm = await universal({ postUpgrade: true, more: '(global $new i32 (i32.const 1))' });
    const arg = encode(
      [upgradeArgs],
      [{ mode: { upgrade: null }, canister_id: Principal.fromText(canister), wasm_module: wasm, arg: setCell(1, 7) }],
    );
    // The module is part of the argument and the heap has little room, so the call comes in pieces of its own.
    expect(arg.length).toBeLessThan(60_000);
    const answer = await world.rejected(canister, call({ callee: manager, method: 'install_code', arg, ...passOn }));
    expect(answer).toMatchObject({ errorCode: 'IC0506' });
    expect(await world.look(canister, getCell(1))).toEqual([7n]);
  });

  it('[lifecycle.self] cannot delete itself', async () => {
    const canister = await createOwn();
    const refused = passedReject(await world.run(canister, manageBy('delete_canister', canister)));
    expect(refused).toMatchObject({ code: 5, message: expect.stringMatching(/^IC0512/) });
  });

  it('[lifecycle.self] is told that its stop call waits for itself only when it is started or time runs out', async () => {
    const canister = await createOwn();
    const run = manageBy('stop_canister', canister);
    const answer = world.replica.call({ canister, method: 'update', arg: run });
    await world.pass(1n);
    await world.pass(301_000_000_000n, 10);
    const got = await answer;
    expect(got.kind === 'replied' && passedReject(got.data)).toMatchObject({
      code: 2,
      message: expect.stringMatching(/^IC0206/),
    });
  });
});

describe('a canister that controls another', () => {
  async function createPair() {
    const [parent, child] = [await world.create(), await world.create()];
    await replied(updateSettings(world.replica, child, { controllers: [anonymous, parent] }));
    return [parent, child] as const;
  }

  it('[lifecycle.controller] stops it, deletes it, and a later call finds nobody', async () => {
    const [parent, child] = await createPair();
    const last = call({ callee: child, ...passOn });
    const remove = manageBy('delete_canister', child, { onReply: last });
    const run = manageBy('stop_canister', child, { onReply: remove });
    expect(passedReject(await world.run(parent, run))).toMatchObject({ code: 3 });
  });

  it('[lifecycle.controller] a stop call waits for the calls that the other has open, also those to itself', async () => {
    const [parent, child] = await createPair();
    // The child calls the parent, which stops the child before it answers: answered first, then stopped.
    const stopThenReply = program(manageBy('stop_canister', child, { onReply: addToCell(0, 1) }), reply('done'));
    const data = await world.run(child, call({ callee: parent, arg: stopThenReply, ...passOn }));
    expect(new TextDecoder().decode(data)).toBe('done');
    await world.pass(1n, 5);
    expect(await world.look(parent, getCell(0))).toEqual([1n]);
    expect(await world.replica.call({ canister: child, method: 'update', arg: reply() })).toMatchObject({
      errorCode: 'IC0508',
    });
  });

  it('[lifecycle.controller] who is no controller may not', async () => {
    const [parent, other] = [await world.create(), await world.create()];
    const refused = passedReject(await world.run(parent, manageBy('stop_canister', other)));
    expect(refused).toMatchObject({ code: 5, message: expect.stringMatching(/^IC0512: Only the controllers of/) });
    await world.run(other, replyInts(op('canister_status')));
  });
});
