import { describe, expect, it } from 'vitest';
import { anonymous } from '../codec/principal.ts';
import type { CanisterSettings } from '../state/canister.ts';
import { call, callFromCanister, expectRefusalTo, setUpCanister, toAgent } from './driver-double.ts';
import { alice, bob, createWorldDouble, describeModule, nobodysId, principalOf } from './world-double.ts';

const method = 'update_settings';

function setUp(amount: bigint | undefined = undefined) {
  const world = createWorldDouble();
  const canister = setUpCanister(world, { amount });
  const argument = (settings: unknown) => ({ canister_id: toAgent(canister.id), settings });
  return {
    world,
    canister,
    update: (settings: unknown) => call(world, alice, method, argument(settings)),
    refuse: (settings: unknown, error: Parameters<typeof expectRefusalTo>[4], text: RegExp | string = '') =>
      expectRefusalTo(world, alice, method, argument(settings), error, text),
  };
}

const gib = 1n << 30n;

describe('update_settings', () => {
  it('is for controllers only [management.update_settings.caller]', () => {
    const { world, canister } = setUp();
    const argument = { canister_id: toAgent(canister.id), settings: {} };
    for (const caller of [bob, canister.id]) {
      expectRefusalTo(
        world,
        caller,
        method,
        argument,
        'canisterInvalidController',
        /Only the controllers of the canister/,
      );
    }
    expectRefusalTo(world, alice, method, { ...argument, canister_id: toAgent(nobodysId) }, 'canisterNotFound');
  });

  it('names controllers and sender when it is refused [management.update_settings.caller]', () => {
    const { world, canister } = setUp();
    const argument = { canister_id: toAgent(canister.id), settings: {} };
    const reject = expectRefusalTo(world, bob, method, argument, 'canisterInvalidController');
    expect(reject.code).toBe(5);
    expect(reject.message).toBe(
      `Only the controllers of the canister ${toAgent(canister.id)} can control it.\n` +
        `Canister's controllers: ${toAgent(alice)}\nSender's ID: ${toAgent(bob)}`,
    );
  });

  it('changes only what is given and raises the version [management.update_settings.partial]', () => {
    const { canister, update } = setUp();
    const before = structuredClone(canister.settings);
    expect(update({ freezing_threshold: 5n })).toMatchObject({ kind: 'replied' });
    expect(canister.settings).toEqual({ ...before, freezingThresholdSeconds: 5n });
    expect(canister.version).toBe(1n);
    update({});
    expect(canister.version).toBe(2n);
    expect(canister.history).toHaveLength(1);
    expect(canister.totalChanges).toBe(1n);
  });

  it('records a change of controllers with the version after it [management.update_settings.history]', () => {
    const { world, canister, update } = setUp();
    update({ controllers: [toAgent(alice), toAgent(bob)] });
    callFromCanister(world, bob, method, {
      canister_id: toAgent(canister.id),
      settings: { controllers: [] },
      sender_canister_version: 0n,
    });
    expect(canister.history.slice(1)).toMatchObject([
      {
        canisterVersion: 1n,
        origin: { kind: 'user', userId: alice },
        details: { kind: 'controllersChange', controllers: [alice, bob] },
      },
      {
        canisterVersion: 2n,
        origin: { kind: 'canister', canisterId: bob, canisterVersion: 0n },
        details: { kind: 'controllersChange', controllers: [] },
      },
    ]);
    expect(canister.controllers).toEqual([]);
    expect(canister.totalChanges).toBe(3n);
  });

  it('keeps the newest 20 changes and counts all [management.canister_info.history_length]', () => {
    const { canister, update } = setUp();
    for (let i = 0; i < 25; i++) update({ controllers: [toAgent(alice)] });
    expect(canister.totalChanges).toBe(26n);
    expect(canister.history.map((change) => change.canisterVersion)).toEqual(
      Array.from({ length: 20 }, (_, i) => BigInt(i + 6)),
    );
  });

  const ranges: [setting: string, field: keyof CanisterSettings, most: bigint][] = [
    ['compute_allocation', 'computeAllocation', 100n],
    ['freezing_threshold', 'freezingThresholdSeconds', (1n << 64n) - 1n],
    ['reserved_cycles_limit', 'reservedCyclesLimit', (1n << 128n) - 1n],
    ['minimum_incoming_canister_call_cycles', 'minimumIncomingCallCycles', (1n << 128n) - 1n],
    ['wasm_memory_limit', 'wasmMemoryLimit', 1n << 48n],
    ['wasm_memory_threshold', 'wasmMemoryThreshold', 1n << 48n],
    ['log_memory_limit', 'logMemoryLimit', 2_097_152n],
  ];
  for (const [setting, field, most] of ranges) {
    it(`takes ${setting} up to ${most} [management.settings.ranges]`, () => {
      const { canister, update, refuse } = setUp(1n << 100n);
      update({ [setting]: most });
      expect(canister.settings[field]).toBe(most);
      update({ [setting]: 0n });
      expect(canister.settings[field]).toBe(0n);
      const error = setting === 'log_memory_limit' ? 'canisterRejectedMessage' : 'canisterContractViolation';
      refuse({ [setting]: most + 1n }, error, `${most + 1n}`);
    });
  }

  it('takes log_memory_limit of 0 or from 4096 on [management.settings.ranges]', () => {
    const { canister, update, refuse } = setUp();
    refuse({ log_memory_limit: 1n }, 'canisterRejectedMessage', /too low/);
    refuse({ log_memory_limit: 4_095n }, 'canisterRejectedMessage', /too low/);
    update({ log_memory_limit: 4_096n });
    expect(canister.settings.logMemoryLimit).toBe(4_096n);
  });

  it('takes memory_allocation up to 64 bits by range, and up to the subnet by capacity [management.settings.memory]', () => {
    const { canister, update, refuse } = setUp((1n << 128n) - 1n);
    refuse({ memory_allocation: 1n << 64n }, 'canisterContractViolation');
    refuse({ memory_allocation: (1n << 64n) - 1n }, 'subnetOversubscribed', /16\.00 EiB of memory but only 2\.00 TiB/);
    update({ memory_allocation: 100n * gib });
    expect(canister.settings.memoryAllocation).toBe(100n * gib);
    expect(canister.reservedCycles).toBe(0n);
  });

  it('sets cycles aside when the subnet fills up [management.settings.reservation]', () => {
    const { canister, update, refuse } = setUp(1n << 100n);
    const before = canister.cycles;
    refuse(
      { memory_allocation: 1_000n * gib },
      'reservedCyclesLimitExceededInMemoryAllocation',
      /to 1000\.00 GiB due to its reserved cycles limit\. .* would be exceeded by/,
    );
    update({ memory_allocation: 1_000n * gib, reserved_cycles_limit: 1n << 99n });
    expect(canister.reservedCycles).toBeGreaterThan(0n);
    expect(canister.cycles + canister.reservedCycles).toBe(before);
    refuse({ reserved_cycles_limit: canister.reservedCycles - 1n }, 'reservedCyclesLimitIsTooLow');
    update({ reserved_cycles_limit: canister.reservedCycles });
    expect(canister.settings.reservedCyclesLimit).toBe(canister.reservedCycles);
  });

  it('refuses allocations that would freeze the canister, but not a freezing threshold that does [management.settings.freezing]', () => {
    const { canister, update, refuse } = setUp(1_000_000n);
    refuse(
      { compute_allocation: 1n },
      'insufficientCyclesInComputeAllocation',
      /compute allocation to 1% due to insufficient cycles\. At least \d+ additional cycles are required/,
    );
    refuse({ memory_allocation: gib }, 'insufficientCyclesInMemoryAllocation', /memory allocation to 1\.00 GiB due/);
    update({ freezing_threshold: (1n << 64n) - 1n });
    expect(canister.settings.freezingThresholdSeconds).toBe((1n << 64n) - 1n);
  });

  it('allocates 299 % of compute on the subnet and no more [management.settings.compute]', () => {
    const { world, update, refuse } = setUp(1n << 100n);
    for (let i = 0; i < 2; i++) setUpCanister(world, { amount: 1n << 100n, settings: { compute_allocation: 100n } });
    refuse(
      { compute_allocation: 100n },
      'subnetOversubscribed',
      "Canister requested a compute allocation of 100% which cannot be satisfied because the Subnet's remaining compute capacity is 99%.",
    );
    expect(update({ compute_allocation: 99n })).toMatchObject({ kind: 'replied' });
  });

  it('takes at most ten controllers and ten viewers [management.settings.lists]', () => {
    const { canister, update, refuse } = setUp();
    const people = (count: number) =>
      Array.from({ length: count }, (_, i) => toAgent(principalOf(`0${i % 10}f${i % 10}02`)));
    const controllers = [toAgent(alice), ...people(9)];
    update({ controllers });
    expect(canister.controllers).toHaveLength(10);
    refuse(
      { controllers: [...controllers, toAgent(bob)] },
      'canisterContractViolation',
      "Could not validate the settings: Invalid settings: 'controllers' length exceeds maximum size allowed of 10.",
    );
    for (const setting of ['log_visibility', 'snapshot_visibility', 'status_visibility']) {
      expect(update({ [setting]: { allowed_viewers: people(10) } })).toMatchObject({ kind: 'replied' });
      refuse({ [setting]: { allowed_viewers: people(11) } }, 'canisterContractViolation', /allowed_viewers/);
    }
    expect(canister.settings.snapshotVisibility).toMatchObject({ kind: 'allowedViewers' });
  });

  it('sets and resets visibilities [management.settings.visibility]', () => {
    const { canister, update } = setUp();
    update({ status_visibility: { allowed_viewers: [toAgent(anonymous)] }, snapshot_visibility: { public: null } });
    expect(canister.settings.statusVisibility).toEqual({ kind: 'allowedViewers', viewers: [anonymous] });
    expect(canister.settings.snapshotVisibility).toEqual({ kind: 'public' });
    update({ status_visibility: { controllers: null } });
    expect(canister.settings.statusVisibility).toEqual({ kind: 'controllers' });
  });

  it('keeps variables within their limits, in bytes of UTF-8, and by unique names [management.settings.environment]', () => {
    const { canister, update, refuse } = setUp();
    const variables = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `n${i}`, value: '' }));
    update({ environment_variables: variables(20) });
    expect(canister.settings.environmentVariables).toHaveLength(20);
    refuse(
      { environment_variables: variables(21) },
      'invalidManagementPayload',
      /Too many environment variables: 21 \(max: 20\)/,
    );
    const long = 'é'.repeat(64);
    update({ environment_variables: [{ name: long, value: long }] });
    refuse({ environment_variables: [{ name: `${long}x`, value: '' }] }, 'invalidManagementPayload', /name .* exceeds/);
    refuse(
      { environment_variables: [{ name: 'x', value: `${long}x` }] },
      'invalidManagementPayload',
      /value .* exceeds/,
    );
    const twice = [
      { name: 'x', value: '1' },
      { name: 'x', value: '2' },
    ];
    refuse(
      { environment_variables: twice },
      'invalidManagementPayload',
      'Duplicate environment variables are not allowed',
    );
    update({ environment_variables: [] });
    expect(canister.settings.environmentVariables).toEqual([]);
  });

  it('refuses a heap limit below what the heap uses, but not 0 [management.settings.wasm_memory_limit]', () => {
    const { world, canister, update, refuse } = setUp();
    const wasm_module = describeModule({ heapPages: 2 });
    call(world, alice, 'install_code', {
      canister_id: toAgent(canister.id),
      mode: { install: null },
      wasm_module,
      arg: [],
    });
    refuse({ wasm_memory_limit: 131_071n }, 'canisterWasmMemoryLimitExceeded', /uses 131072 bytes/);
    expect(update({ wasm_memory_limit: 131_072n })).toMatchObject({ kind: 'replied' });
    expect(update({ wasm_memory_limit: 0n })).toMatchObject({ kind: 'replied' });
  });

  it('readies the low memory hook when the threshold is passed, once [management.settings.wasm_memory_threshold]', () => {
    const { world, canister, update } = setUp();
    const wasm_module = describeModule({ heapPages: 2 });
    call(world, alice, 'install_code', {
      canister_id: toAgent(canister.id),
      mode: { install: null },
      wasm_module,
      arg: [],
    });
    update({ wasm_memory_limit: 200_000n, wasm_memory_threshold: 200_000n - 131_072n });
    expect(canister.lowMemoryHook).toBe('notNeeded');
    update({ wasm_memory_threshold: 200_001n - 131_072n });
    expect(canister.lowMemoryHook).toBe('ready');
    canister.lowMemoryHook = 'executed';
    update({});
    expect(canister.lowMemoryHook).toBe('executed');
    update({ wasm_memory_threshold: 0n });
    expect(canister.lowMemoryHook).toBe('notNeeded');
  });

  it('drops the oldest log records when their limit shrinks [management.settings.log_memory_limit]', () => {
    const { canister, update } = setUp();
    update({ log_memory_limit: 8_192n });
    for (let index = 0n; index < 8n; index++) {
      canister.logs.push({ index, timestampNs: 0n, content: new Uint8Array(1_000) });
    }
    update({ log_memory_limit: 4_096n });
    expect(canister.logs.map((record) => record.index)).toEqual([4n, 5n, 6n, 7n]);
    update({ log_memory_limit: 0n });
    expect(canister.logs).toEqual([]);
  });
});
