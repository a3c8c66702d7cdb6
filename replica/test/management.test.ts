// The management canister end to end: as users see it through @dfinity/agent, and as canisters see it through a relay.
import { createHash } from 'node:crypto';
import { Actor, type ActorSubclass, HttpAgent } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import type { Principal } from '@dfinity/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReplica, type Replica } from '../src/index.ts';
import { decodeResult, encodeArgument, type IcMethod, icService } from '../src/management/oracle.ts';
import { buildRelay, decodeRelayedAnswer, encodeRelayedCall, type RelayedAnswer, readNat128 } from './relay.ts';

type Management = ActorSubclass<Record<string, (...args: unknown[]) => Promise<unknown>>>;

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const text = (value: string) => new TextEncoder().encode(value);
const trillion = 1_000_000_000_000n;

async function connect(replica: Replica, identity: Ed25519KeyIdentity) {
  const agent = await HttpAgent.create({
    host: 'http://in.process',
    fetch: replica.fetch,
    identity,
    shouldFetchRootKey: true,
    retryTimes: 0,
  });
  /** An actor whose requests go to the address of `canister`; with `queries`, methods that allow it are queried. */
  const management = (canister: Principal | null, queries = false): Management =>
    Actor.createActor(() => icService(queries), {
      agent,
      canisterId: 'aaaaa-aa',
      ...(canister === null
        ? {}
        : { effectiveCanisterId: canister, queryTransform: () => ({ effectiveCanisterId: canister }) }),
    });
  return { agent, management };
}

type Connection = Awaited<ReturnType<typeof connect>>;

async function createCanister({ management }: Connection, settings: object[] = []): Promise<Principal> {
  const argument = { amount: [], settings, specified_id: [], sender_canister_version: [] };
  const created = await management(null).provisional_create_canister_with_cycles!(argument);
  return (created as { canister_id: Principal }).canister_id;
}

function install({ management }: Connection, canister_id: Principal, wasm_module: Uint8Array, mode: object) {
  const argument = { canister_id, wasm_module, mode, arg: new Uint8Array(0), sender_canister_version: [] };
  return management(canister_id).install_code!(argument);
}

const noSettings = {
  controllers: [],
  compute_allocation: [],
  memory_allocation: [],
  freezing_threshold: [],
  reserved_cycles_limit: [],
  minimum_incoming_canister_call_cycles: [],
  log_visibility: [],
  log_memory_limit: [],
  snapshot_visibility: [],
  status_visibility: [],
  wasm_memory_limit: [],
  wasm_memory_threshold: [],
  environment_variables: [],
};

/** Calls of a relay that has been installed, from inside the process. */
function relayOf(replica: Replica, canister: Principal) {
  const id = canister.toText();
  const data = async (answer: ReturnType<Replica['call']>): Promise<Uint8Array> => {
    const settled = await answer;
    expect(settled).toMatchObject({ kind: 'replied' });
    return settled.kind === 'replied' ? settled.data : new Uint8Array(0);
  };
  const number = (value: number) => new Uint8Array(new BigUint64Array([BigInt(value)]).buffer);
  return {
    send: (callee: string, method: string, payload: Uint8Array, cycles = 0n) =>
      replica.call({ canister: id, method: 'call', arg: encodeRelayedCall({ callee, method, payload, cycles }) }),
    async call(callee: string, method: string, payload: Uint8Array, cycles = 0n): Promise<RelayedAnswer> {
      return decodeRelayedAnswer(await data(this.send(callee, method, payload, cycles)));
    },
    manage(method: IcMethod, argument: unknown, cycles = 0n): Promise<RelayedAnswer> {
      return this.call('aaaaa-aa', method, encodeArgument(method, argument), cycles);
    },
    version: async () => {
      const bytes = await data(replica.query({ canister: id, method: 'version' }));
      return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    },
    balance: async () => readNat128(await data(replica.query({ canister: id, method: 'balance' }))),
    log: (line: string) => data(replica.call({ canister: id, method: 'log', arg: text(line) })),
    set: (value: number) => data(replica.call({ canister: id, method: 'set', arg: number(value) })),
    /** The number in heap and stable memory. */
    get: async () => {
      const bytes = await data(replica.query({ canister: id, method: 'get' }));
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      return [Number(view.getBigUint64(0, true)), Number(view.getBigUint64(8, true))];
    },
  };
}

function resultOf(method: IcMethod, answer: RelayedAnswer): unknown {
  expect(answer).toMatchObject({ kind: 'reply' });
  return answer.kind === 'reply' ? decodeResult(method, answer.data) : undefined;
}

describe('users', () => {
  const alice = Ed25519KeyIdentity.generate();
  let replica: Replica;
  let byAlice: Connection;
  let byBob: Connection;
  let relay: Uint8Array;

  beforeAll(async () => {
    replica = await createReplica({ memory: true });
    byAlice = await connect(replica, alice);
    byBob = await connect(replica, Ed25519KeyIdentity.generate());
    relay = await buildRelay();
  });
  afterAll(() => replica.close());

  it('create a canister, read its status by call and by query, and change its settings [management.http]', async () => {
    const canister_id = await createCanister(byAlice, [{ ...noSettings, freezing_threshold: [7n] }]);
    const status = await byAlice.management(canister_id).canister_status!({ canister_id });
    expect(status).toMatchObject({
      status: { running: null },
      version: 0n,
      module_hash: [],
      settings: { controllers: [alice.getPrincipal()], freezing_threshold: 7n },
    });
    const environment_variables = [[{ name: 'PUBLIC_A', value: 'b' }]];
    await byAlice.management(canister_id).update_settings!({
      canister_id,
      settings: { ...noSettings, environment_variables },
      sender_canister_version: [],
    });
    const queried = await byAlice.management(canister_id, true).canister_status!({ canister_id });
    expect(queried).toMatchObject({ version: 1n, settings: { environment_variables: environment_variables[0] } });
  });

  it('are told apart from controllers before a call is taken in, and by queries [management.http]', async () => {
    const canister_id = await createCanister(byAlice);
    const refused = byBob.management(canister_id).stop_canister!({ canister_id });
    await expect(refused).rejects.toThrow(/Only controllers of canister .* can call ic00 method stop_canister/);
    await expect(refused).rejects.toThrow(/IC0512/);
    const queried = byBob.management(canister_id, true).canister_status!({ canister_id });
    await expect(queried).rejects.toThrow(/Only the controllers of the canister/);
    await expect(byBob.management(canister_id).raw_rand!()).rejects.toThrow(/raw_rand/);
    await expect(
      byBob.management(null).create_canister!({ settings: [], sender_canister_version: [] }),
    ).rejects.toThrow(/Only canisters can call ic00 method create_canister/);
  });

  it('install, upgrade and reinstall code [management.http]', async () => {
    const canister_id = await createCanister(byAlice);
    await install(byAlice, canister_id, relay, { install: null });
    await expect(install(byAlice, canister_id, relay, { install: null })).rejects.toThrow(/is not empty/);
    const canister = relayOf(replica, canister_id);
    await canister.set(5);
    expect(await canister.get()).toEqual([5, 5]);
    const upgraded = await buildRelay(1);
    await install(byAlice, canister_id, upgraded, { upgrade: [] });
    expect(await canister.get()).toEqual([0, 5]);
    await expect(install(byAlice, canister_id, text('no module'), { upgrade: [] })).rejects.toThrow(/IC0505/);
    await install(byAlice, canister_id, relay, { reinstall: null });
    expect(await canister.get()).toEqual([0, 0]);
    expect(
      await byAlice.management(canister_id, true).canister_info!({ canister_id, num_requested_changes: [3n] }),
    ).toMatchObject({
      total_num_changes: 4n,
      module_hash: [sha256(relay)],
      recent_changes: [
        { canister_version: 1n, details: { code_deployment: { mode: { install: null }, module_hash: sha256(relay) } } },
        { details: { code_deployment: { mode: { upgrade: null }, module_hash: sha256(upgraded) } } },
        { details: { code_deployment: { mode: { reinstall: null } } } },
      ],
    });
  });

  it('install a module in chunks [management.http]', async () => {
    const canister_id = await createCanister(byAlice);
    const management = byAlice.management(canister_id);
    const parts = [relay.slice(0, 100), relay.slice(100)];
    for (const chunk of parts)
      expect(await management.upload_chunk!({ canister_id, chunk })).toEqual({ hash: sha256(chunk) });
    const chunk_hashes_list = parts.map((part) => ({ hash: sha256(part) }));
    expect(await management.stored_chunks!({ canister_id })).toHaveLength(2);
    const argument = {
      mode: { install: null },
      target_canister: canister_id,
      store_canister: [],
      chunk_hashes_list,
      wasm_module_hash: sha256(relay),
      arg: new Uint8Array(0),
      sender_canister_version: [],
    };
    const wrong = { ...argument, chunk_hashes_list: [...chunk_hashes_list].reverse() };
    await expect(management.install_chunked_code!(wrong)).rejects.toThrow(/does not match given hash/);
    await management.install_chunked_code!(argument);
    expect(await relayOf(replica, canister_id).version()).toBe(1n);
    await management.clear_chunk_store!({ canister_id });
    expect(await management.stored_chunks!({ canister_id })).toEqual([]);
  });

  it('stop, delete and start canisters [management.http]', async () => {
    const canister_id = await createCanister(byAlice);
    await install(byAlice, canister_id, relay, { install: null });
    const management = byAlice.management(canister_id);
    await expect(management.delete_canister!({ canister_id })).rejects.toThrow(/must be stopped before it is deleted/);
    await management.stop_canister!({ canister_id });
    expect(await management.canister_status!({ canister_id })).toMatchObject({ status: { stopped: null } });
    expect(await replica.call({ canister: canister_id.toText(), method: 'log' })).toMatchObject({
      errorCode: 'IC0508',
    });
    await management.start_canister!({ canister_id });
    await relayOf(replica, canister_id).log('up');
    await management.stop_canister!({ canister_id });
    await management.delete_canister!({ canister_id });
    await expect(management.canister_status!({ canister_id })).rejects.toThrow(/not found/);
  });

  it('top up anybody’s canister [management.http]', async () => {
    const canister_id = await createCanister(byAlice);
    await byBob.management(canister_id).provisional_top_up_canister!({ canister_id, amount: 5n * trillion });
    const status = await byAlice.management(canister_id, true).canister_status!({ canister_id });
    expect((status as { cycles: bigint }).cycles).toBeGreaterThan(104n * trillion);
  });

  it('read logs as far as the canister lets them [management.http]', async () => {
    const canister_id = await createCanister(byAlice);
    await install(byAlice, canister_id, relay, { install: null });
    for (const line of ['one', 'two']) await relayOf(replica, canister_id).log(line);
    const lines = async ({ management }: Connection, filter: object[] = []) => {
      const logs = await management(canister_id, true).fetch_canister_logs!({ canister_id, filter });
      const records = (logs as { canister_log_records: { content: Uint8Array }[] }).canister_log_records;
      return records.map((record) => new TextDecoder().decode(Uint8Array.from(record.content)));
    };
    expect(await lines(byAlice)).toEqual(['one', 'two']);
    expect(await lines(byAlice, [{ by_idx: { start: 1n, end: 9n } }])).toEqual(['two']);
    await expect(lines(byBob)).rejects.toThrow(/is not allowed to access canister logs/);
    const settings = { ...noSettings, log_visibility: [{ public: null }] };
    await byAlice.management(canister_id).update_settings!({ canister_id, settings, sender_canister_version: [] });
    expect(await lines(byBob)).toEqual(['one', 'two']);
  });
});

describe('canisters', () => {
  const alice = Ed25519KeyIdentity.generate();
  let replica: Replica;
  let byAlice: Connection;
  let canister_id: Principal;
  let relay: ReturnType<typeof relayOf>;

  beforeAll(async () => {
    replica = await createReplica({ memory: true });
    byAlice = await connect(replica, alice);
    canister_id = await createCanister(byAlice);
    await install(byAlice, canister_id, await buildRelay(), { install: null });
    relay = relayOf(replica, canister_id);
  });
  afterAll(() => replica.close());

  it('create canisters with the cycles they send, and no cycle is lost [management.http.canisters]', async () => {
    const created = await relay.manage('create_canister', {}, trillion);
    expect(created.refund).toBe(0n);
    const { canister_id: child } = resultOf('create_canister', created) as { canister_id: Principal };
    const status = resultOf('canister_status', await relay.manage('canister_status', { canister_id: child }));
    // Half a trillion is the fee on 13 nodes; the child has paid for some time since.
    const { cycles } = status as { cycles: bigint };
    expect(cycles).toBeLessThanOrEqual(trillion / 2n);
    expect(cycles).toBeGreaterThan(trillion / 2n - 1_000_000n);
    expect(status).toMatchObject({ settings: { controllers: [canister_id] } });
    const tooFew = await relay.manage('create_canister', {}, 5n);
    expect(tooFew).toMatchObject({
      kind: 'reject',
      code: 4,
      refund: 5n,
      message: expect.stringMatching(/Creating a canister requires a fee/),
    });
  });

  it('deposit cycles [management.http.canisters]', async () => {
    const other = await createCanister(byAlice);
    expect(await relay.manage('deposit_cycles', { canister_id: other }, 3n * trillion)).toMatchObject({
      kind: 'reply',
      refund: 0n,
    });
    const status = await byAlice.management(other, true).canister_status!({ canister_id: other });
    expect((status as { cycles: bigint }).cycles).toBeGreaterThan(102n * trillion);
  });

  it('get random bytes, metadata and the facts about other canisters [management.http.canisters]', async () => {
    const first = resultOf('raw_rand', await relay.manage('raw_rand', undefined)) as Uint8Array;
    const second = resultOf('raw_rand', await relay.manage('raw_rand', undefined));
    expect(first).toHaveLength(32);
    expect(first).not.toEqual(second);
    expect(resultOf('canister_info', await relay.manage('canister_info', { canister_id }))).toMatchObject({
      total_num_changes: 2n,
      controllers: [alice.getPrincipal()],
    });
    const metadata = await relay.manage('canister_metadata', { canister_id, name: 'no such' });
    expect(metadata).toMatchObject({ kind: 'reject', code: 4, message: expect.stringMatching(/no metadata section/) });
  });

  const updateAs = async (versionsAhead: bigint) => {
    const child = await createCanister(byAlice, [{ ...noSettings, controllers: [[canister_id]] }]);
    const sender_canister_version = (await relay.version()) + versionsAhead;
    return relay.manage('update_settings', { canister_id: child, settings: {}, sender_canister_version });
  };

  // The scheduler stamps requests with the version after the execution; canisters see the one before it.
  it('may say which version they have [management.sender_canister_version]', async () => {
    expect(await updateAs(0n)).toMatchObject({ kind: 'reply' });
  });

  it('are refused when they say a wrong version [management.sender_canister_version]', async () => {
    expect(await updateAs(5n)).toMatchObject({
      kind: 'reject',
      code: 5,
      message: expect.stringMatching(/Management canister call payload includes sender canister version/),
    });
  });

  it('are told of methods that do not exist or are not offered [management.http.canisters]', async () => {
    expect(await relay.call('aaaaa-aa', 'test', new Uint8Array(0), 7n)).toMatchObject({
      kind: 'reject',
      code: 5,
      refund: 7n,
      message: expect.stringMatching(/Management canister has no method 'test'/),
    });
    expect(await relay.call('aaaaa-aa', 'http_request', new Uint8Array(0), 7n)).toMatchObject({
      kind: 'reject',
      code: 4,
      refund: 7n,
      message: expect.stringMatching(/ic00 method http_request is not offered/),
    });
  });
});

describe('stop calls', () => {
  const alice = Ed25519KeyIdentity.generate();

  /** A canister that has asked to be stopped itself and so keeps a call open until that is answered. */
  async function setUpDeadlock() {
    const replica = await createReplica({ memory: true, virtualTime: true });
    const byAlice = await connect(replica, alice);
    const canister_id = await createCanister(byAlice);
    await install(byAlice, canister_id, await buildRelay(), { install: null });
    const controllers = [[alice.getPrincipal(), canister_id]];
    const settings = { ...noSettings, controllers };
    await byAlice.management(canister_id).update_settings!({ canister_id, settings, sender_canister_version: [] });
    const own = relayOf(replica, canister_id).send(
      'aaaaa-aa',
      'stop_canister',
      encodeArgument('stop_canister', { canister_id }),
    );
    await replica.time.tick();
    // In process, because the clock of the agent does not follow virtual time.
    const status = async () => {
      const arg = encodeArgument('canister_status', { canister_id });
      const sender = alice.getPrincipal().toText();
      const answer = await replica.query({ canister: 'aaaaa-aa', method: 'canister_status', arg, sender });
      return answer.kind === 'replied' ? decodeResult('canister_status', answer.data) : answer;
    };
    expect(await status()).toMatchObject({ status: { stopping: null } });
    return { replica, byAlice, canister_id, own, status };
  }

  const answerOf = async (own: ReturnType<Replica['call']>) => {
    const answer = await own;
    return answer.kind === 'replied' ? decodeRelayedAnswer(answer.data) : answer;
  };

  it('time out after five minutes, and the canister stops when its last call is closed [management.stop_canister.timeout]', async () => {
    const { replica, canister_id, own, status } = await setUpDeadlock();
    const request = {
      canister: 'aaaaa-aa',
      method: 'stop_canister',
      arg: encodeArgument('stop_canister', { canister_id }),
    };
    const sender = alice.getPrincipal().toText();
    replica.time.advanceNs(299_000_000_000n);
    const second = replica.call({ ...request, sender });
    await replica.time.tick();
    replica.time.advanceNs(2_000_000_000n);
    await replica.time.tick(2);
    expect(await answerOf(own)).toMatchObject({
      kind: 'reject',
      code: 2,
      message: expect.stringMatching(/Stop canister request timed out/),
    });
    expect(await second).toMatchObject({ kind: 'replied' });
    expect(await status()).toMatchObject({ status: { stopped: null } });
    await replica.close();
  });

  it('are rejected when the canister is started again [management.start_canister.cancels]', async () => {
    const { replica, byAlice, canister_id, own, status } = await setUpDeadlock();
    await byAlice.management(canister_id).start_canister!({ canister_id });
    expect(await answerOf(own)).toMatchObject({
      kind: 'reject',
      code: 5,
      message: expect.stringMatching(/stop request was cancelled/),
    });
    expect(await status()).toMatchObject({ status: { running: null } });
    await replica.close();
  });

  it('leave the callers of a canister to uninstall_code, which rejects them [management.uninstall_code.open_calls]', async () => {
    const { replica, byAlice, canister_id, own, status } = await setUpDeadlock();
    await byAlice.management(canister_id).uninstall_code!({ canister_id, sender_canister_version: [] });
    expect(await own).toMatchObject({ kind: 'rejected', code: 4, message: 'Canister has been uninstalled.' });
    expect(await status()).toMatchObject({ status: { stopping: null }, module_hash: [] });
    replica.time.advanceNs(301_000_000_000n);
    await replica.time.tick(2);
    expect(await status()).toMatchObject({ status: { stopped: null } });
    await replica.close();
  });
});
