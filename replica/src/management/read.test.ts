import { textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { anonymous, canisterIdOfIndex } from '../codec/principal.ts';
import { sha256 } from '../crypto/sha256.ts';
import {
  call,
  callFromCanister,
  expectRefusal,
  expectRefusalTo,
  queryReply,
  replyOf,
  setUpCanister,
  toAgent,
} from './driver-double.ts';
import { encodeArgument } from './oracle.ts';
import { queryManagement } from './query.ts';
import {
  admin,
  alice,
  bob,
  createWorldDouble,
  describeModule,
  fromCanister,
  nobodysId,
  subnetId,
} from './world-double.ts';

const wasm_module = describeModule({
  heapPages: 2,
  sections: [
    { name: 'candid:service', visibility: 'public', text: 'service : {}' },
    { name: 'secret', visibility: 'private', text: 'hush' },
  ],
});

function setUp(more: Record<string, unknown> = {}) {
  const world = createWorldDouble({ admins: [admin] });
  const canister = setUpCanister(world, more);
  const canister_id = toAgent(canister.id);
  const install = () =>
    call(world, alice, 'install_code', { canister_id, mode: { install: null }, wasm_module, arg: [] });
  return { world, canister, canister_id, install };
}

describe('canister_status', () => {
  it('tells everything about a canister, to calls and to queries alike [management.canister_status]', () => {
    const { world, canister, canister_id, install } = setUp({ amount: 5_000_000_000_000n });
    install();
    canister.stable.sizePages = 3;
    canister.queryStatistics = { calls: 1n, instructions: 2n, requestBytes: 3n, responseBytes: 4n };
    const status = replyOf('canister_status', call(world, alice, 'canister_status', { canister_id }));
    const historySize = 96n * 2n + 30n;
    const customSize = BigInt('service : {}hush'.length);
    const used = 5n * 65_536n + BigInt(wasm_module.length) + customSize + historySize;
    expect(status).toEqual({
      status: { running: null },
      ready_for_migration: false,
      version: 1n,
      settings: {
        controllers: [toAgent(alice)],
        compute_allocation: 0n,
        memory_allocation: 0n,
        freezing_threshold: 2_592_000n,
        reserved_cycles_limit: 5_000_000_000_000n,
        minimum_incoming_canister_call_cycles: 0n,
        log_visibility: { controllers: null },
        log_memory_limit: 4_096n,
        snapshot_visibility: { controllers: null },
        status_visibility: { controllers: null },
        wasm_memory_limit: 0n,
        wasm_memory_threshold: 0n,
        environment_variables: [],
      },
      module_hash: [sha256(wasm_module)],
      memory_size: used,
      memory_metrics: {
        wasm_memory_size: 131_072n,
        stable_memory_size: 196_608n,
        global_memory_size: 0n,
        wasm_binary_size: BigInt(wasm_module.length),
        custom_sections_size: customSize,
        canister_history_size: historySize,
        wasm_chunk_store_size: 0n,
        snapshots_size: 0n,
        log_memory_store_size: 0n,
      },
      cycles: 5_000_000_000_000n,
      reserved_cycles: 0n,
      idle_cycles_burned_per_day: (used * 127_000n * 86_400n) / (1n << 30n),
      query_stats: {
        num_calls_total: 1n,
        num_instructions_total: 2n,
        request_payload_bytes_total: 3n,
        response_payload_bytes_total: 4n,
      },
    });
    expect(queryReply(world, alice, 'canister_status', { canister_id })).toEqual(status);
  });

  it('is for controllers, admins and the canister itself, and whom the setting names [management.canister_status.caller]', () => {
    const { world, canister, canister_id } = setUp();
    for (const caller of [alice, admin, canister.id]) queryReply(world, caller, 'canister_status', { canister_id });
    expectRefusalTo(world, bob, 'canister_status', { canister_id }, 'canisterInvalidController');
    const arg = encodeArgument('canister_status', { canister_id });
    expect(queryManagement(world, { caller: bob, method: 'canister_status', arg })).toMatchObject({
      kind: 'reject',
      reject: { error: 'canisterInvalidController' },
    });
    canister.settings.statusVisibility = { kind: 'allowedViewers', viewers: [bob] };
    queryReply(world, bob, 'canister_status', { canister_id });
    queryReply(world, alice, 'canister_status', { canister_id });
    expectRefusalTo(world, anonymous, 'canister_status', { canister_id }, 'canisterInvalidController');
    canister.settings.statusVisibility = { kind: 'public' };
    expect(call(world, anonymous, 'canister_status', { canister_id })).toMatchObject({ kind: 'replied' });
  });

  it('shows when a stopped canister is at rest [management.canister_status.ready_for_migration]', () => {
    const { world, canister, canister_id } = setUp();
    canister.status = { kind: 'stopped' };
    const isReady = () =>
      Reflect.get(queryReply(world, alice, 'canister_status', { canister_id }) as object, 'ready_for_migration');
    expect(isReady()).toBe(true);
    canister.inbox.push({ kind: 'task', task: 'heartbeat' });
    expect(isReady()).toBe(false);
    expectRefusalTo(world, alice, 'canister_status', { canister_id: toAgent(nobodysId) }, 'canisterNotFound');
  });
});

describe('canister_info', () => {
  it('tells anybody the last changes that are asked for, none by default [management.canister_info]', () => {
    const { world, canister, canister_id, install } = setUp();
    install();
    call(world, alice, 'uninstall_code', { canister_id });
    canister.controllers.push(bob);
    callFromCanister(world, bob, 'update_settings', {
      canister_id,
      settings: { controllers: [] },
      sender_canister_version: 0n,
    });
    const info = (num_requested_changes?: bigint) =>
      replyOf('canister_info', callFromCanister(world, bob, 'canister_info', { canister_id, num_requested_changes }));
    const common = { total_num_changes: 4n, module_hash: [], controllers: [] };
    expect(info()).toEqual({ ...common, recent_changes: [] });
    expect(info(0n)).toEqual({ ...common, recent_changes: [] });
    const timestamp_nanos = world.state.timeNs;
    const byAlice = { from_user: { user_id: toAgent(alice) } };
    const changes = [
      {
        timestamp_nanos,
        canister_version: 0n,
        origin: byAlice,
        details: { creation: { controllers: [toAgent(alice)], environment_variables_hash: [] } },
      },
      {
        timestamp_nanos,
        canister_version: 1n,
        origin: byAlice,
        details: { code_deployment: { mode: { install: null }, module_hash: sha256(wasm_module) } },
      },
      { timestamp_nanos, canister_version: 2n, origin: byAlice, details: { code_uninstall: null } },
      {
        timestamp_nanos,
        canister_version: 3n,
        origin: { from_canister: { canister_id: toAgent(bob), canister_version: [0n] } },
        details: { controllers_change: { controllers: [] } },
      },
    ];
    expect(info(2n)).toEqual({ ...common, recent_changes: changes.slice(2) });
    expect(info((1n << 64n) - 1n)).toEqual({ ...common, recent_changes: changes });
    expect(queryReply(world, anonymous, 'canister_info', { canister_id, num_requested_changes: 4n })).toEqual({
      ...common,
      recent_changes: changes,
    });
  });

  it('shows the hash of the module, and is never taken as ingress [management.canister_info.caller]', () => {
    const { world, canister_id, install } = setUp();
    install();
    expect(queryReply(world, bob, 'canister_info', { canister_id })).toMatchObject({
      module_hash: [sha256(wasm_module)],
    });
    expectRefusalTo(world, alice, 'canister_info', { canister_id }, 'canisterRejectedMessage');
  });
});

describe('canister_metadata', () => {
  it('shows public sections to every canister and private ones to controllers [management.canister_metadata]', () => {
    const { world, canister, canister_id, install } = setUp();
    install();
    canister.controllers.push(canister.id);
    const read = (caller = bob, name = 'candid:service') =>
      replyOf('canister_metadata', callFromCanister(world, caller, 'canister_metadata', { canister_id, name }));
    expect(read()).toEqual({ value: textToBytes('service : {}') });
    expect(read(canister.id, 'secret')).toEqual({ value: textToBytes('hush') });
    for (const name of ['secret', 'unknown']) {
      const request = fromCanister(
        bob,
        'canister_metadata',
        encodeArgument('canister_metadata', { canister_id, name }),
      );
      const text = `The canister ${canister_id} has no metadata section with the name ${name}.`;
      expectRefusal(world, request, 'canisterRejectedMessage', text);
    }
  });

  it('is refused for empty canisters, to users and as a query [management.canister_metadata]', () => {
    const { world, canister_id, install } = setUp();
    const arg = encodeArgument('canister_metadata', { canister_id, name: 'candid:service' });
    expectRefusal(world, fromCanister(bob, 'canister_metadata', arg), 'canisterRejectedMessage', /has no Wasm module/);
    install();
    const asUser = { canister_id, name: 'candid:service' };
    expectRefusalTo(world, alice, 'canister_metadata', asUser, 'canisterRejectedMessage', /Only canisters/);
    const answer = queryManagement(world, { caller: alice, method: 'canister_metadata', arg });
    expect(answer).toMatchObject({ reject: { error: 'canisterMethodNotFound' } });
  });
});

describe('canister_metrics', () => {
  it('tells controllers and admins what the cycles went into [management.canister_metrics]', () => {
    const { world, canister, canister_id } = setUp();
    Object.keys(canister.burnedCycles).forEach((use, i) => {
      Reflect.set(canister.burnedCycles, use, BigInt(i + 1));
    });
    const expected = {
      cycles_consumed: {
        memory: 1n,
        compute_allocation: 2n,
        ingress_induction: 3n,
        instructions: 4n,
        request_and_response_transmission: 5n,
        uninstall: 6n,
        burned_cycles: 7n,
        canister_creation: 8n,
        http_outcalls: 9n,
      },
    };
    expect(queryReply(world, admin, 'canister_metrics', { canister_id })).toEqual(expected);
    expect(replyOf('canister_metrics', call(world, alice, 'canister_metrics', { canister_id }))).toEqual(expected);
    for (const caller of [bob, canister.id]) {
      expectRefusalTo(world, caller, 'canister_metrics', { canister_id }, 'canisterInvalidController');
    }
  });
});

describe('raw_rand', () => {
  it('gives canisters 32 bytes, never the same [management.raw_rand]', () => {
    const world = createWorldDouble();
    const draw = () => replyOf('raw_rand', callFromCanister(world, bob, 'raw_rand', undefined));
    expect(draw()).toHaveLength(32);
    expect(draw()).not.toEqual(draw());
    expectRefusalTo(
      world,
      alice,
      'raw_rand',
      undefined,
      'canisterRejectedMessage',
      /Only canisters can call ic00 method raw_rand/,
    );
  });
});

describe('subnet_info, subnet_metrics, node_metrics_history', () => {
  it('tell canisters about this subnet only [management.subnet]', () => {
    const { world, canister } = setUp({ settings: { memory_allocation: 1_000_000n } });
    canister.burnedCycles.memory = 10n;
    world.state.consumedByDeleted = 5n;
    const subnet_id = toAgent(subnetId);
    const ask = (method: 'subnet_info' | 'subnet_metrics' | 'node_metrics_history') =>
      replyOf(method, callFromCanister(world, bob, method, { subnet_id, start_at_timestamp_nanos: 0n }));
    expect(ask('subnet_info')).toEqual({ replica_version: expect.stringMatching(/^tamc-/), registry_version: 1n });
    expect(ask('node_metrics_history')).toEqual([]);
    expect(ask('subnet_metrics')).toEqual({
      block_height: 7n,
      num_canisters: 1n,
      canister_state_bytes: 1_000_000n,
      consumed_cycles_total: 15n,
      update_transactions_total: 5n,
    });
    for (const method of ['subnet_info', 'subnet_metrics', 'node_metrics_history'] as const) {
      const elsewhere = { subnet_id: toAgent(bob), start_at_timestamp_nanos: 0n };
      expectRefusal(world, fromCanister(bob, method, encodeArgument(method, elsewhere)), 'subnetNotFound');
      expectRefusalTo(world, alice, method, { subnet_id, start_at_timestamp_nanos: 0n }, 'canisterRejectedMessage');
    }
  });
});

describe('fetch_canister_logs', () => {
  function setUpLogs() {
    const setup = setUp();
    for (let index = 3n; index < 7n; index++) {
      setup.canister.logs.push({ index, timestampNs: 100n * index, content: textToBytes(`line ${index}`) });
    }
    const { world, canister_id } = setup;
    const indexes = (filter?: unknown) => {
      const reply = queryReply(world, alice, 'fetch_canister_logs', { canister_id, filter }) as {
        canister_log_records: { idx: bigint }[];
      };
      return reply.canister_log_records.map((record) => record.idx);
    };
    return { ...setup, indexes };
  }

  it('tells the records, all or those in a range without its end [management.fetch_canister_logs.filter]', () => {
    const { world, canister_id, indexes } = setUpLogs();
    const reply = queryReply(world, alice, 'fetch_canister_logs', { canister_id });
    expect(reply).toMatchObject({
      canister_log_records: [{ idx: 3n, timestamp_nanos: 300n, content: textToBytes('line 3') }, {}, {}, {}],
    });
    expect(indexes({ by_idx: { start: 4n, end: 6n } })).toEqual([4n, 5n]);
    expect(indexes({ by_timestamp_nanos: { start: 301n, end: 601n } })).toEqual([4n, 5n, 6n]);
    expect(indexes({ by_timestamp_nanos: { start: 400n, end: 400n } })).toEqual([]);
    expect(indexes({ by_idx: { start: 6n, end: 4n } })).toEqual([]);
  });

  it('tells the newest records that fit, with a filter the oldest [management.fetch_canister_logs.trim]', () => {
    const { canister, indexes } = setUpLogs();
    canister.logs = Array.from({ length: 3 }, (_, i) => ({
      index: BigInt(i),
      timestampNs: 0n,
      content: new Uint8Array(999_976),
    }));
    expect(indexes()).toEqual([1n, 2n]);
    expect(indexes({ by_idx: { start: 0n, end: 9n } })).toEqual([0n, 1n]);
  });

  it('is for controllers, or whom log_visibility names [management.fetch_canister_logs.caller]', () => {
    const { world, canister, canister_id } = setUpLogs();
    const arg = encodeArgument('fetch_canister_logs', { canister_id });
    const ask = (caller = bob) => queryManagement(world, { caller, method: 'fetch_canister_logs', arg });
    for (const caller of [bob, admin, canister.id]) {
      expect(ask(caller)).toMatchObject({
        reject: { message: `Caller ${toAgent(caller)} is not allowed to access canister logs`, code: 4 },
      });
    }
    canister.settings.logVisibility = { kind: 'allowedViewers', viewers: [bob] };
    expect(ask()).toMatchObject({ kind: 'reply' });
    expect(ask(alice)).toMatchObject({ kind: 'reply' });
    expect(ask(anonymous)).toMatchObject({ kind: 'reject' });
    canister.settings.logVisibility = { kind: 'public' };
    expect(ask(anonymous)).toMatchObject({ kind: 'reply' });
  });

  it('answers canisters also in replicated calls, but not users [management.fetch_canister_logs.caller]', () => {
    const { world, canister, canister_id } = setUpLogs();
    canister.controllers.push(bob);
    expect(callFromCanister(world, bob, 'fetch_canister_logs', { canister_id })).toMatchObject({ kind: 'replied' });
    expectRefusalTo(world, alice, 'fetch_canister_logs', { canister_id }, 'canisterRejectedMessage');
  });
});

describe('list_canisters', () => {
  it('tells subnet admins the ids in ranges without gaps [management.list_canisters]', () => {
    const { world, canister } = setUp();
    for (const index of [9n, 5n, 1n, 4n]) world.state.canisters.set(canisterIdOfIndex(index), canister);
    const range = (start: bigint, end: bigint) => ({
      start: toAgent(canisterIdOfIndex(start)),
      end: toAgent(canisterIdOfIndex(end)),
    });
    expect(queryReply(world, admin, 'list_canisters', undefined)).toEqual({
      canisters: [range(0n, 1n), range(4n, 5n), range(9n, 9n)],
    });
  });

  it('is refused to others, where nobody is admin, and as a call [management.list_canisters.caller]', () => {
    const { world } = setUp();
    const arg = encodeArgument('list_canisters', undefined);
    const query = { caller: alice, method: 'list_canisters', arg };
    expect(queryManagement(world, query)).toMatchObject({ reject: { error: 'canisterRejectedMessage' } });
    expect(queryManagement(createWorldDouble(), { ...query, caller: admin })).toMatchObject({ kind: 'reject' });
    expectRefusalTo(world, admin, 'list_canisters', undefined, 'canisterRejectedMessage', /only be called as a query/);
    expectRefusal(world, fromCanister(admin, 'list_canisters', arg), 'canisterRejectedMessage');
  });
});
