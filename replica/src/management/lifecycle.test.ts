import { describe, expect, it } from 'vitest';
import { encodeCandid } from '../codec/candid.ts';
import type { Principal } from '../codec/principal.ts';
import type { Canister } from '../state/canister.ts';
import type { CallContext, Origin } from '../state/message.ts';
import { call, callFromCanister, expectRefusal, expectRefusalTo, setUpCanister, toAgent } from './driver-double.ts';
import { nextStopTimeoutNs, settleStops } from './lifecycle.ts';
import { stopTimeoutNs } from './limits.ts';
import { encodeArgument, type IcMethod } from './oracle.ts';
import {
  admin,
  alice,
  bob,
  canisterOrigin,
  createWorldDouble,
  describeModule,
  fromCanister,
  nobodysId,
  userOrigin,
} from './world-double.ts';

const emptyReply = { kind: 'reply', data: encodeCandid([], []) };

function setUp() {
  const world = createWorldDouble({ admins: [admin] });
  const canister = setUpCanister(world);
  const canister_id = toAgent(canister.id);
  const run = (method: IcMethod, caller: Principal = alice) => call(world, caller, method, { canister_id });
  return { world, canister, canister_id, run };
}

/** A call that the canister has not answered; `openCallbacks`: it waits for that many answers itself. */
function openContext(canister: Canister, origin: Origin, more: Partial<CallContext> = {}): CallContext {
  const id = canister.nextCallContextId++;
  const context: CallContext = {
    id,
    origin,
    senderInfo: null,
    caller: alice,
    needsToRespond: true,
    availableCycles: 0n,
    deleted: false,
    openCallbacks: 1,
    instructions: 0n,
    ...more,
  };
  canister.callContexts.set(id, context);
  return context;
}

describe('stop_canister', () => {
  it('waits while stopping, and is answered when the canister has stopped [management.stop_canister]', () => {
    const { world, canister, run } = setUp();
    expect(run('stop_canister')).toEqual({ kind: 'pending', touched: [canister.id] });
    expect(canister.status.kind).toBe('stopping');
    expect(canister.version).toBe(1n);
    expect(settleStops(world)).toEqual([canister.id]);
    expect(canister.status).toEqual({ kind: 'stopped' });
    expect(canister.version).toBe(2n);
    expect(world.answered).toEqual([{ origin: userOrigin(alice), payload: emptyReply, refund: 0n }]);
  });

  it('waits for every open call context [management.stop_canister.open_calls]', () => {
    const { world, canister, run } = setUp();
    const context = openContext(canister, canisterOrigin(bob));
    run('stop_canister');
    expect(settleStops(world)).toEqual([]);
    context.deleted = true;
    expect(settleStops(world)).toEqual([]);
    canister.callContexts.clear();
    settleStops(world);
    expect(canister.status.kind).toBe('stopped');
    expect(world.answered).toHaveLength(1);
  });

  it('takes more calls while it stops, answers all with their cycles, and each once [management.stop_canister.concurrent]', () => {
    const { world, canister, canister_id, run } = setUp();
    openContext(canister, canisterOrigin(bob));
    canister.controllers.push(bob);
    run('stop_canister');
    callFromCanister(world, bob, 'stop_canister', { canister_id }, { cycles: 9n });
    expect(canister.version).toBe(2n);
    canister.callContexts.clear();
    settleStops(world);
    settleStops(world);
    expect(world.answered).toEqual([
      { origin: userOrigin(alice), payload: emptyReply, refund: 0n },
      { origin: canisterOrigin(bob), payload: emptyReply, refund: 9n },
    ]);
  });

  it('is answered at once when the canister is stopped [management.stop_canister.stopped]', () => {
    const { world, canister, run } = setUp();
    canister.status = { kind: 'stopped' };
    expect(run('stop_canister')).toMatchObject({ kind: 'replied' });
    expect(canister.version).toBe(1n);
    expect(settleStops(world)).toEqual([]);
  });

  it('is rejected after five minutes, and the canister goes on stopping [management.stop_canister.timeout]', () => {
    const { world, canister, run } = setUp();
    openContext(canister, canisterOrigin(bob));
    run('stop_canister');
    const startNs = world.state.timeNs;
    world.state.timeNs = startNs + 60_000_000_000n;
    run('stop_canister', admin);
    expect(nextStopTimeoutNs(world)).toBe(startNs + stopTimeoutNs);
    world.state.timeNs = startNs + stopTimeoutNs - 1n;
    expect(settleStops(world)).toEqual([]);
    world.state.timeNs++;
    expect(settleStops(world)).toEqual([canister.id]);
    expect(world.answered).toMatchObject([
      {
        origin: userOrigin(alice),
        payload: {
          reject: { code: 2, error: 'stopCanisterRequestTimeout', message: 'Stop canister request timed out' },
        },
      },
    ]);
    expect(canister.status).toMatchObject({ kind: 'stopping', waiters: [{ message: { caller: admin } }] });
    canister.callContexts.clear();
    settleStops(world);
    expect(canister.status.kind).toBe('stopped');
    expect(world.answered).toHaveLength(2);
    expect(nextStopTimeoutNs(world)).toBeNull();
  });

  it('stops also when everybody who waited has been told of the timeout [management.stop_canister.timeout]', () => {
    const { world, canister, run } = setUp();
    openContext(canister, canisterOrigin(bob));
    run('stop_canister');
    world.state.timeNs += stopTimeoutNs;
    settleStops(world);
    canister.callContexts.clear();
    expect(settleStops(world)).toEqual([canister.id]);
    expect(canister.status.kind).toBe('stopped');
    expect(world.answered).toHaveLength(1);
  });

  it('settles canisters that were stopping before a restart, in the order of their ids [management.stop_canister]', () => {
    const { world, canister, run } = setUp();
    const second = setUpCanister(world);
    call(world, alice, 'stop_canister', { canister_id: toAgent(second.id) });
    run('stop_canister');
    const restarted = { ...world, state: { ...world.state } };
    expect(settleStops(restarted)).toEqual([canister.id, second.id]);
    expect(world.answered).toHaveLength(2);
  });
});

describe('start_canister', () => {
  it('starts a stopped canister and leaves a running one [management.start_canister]', () => {
    const { canister, run } = setUp();
    canister.status = { kind: 'stopped' };
    expect(run('start_canister')).toMatchObject({ kind: 'replied' });
    expect(canister).toMatchObject({ status: { kind: 'running' }, version: 1n });
    run('start_canister');
    expect(canister).toMatchObject({ status: { kind: 'running' }, version: 2n });
  });

  it('rejects the stop calls that wait, with their cycles [management.start_canister.cancels]', () => {
    const { world, canister, canister_id, run } = setUp();
    openContext(canister, canisterOrigin(bob));
    canister.controllers.push(bob);
    run('stop_canister');
    callFromCanister(world, bob, 'stop_canister', { canister_id }, { cycles: 9n });
    expect(run('start_canister')).toMatchObject({ kind: 'replied' });
    const reject = {
      code: 5,
      error: 'canisterStoppingCancelled',
      message: `Canister ${canister_id}'s stop request was cancelled.`,
    };
    expect(world.answered).toEqual([
      { origin: userOrigin(alice), payload: { kind: 'reject', reject }, refund: 0n },
      { origin: canisterOrigin(bob), payload: { kind: 'reject', reject }, refund: 9n },
    ]);
    world.state.timeNs += 2n * stopTimeoutNs;
    expect(settleStops(world)).toEqual([]);
    expect(canister.status.kind).toBe('running');
  });
});

describe('uninstall_code', () => {
  function setUpInstalled() {
    const setup = setUp();
    const { world, canister, canister_id } = setup;
    const wasm_module = describeModule({ log: 'hello' });
    call(world, alice, 'install_code', { canister_id, mode: { install: null }, wasm_module, arg: [] });
    call(world, alice, 'upload_chunk', { canister_id, chunk: [1] });
    canister.certifiedData = Uint8Array.of(1);
    canister.globalTimerNs = 5n;
    canister.stable.sizePages = 3;
    canister.lowMemoryHook = 'ready';
    return setup;
  }

  it('empties the canister and keeps what belongs to its owner [management.uninstall_code]', () => {
    const { world, canister, run } = setUpInstalled();
    const { cycles, settings, controllers, status } = canister;
    expect(run('uninstall_code')).toMatchObject({ kind: 'replied' });
    expect(canister).toMatchObject({
      cycles,
      settings,
      controllers,
      status,
      code: null,
      certifiedData: new Uint8Array(0),
      globalTimerNs: 0n,
      lowMemoryHook: 'notNeeded',
      logs: [],
      version: 2n,
    });
    expect(canister.chunks.size).toBe(0);
    expect(canister.stable.sizePages).toBe(0);
    expect(canister.history.at(-1)).toEqual({
      timestampNs: world.state.timeNs,
      canisterVersion: 2n,
      origin: { kind: 'user', userId: alice },
      details: { kind: 'codeUninstall' },
    });
  });

  it('rejects every call that waits for an answer, with its cycles, and marks the contexts deleted [management.uninstall_code.open_calls]', () => {
    const { world, canister, run } = setUpInstalled();
    const waiting = openContext(canister, canisterOrigin(bob, 3), { availableCycles: 12n });
    const user = openContext(canister, userOrigin(bob), { openCallbacks: 2 });
    const answered = openContext(canister, canisterOrigin(bob, 4), { needsToRespond: false });
    const task = openContext(canister, { kind: 'system' }, { needsToRespond: false });
    run('uninstall_code');
    const message = 'Canister has been uninstalled.';
    const reject = { code: 4, error: 'canisterRejectedMessage', message, isOwnWords: true };
    expect(world.answered).toEqual([
      { origin: canisterOrigin(bob, 3), payload: { kind: 'reject', reject }, refund: 12n },
      { origin: userOrigin(bob), payload: { kind: 'reject', reject }, refund: 0n },
    ]);
    for (const context of [waiting, user, answered, task]) {
      expect(context).toMatchObject({ deleted: true, needsToRespond: false, availableCycles: 0n });
    }
    expect(canister.callContexts.size).toBe(4);
  });

  it('does not touch call contexts on reinstall [management.install_code.reinstall]', () => {
    const { world, canister, canister_id } = setUpInstalled();
    const context = openContext(canister, canisterOrigin(bob));
    const wasm_module = describeModule({});
    call(world, alice, 'install_code', { canister_id, mode: { reinstall: null }, wasm_module, arg: [] });
    expect(context).toMatchObject({ deleted: false, needsToRespond: true });
    expect(world.answered).toEqual([]);
  });

  it('works on an empty canister too [management.uninstall_code]', () => {
    const { canister, run } = setUp();
    expect(run('uninstall_code')).toMatchObject({ kind: 'replied' });
    expect(canister.version).toBe(1n);
  });
});

describe('delete_canister', () => {
  it('removes a stopped canister; its cycles count as consumed [management.delete_canister]', () => {
    const { world, canister, run } = setUp();
    canister.status = { kind: 'stopped' };
    canister.cycles = 100n;
    canister.reservedCycles = 20n;
    canister.burnedCycles.memory = 3n;
    expect(run('delete_canister')).toEqual({
      kind: 'replied',
      data: emptyReply.data,
      refund: 0n,
      touched: [canister.id],
    });
    expect(world.state.canisters.has(canister.id)).toBe(false);
    expect(world.state.consumedByDeleted).toBe(123n);
  });

  it('is refused while the canister runs or stops [management.delete_canister.status]', () => {
    const { world, canister_id, canister, run } = setUp();
    const text = `Canister ${canister_id} must be stopped before it is deleted.`;
    expectRefusalTo(world, alice, 'delete_canister', { canister_id }, 'canisterNotStopped', text);
    openContext(canister, canisterOrigin(bob));
    run('stop_canister');
    expectRefusalTo(world, alice, 'delete_canister', { canister_id }, 'canisterNotStopped', text);
  });

  it('is refused while messages wait for the canister [management.delete_canister.queue]', () => {
    const { world, canister, canister_id } = setUp();
    canister.status = { kind: 'stopped' };
    canister.inbox.push({ kind: 'task', task: 'heartbeat' });
    expectRefusalTo(world, alice, 'delete_canister', { canister_id }, 'canisterQueueNotEmpty');
  });

  it('is refused to the canister itself, even as its own controller [management.delete_canister.self]', () => {
    const { world, canister, canister_id } = setUp();
    canister.status = { kind: 'stopped' };
    canister.controllers.push(canister.id);
    const request = fromCanister(canister.id, 'delete_canister', encodeArgument('delete_canister', { canister_id }));
    expectRefusal(world, request, 'canisterInvalidController', /cannot delete itself/);
  });
});

const clauses = [
  ['start_canister', '[management.start_canister.caller]'],
  ['stop_canister', '[management.stop_canister.caller]'],
  ['uninstall_code', '[management.uninstall_code.caller]'],
  ['delete_canister', '[management.delete_canister.caller]'],
] as const;
for (const [method, clause] of clauses) {
  describe(method, () => {
    it(`is for controllers and subnet admins ${clause}`, () => {
      const { world, canister, canister_id, run } = setUp();
      canister.status = { kind: 'stopped' };
      for (const caller of [bob, canister.id]) {
        expectRefusalTo(world, caller, method, { canister_id }, 'canisterInvalidController');
      }
      expectRefusalTo(world, alice, method, { canister_id: toAgent(nobodysId) }, 'canisterNotFound', /not found/);
      expect(run(method, admin)).toMatchObject({ kind: 'replied' });
    });
  });
}
