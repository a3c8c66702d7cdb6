import { describe, expect, it } from 'vitest';
import { hashOfMap } from '../codec/hash-of-map.ts';
import { anonymous, canisterIdOfIndex, canisterIndexOfId } from '../codec/principal.ts';
import {
  call,
  callFromCanister,
  expectRefusal,
  expectRefusalTo,
  replyOf,
  setUpCanister,
  toAgent,
} from './driver-double.ts';
import { canistersPerSubnetMax } from './limits.ts';
import { encodeArgument } from './oracle.ts';
import { admin, alice, bob, createWorldDouble, fromCanister, nobodysId, principalOf } from './world-double.ts';

const creationFee = 500_000_000_000n;
const method = 'create_canister';
const provisional = 'provisional_create_canister_with_cycles';

describe('create_canister', () => {
  it('makes an empty running canister controlled by its creator and keeps what the fee leaves [management.create_canister.cycles]', () => {
    const world = createWorldDouble();
    const outcome = callFromCanister(world, bob, method, {}, { cycles: creationFee + 7n });
    expect(outcome).toMatchObject({ kind: 'replied', refund: 0n });
    const id = canisterIdOfIndex(0n);
    expect(replyOf(method, outcome)).toEqual({ canister_id: toAgent(id) });
    expect(world.state.canisters.get(id)).toMatchObject({
      controllers: [bob],
      status: { kind: 'running' },
      cycles: 7n,
      reservedCycles: 0n,
      version: 0n,
      createdAtNs: world.state.timeNs,
      code: null,
      burnedCycles: { canisterCreation: creationFee },
    });
  });

  it('is refused below the fee, which is given back [management.create_canister.cycles]', () => {
    const world = createWorldDouble();
    const request = fromCanister(bob, method, encodeArgument(method, {}), { cycles: creationFee - 1n });
    expectRefusal(
      world,
      request,
      'insufficientCyclesForCreateCanister',
      "Creating a canister requires a fee of 500000000000 that is deducted from the canister's initial balance but only 499999999999 cycles were received with the create_canister request.",
    );
  });

  it('is refused to users who are not subnet admins [management.create_canister.caller]', () => {
    expectRefusalTo(createWorldDouble(), alice, method, {}, 'canisterRejectedMessage', /Only canisters can call/);
    const rented = createWorldDouble({ admins: [admin], costSchedule: 'free' });
    expectRefusalTo(rented, alice, method, {}, 'canisterRejectedMessage', /only subnet admins/);
  });

  it('takes no cycles where the subnet has admins, who may create by ingress [management.create_canister.caller]', () => {
    const world = createWorldDouble({ admins: [admin], costSchedule: 'free' });
    replyOf(method, call(world, admin, method, {}));
    expect([...world.state.canisters.values()]).toMatchObject([{ controllers: [admin], cycles: 0n }]);
  });

  it('has the defaults of the specification [management.create_canister.defaults]', () => {
    expect(setUpCanister(createWorldDouble()).settings).toEqual({
      computeAllocation: 0n,
      memoryAllocation: 0n,
      freezingThresholdSeconds: 2_592_000n,
      reservedCyclesLimit: 5_000_000_000_000n,
      minimumIncomingCallCycles: 0n,
      wasmMemoryLimit: 0n,
      wasmMemoryThreshold: 0n,
      logVisibility: { kind: 'controllers' },
      snapshotVisibility: { kind: 'controllers' },
      statusVisibility: { kind: 'controllers' },
      logMemoryLimit: 4_096n,
      environmentVariables: [],
    });
  });

  it('takes every setting, and records the controllers and the hash of the variables [management.create_canister.settings]', () => {
    const world = createWorldDouble();
    const settings = {
      controllers: [toAgent(bob), toAgent(alice), toAgent(bob)],
      environment_variables: [
        { name: 'b', value: '2' },
        { name: 'a', value: '1' },
      ],
      status_visibility: { public: null },
      log_visibility: { allowed_viewers: [toAgent(anonymous)] },
    };
    const canister = setUpCanister(world, { settings });
    expect(canister.controllers).toEqual([bob, alice]);
    expect(canister.settings).toMatchObject({
      environmentVariables: [
        { name: 'a', value: '1' },
        { name: 'b', value: '2' },
      ],
      statusVisibility: { kind: 'public' },
      logVisibility: { kind: 'allowedViewers', viewers: [anonymous] },
    });
    expect(canister.history).toEqual([
      {
        timestampNs: world.state.timeNs,
        canisterVersion: 0n,
        origin: { kind: 'user', userId: alice },
        details: {
          kind: 'creation',
          controllers: [bob, alice],
          environmentVariablesHash: hashOfMap(
            new Map([
              ['a', '1'],
              ['b', '2'],
            ]),
          ),
        },
      },
    ]);
  });

  it('is refused with settings out of range, and gives no id away [management.create_canister.settings]', () => {
    const world = createWorldDouble();
    const argument = encodeArgument(method, { settings: { compute_allocation: 101n } });
    const request = fromCanister(bob, method, argument, { cycles: creationFee });
    expectRefusal(world, request, 'canisterContractViolation', /\[0\.\.100\], got 101/);
    expect(setUpCanister(world).id).toBe(canisterIdOfIndex(0n));
  });

  it('checks allocations against what the fee leaves [management.create_canister.settings]', () => {
    const world = createWorldDouble();
    // 10 M cycles per percent and second, for 30 days.
    const needed = 10_000_000n * 2_592_000n;
    const argument = encodeArgument(method, { settings: { compute_allocation: 1n } });
    const tooFew = fromCanister(bob, method, argument, { cycles: creationFee + needed - 1n });
    expectRefusal(world, tooFew, 'insufficientCyclesInComputeAllocation', /At least 1 additional cycles/);
    const enough = callFromCanister(
      world,
      bob,
      method,
      { settings: { compute_allocation: 1n } },
      { cycles: creationFee + needed },
    );
    expect(enough).toMatchObject({ kind: 'replied' });
  });

  it('is refused when the subnet is full [management.create_canister.count]', () => {
    const world = createWorldDouble();
    const canister = setUpCanister(world);
    for (let i = 1; i < canistersPerSubnetMax; i++) world.state.canisters.set(canisterIdOfIndex(BigInt(i)), canister);
    const outcome = call(world, alice, provisional, {});
    expect(outcome).toMatchObject({ kind: 'rejected', reject: { error: 'maxNumberOfCanistersReached' } });
    expect(world.state.canisters.size).toBe(canistersPerSubnetMax);
    world.state.canisters.delete(canisterIdOfIndex(5n));
    expect(call(world, alice, provisional, {})).toMatchObject({ kind: 'replied' });
  });
});

describe('provisional_create_canister_with_cycles', () => {
  it('gives 100 T cycles, or as many as asked for, and returns those of the call [management.provisional.cycles]', () => {
    const world = createWorldDouble();
    expect(setUpCanister(world).cycles).toBe(100_000_000_000_000n);
    const outcome = callFromCanister(world, bob, provisional, { amount: 3n }, { cycles: 11n });
    expect(outcome).toMatchObject({ kind: 'replied', refund: 11n });
    expect(world.state.canisters.get(canisterIdOfIndex(1n))).toMatchObject({ cycles: 3n, controllers: [bob] });
  });

  it('is refused an amount beyond 128 bits [management.provisional.cycles]', () => {
    const world = createWorldDouble();
    expectRefusalTo(world, alice, provisional, { amount: 1n << 128n }, 'invalidManagementPayload');
    expect(setUpCanister(world, { amount: (1n << 128n) - 1n }).cycles).toBe((1n << 128n) - 1n);
  });

  it('takes the specified id once, and later ids go around it [management.provisional.specified_id]', () => {
    const world = createWorldDouble();
    const wanted = canisterIdOfIndex(1n);
    expect(setUpCanister(world, { specified_id: toAgent(wanted) }).id).toBe(wanted);
    expectRefusalTo(
      world,
      alice,
      provisional,
      { specified_id: toAgent(wanted) },
      'canisterAlreadyInstalled',
      /is already installed/,
    );
    expect(setUpCanister(world).id).toBe(canisterIdOfIndex(0n));
    expect(setUpCanister(world).id).toBe(canisterIdOfIndex(2n));
  });

  it('never takes an id again, once its canister is deleted [management.delete_canister.id]', () => {
    const world = createWorldDouble();
    const wanted = canisterIdOfIndex(1n);
    const specified = setUpCanister(world, { specified_id: toAgent(wanted) });
    const counted = setUpCanister(world);
    for (const { id } of [specified, counted]) {
      world.state.canisters.get(id)!.status = { kind: 'stopped' };
      expect(call(world, alice, 'delete_canister', { canister_id: toAgent(id) })).toMatchObject({ kind: 'replied' });
      const again = { specified_id: toAgent(id) };
      expectRefusalTo(world, alice, provisional, again, 'canisterIdAlreadyExists', /deleted/);
    }
    expect(setUpCanister(world).id).toBe(canisterIdOfIndex(2n));
  });

  it('is refused an id that is no canister id [management.provisional.specified_id]', () => {
    const world = createWorldDouble();
    for (const id of [alice, anonymous, principalOf(''), principalOf('0101')]) {
      expectRefusalTo(world, alice, provisional, { specified_id: toAgent(id) }, 'canisterNotHostedBySubnet');
    }
  });
});

describe('provisional_top_up_canister', () => {
  it('lets anybody add cycles, up to what a balance holds [management.provisional.top_up]', () => {
    const world = createWorldDouble();
    const canister = setUpCanister(world, { amount: 1n });
    const topUp = (amount: bigint) =>
      callFromCanister(
        world,
        bob,
        'provisional_top_up_canister',
        { canister_id: toAgent(canister.id), amount },
        { cycles: 4n },
      );
    expect(topUp(9n)).toMatchObject({ kind: 'replied', refund: 4n });
    expect(canister.cycles).toBe(10n);
    topUp((1n << 128n) - 1n);
    expect(canister.cycles).toBe((1n << 128n) - 1n);
    expectRefusalTo(
      world,
      bob,
      'provisional_top_up_canister',
      { canister_id: toAgent(canister.id), amount: 1n << 128n },
      'invalidManagementPayload',
    );
  });

  it('is refused for a canister that does not exist [management.provisional.top_up]', () => {
    const argument = { canister_id: toAgent(nobodysId), amount: 1n };
    expectRefusalTo(
      createWorldDouble(),
      alice,
      'provisional_top_up_canister',
      argument,
      'canisterNotFound',
      /not found/,
    );
  });
});

describe('deposit_cycles', () => {
  it('moves exactly the cycles of the call [management.deposit_cycles]', () => {
    const world = createWorldDouble();
    const canister = setUpCanister(world, { amount: 1n });
    const outcome = callFromCanister(
      world,
      bob,
      'deposit_cycles',
      { canister_id: toAgent(canister.id) },
      { cycles: 41n },
    );
    expect(outcome).toMatchObject({ kind: 'replied', refund: 0n, touched: [canister.id] });
    expect(canister.cycles).toBe(42n);
    expect(canister.version).toBe(0n);
  });

  it('returns them when the canister does not exist [management.deposit_cycles]', () => {
    const argument = encodeArgument('deposit_cycles', { canister_id: toAgent(nobodysId) });
    expectRefusal(
      createWorldDouble(),
      fromCanister(bob, 'deposit_cycles', argument, { cycles: 41n }),
      'canisterNotFound',
    );
  });

  it('is not for users [management.deposit_cycles]', () => {
    const world = createWorldDouble();
    const argument = { canister_id: toAgent(setUpCanister(world).id) };
    expectRefusalTo(world, alice, 'deposit_cycles', argument, 'canisterRejectedMessage');
  });
});

it('ids of canisters only rise, also when canisters are deleted in between [management.delete_canister.id]', () => {
  const world = createWorldDouble();
  const first = setUpCanister(world);
  world.state.canisters.delete(first.id);
  expect(canisterIndexOfId(setUpCanister(world).id)).toBe(1n);
});
