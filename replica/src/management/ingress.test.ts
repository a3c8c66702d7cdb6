import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Principal } from '../codec/principal.ts';
import { callManagement } from './call.ts';
import {
  callFromCanister,
  expectRefusal,
  expectRefusalTo,
  replyOf,
  setUpCanister,
  snapshot,
  toAgent,
} from './driver-double.ts';
import { acceptManagementIngress, effectiveCanisterId } from './ingress.ts';
import { methods } from './methods.ts';
import { notOffered } from './not-offered.ts';
import { encodeArgument, type IcMethod, icDid } from './oracle.ts';
import { queryManagement } from './query.ts';
import { admin, alice, bob, createWorldDouble, fromCanister, fromUser, nobodysId } from './world-double.ts';

/** Some argument of each method that users may call on a canister. */
const onCanister = (canister_id: unknown): [IcMethod, unknown][] => [
  ['update_settings', { canister_id, settings: {} }],
  ['upload_chunk', { canister_id, chunk: [] }],
  ['clear_chunk_store', { canister_id }],
  ['stored_chunks', { canister_id }],
  ['install_code', { canister_id, mode: { install: null }, wasm_module: [], arg: [] }],
  [
    'install_chunked_code',
    { target_canister: canister_id, mode: { install: null }, chunk_hashes_list: [], wasm_module_hash: [], arg: [] },
  ],
  ['uninstall_code', { canister_id }],
  ['start_canister', { canister_id }],
  ['stop_canister', { canister_id }],
  ['delete_canister', { canister_id }],
  ['canister_status', { canister_id }],
  ['canister_metrics', { canister_id }],
];
const byAdmins = [
  'uninstall_code',
  'start_canister',
  'stop_canister',
  'delete_canister',
  'canister_status',
  'canister_metrics',
];

/** What bob may call although he controls nothing. */
const openToAll = [
  'raw_rand',
  'provisional_create_canister_with_cycles',
  'provisional_top_up_canister',
  'deposit_cycles',
  'canister_info',
];

function setUp() {
  const world = createWorldDouble({ admins: [admin] });
  const canister = setUpCanister(world);
  const accept = (method: IcMethod, sender: Principal, argument: unknown) =>
    acceptManagementIngress(world, { sender, method, arg: encodeArgument(method, argument) });
  return { world, canister, canister_id: toAgent(canister.id), accept };
}

describe('a node takes a management call in', () => {
  it('from controllers, and from subnet admins where they may [management.ingress.accept]', () => {
    const { canister_id, accept } = setUp();
    for (const [method, argument] of onCanister(canister_id)) {
      expect(accept(method, alice, argument), method).toBeNull();
      expect(accept(method, bob, argument), method).toMatchObject({
        error: 'canisterInvalidController',
        message: `Only controllers of canister ${canister_id} can call ic00 method ${method}`,
      });
      expect(accept(method, admin, argument) === null, method).toBe(byAdmins.includes(method));
    }
    for (const [method, argument] of onCanister(toAgent(nobodysId))) {
      expect(accept(method, alice, argument), method).toMatchObject({ error: 'canisterNotFound' });
    }
  });

  it('from anybody for the provisional API [management.ingress.accept]', () => {
    const { canister_id, accept } = setUp();
    expect(accept('provisional_create_canister_with_cycles', bob, {})).toBeNull();
    expect(accept('provisional_top_up_canister', bob, { canister_id, amount: 1n })).toBeNull();
  });

  it('for canister creation only from subnet admins [management.ingress.accept]', () => {
    const { accept } = setUp();
    expect(accept('create_canister', admin, {})).toBeNull();
    expect(accept('create_canister', alice, {})).toMatchObject({ error: 'canisterRejectedMessage', code: 4 });
  });

  it('never for methods of canisters or queries [management.ingress.refuse]', () => {
    const { world } = setUp();
    for (const method of methods.values()) {
      if (method.ingress) continue;
      const refusal = acceptManagementIngress(world, { sender: alice, method: method.name, arg: new Uint8Array(0) });
      expect(refusal, method.name).toMatchObject({ error: 'canisterRejectedMessage', code: 4 });
    }
  });

  it('never for methods that do not exist or arguments that do not decode [management.ingress.refuse]', () => {
    const { world } = setUp();
    const refusal = (method: string) =>
      acceptManagementIngress(world, { sender: alice, method, arg: Uint8Array.of(1, 2, 3) });
    expect(refusal('no_such_method')).toMatchObject({
      error: 'canisterMethodNotFound',
      message: 'ic00 interface does not expose method no_such_method',
    });
    expect(refusal('start_canister')).toMatchObject({
      error: 'invalidManagementPayload',
      message: expect.stringMatching(/^Failed to parse payload for ic00 method start_canister: /),
    });
  });
});

describe('the effective canister id', () => {
  it('is the canister that the argument names [management.effective_canister_id]', () => {
    const { canister, canister_id } = setUp();
    const arguments_: [IcMethod, unknown][] = [
      ...onCanister(canister_id),
      ['provisional_top_up_canister', { canister_id, amount: 1n }],
      ['canister_info', { canister_id }],
      ['fetch_canister_logs', { canister_id }],
    ];
    for (const [method, argument] of arguments_) {
      const effective = effectiveCanisterId(method, encodeArgument(method, argument));
      expect(effective, method).toEqual({ ok: true, value: canister.id });
    }
    const snapshots = effectiveCanisterId('list_canister_snapshots', encodeArgument('start_canister', { canister_id }));
    expect(snapshots).toEqual({ ok: true, value: canister.id });
  });

  it('is any for canister creation and list_canisters [management.effective_canister_id]', () => {
    for (const method of ['create_canister', 'provisional_create_canister_with_cycles', 'list_canisters'] as const) {
      expect(effectiveCanisterId(method, encodeArgument(method, {}))).toEqual({ ok: true, value: 'any' });
    }
  });

  it('is none for methods that users cannot call, and for broken arguments [management.effective_canister_id]', () => {
    for (const method of [
      'raw_rand',
      'deposit_cycles',
      'http_request',
      'no_such_method',
      'start_canister',
      'take_canister_snapshot',
    ]) {
      expect(effectiveCanisterId(method, new Uint8Array(0)), method).toMatchObject({ ok: false });
    }
  });
});

describe('every call', () => {
  it('carries the canister version of its sender, if any [management.sender_canister_version]', () => {
    const { world, canister, canister_id } = setUp();
    canister.controllers.push(bob);
    const argument = { canister_id, settings: {}, sender_canister_version: 666n };
    const wrong = fromCanister(bob, 'update_settings', encodeArgument('update_settings', argument), {
      senderVersion: 3n,
    });
    expectRefusal(
      world,
      wrong,
      'canisterContractViolation',
      'Management canister call payload includes sender canister version 666 that does not match the actual sender canister version 3.',
    );
    replyOf('update_settings', callFromCanister(world, bob, 'update_settings', argument, { senderVersion: 666n }));
    const user = fromUser(alice, 'update_settings', encodeArgument('update_settings', argument));
    expect(callManagement(world, user)).toMatchObject({ kind: 'replied' });
  });

  it('to a method nobody knows is rejected with its cycles [management.unknown_method]', () => {
    const { world } = setUp();
    const request = fromCanister(bob, 'test', new Uint8Array(0), { cycles: 5n });
    const reject = expectRefusal(world, request, 'canisterMethodNotFound', "Management canister has no method 'test'");
    expect(reject.code).toBe(5);
    expect(queryManagement(world, { caller: bob, method: 'test', arg: new Uint8Array(0) })).toMatchObject({
      reject: { error: 'canisterMethodNotFound', message: 'Query method test not found.' },
    });
  });

  it('to a method that is not offered says so and why [management.not_offered]', () => {
    const { world } = setUp();
    for (const [method, { reason }] of Object.entries(notOffered)) {
      const request = fromCanister(bob, method, new Uint8Array(0), { cycles: 5n });
      const reject = expectRefusal(world, request, 'canisterRejectedMessage', /is not offered by this network: /);
      expect(reject.message).toContain(reason);
      expect(acceptManagementIngress(world, { sender: alice, method, arg: new Uint8Array(0) })).toEqual(reject);
      expect(queryManagement(world, { caller: alice, method, arg: new Uint8Array(0) })).toEqual({
        kind: 'reject',
        reject,
      });
    }
  });

  it('with an argument that does not decode is rejected [management.payload]', () => {
    const { world } = setUp();
    const request = fromCanister(bob, 'install_code', Uint8Array.of(1, 2, 3), { cycles: 5n });
    expectRefusal(world, request, 'invalidManagementPayload', /^Error decoding candid: /);
    expectRefusalTo(world, alice, 'start_canister', { canister_id: toAgent(nobodysId) }, 'canisterNotFound');
  });

  it('with broken bytes never throws, and changes nothing unless anybody may [management.payload]', () => {
    const world = createWorldDouble();
    const canister_id = toAgent(setUpCanister(world).id);
    const good = encodeArgument('update_settings', { canister_id, settings: { compute_allocation: 1n } });
    // Broken copies of a good argument get further than noise does.
    const flipped = fc
      .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, flip]) => good.map((byte, i) => (i === at ? byte ^ flip : byte)));
    const cut = fc.nat(good.length).map((length) => good.slice(0, length));
    const names = fc.constantFrom(...Object.keys(icDid), ...Object.keys(notOffered), '');
    fc.assert(
      fc.property(names, fc.oneof(fc.uint8Array(), flipped, cut), (method, arg) => {
        const before = snapshot(world);
        const outcomes = [fromUser(bob, method, arg), fromCanister(bob, method, arg)].map((request) =>
          callManagement(world, request),
        );
        effectiveCanisterId(method, arg);
        acceptManagementIngress(world, { sender: bob, method, arg });
        queryManagement(world, { caller: bob, method, arg });
        if (!openToAll.includes(method)) expect(outcomes).toMatchObject([{ kind: 'rejected' }, { kind: 'rejected' }]);
        if (outcomes.every(({ kind }) => kind === 'rejected')) expect(snapshot(world)).toEqual(before);
      }),
      // Fixed: one in some thousand broken copies is a right argument of another method, and may be accepted.
      { numRuns: 2_000, seed: 1 },
    );
  });
});

it('every method of ic.did is offered or refused with a reason [management.ic_did]', () => {
  expect([...methods.keys()].sort()).toEqual(Object.keys(icDid).sort());
  for (const name of Object.keys(notOffered)) expect(methods.has(name), name).toBe(false);
});
