// End to end: the two public client lines, unmodified, against a replica that listens, and in process.
import { createHash } from 'node:crypto';
import { HttpAgent, SubnetStatus } from '@icp-sdk/core/agent';
import { Principal } from '@icp-sdk/core/principal';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createReplica, type Replica } from '../src/index.ts';
import { type Client, type ClientLine, dfinityLine, type Identity, type Method, sdkLine } from './client-lines.ts';
import { buildGreeter, greeterCandid } from './greeter.ts';

const hello: Method = { name: 'hello', kind: 'update', result: 'text' };
const helloQuery: Method = { name: 'hello_query', kind: 'query', result: 'text' };
const whoami: Method = { name: 'whoami', kind: 'update', result: 'principal' };
const whoamiQuery: Method = { name: 'whoami_query', kind: 'query', result: 'principal' };
const count: Method = { name: 'count', kind: 'update', result: 'nat' };

describe('the addresses of the subnet, which only @icp-sdk/core uses', () => {
  let replica: Replica;
  let agent: HttpAgent;
  let subnetId: Principal;
  beforeAll(async () => {
    replica = await createReplica({ memory: true });
    const { url: host } = await replica.listen();
    agent = await HttpAgent.create({ host, shouldFetchRootKey: true, retryTimes: 0 });
    subnetId = Principal.selfAuthenticating(replica.rootKey);
  });
  afterAll(() => replica.close());

  it('tell time, key, ranges and nodes, certified [http.agents]', async () => {
    const paths: SubnetStatus.Path[] = ['time', 'publicKey', 'canisterRanges', 'nodeKeys'];
    const status = await SubnetStatus.request({ subnetId, agent, paths });
    expect(status.get('time')).toBeInstanceOf(Date);
    expect(Buffer.from(status.get('publicKey') as Uint8Array).toString('hex')).toBe(
      Buffer.from(replica.rootKey).toString('hex'),
    );
    expect(String(status.get('canisterRanges'))).toMatch(/^rwlgt-iiaaa-aaaaa-aaaaa-cai,/);
    expect((status.get('nodeKeys') as Map<string, unknown>).size).toBe(1);
  });

  it('refuse methods that are not about the subnet [http.agents]', async () => {
    const request = {
      methodName: 'canister_status',
      arg: new Uint8Array([68, 73, 68, 76, 0, 0]),
      effectiveTarget: { subnetId },
    };
    await expect(agent.query('aaaaa-aa', request)).rejects.toThrow(/Only list_canisters of the management canister/);
    await expect(agent.call('aaaaa-aa', request)).rejects.toThrow(/Only create_canister/);
  });

  it('answer a query signed by the node, even when it is a refusal [http.agents]', async () => {
    const request = {
      methodName: 'list_canisters',
      arg: new Uint8Array([68, 73, 68, 76, 0, 0]),
      effectiveTarget: { subnetId },
    };
    expect((await agent.query('aaaaa-aa', request)).status).toBe('rejected');
  });
});

describe.each([dfinityLine, sdkLine])('$name', (line: ClientLine) => {
  let replica: Replica;
  let host: string;
  let greeter: Uint8Array;
  let owner: Identity;
  let ownerClient: Client;
  let canister: string;

  beforeAll(async () => {
    replica = await createReplica({ memory: true });
    host = (await replica.listen()).url;
    greeter = await buildGreeter();
    owner = await line.keys.Ed25519!();
    ownerClient = await line.connect({ host, identity: owner });
    canister = await ownerClient.createCanister();
    await ownerClient.installCode(canister, greeter);
  });
  afterAll(() => replica.close());

  const callAs = async (identity: Identity | undefined, method: Method) => {
    const client = await line.connect(identity === undefined ? { host } : { host, identity });
    return client.call(canister, method);
  };
  const callerOf = async (identity: Identity | undefined, method: Method) => String(await callAs(identity, method));

  it('calls updates and queries as the anonymous user [http.agents]', async () => {
    expect(await callAs(undefined, hello)).toBe('hello');
    expect(await callAs(undefined, helloQuery)).toBe('hello');
    expect(await callerOf(undefined, whoami)).toBe('2vxsx-fae');
  });

  it.each(Object.entries(line.keys))('calls updates and queries signed with %s [http.agents]', async (_, createKey) => {
    const identity = await createKey();
    const sender = identity.getPrincipal().toText();
    expect(await callerOf(identity, whoami)).toBe(sender);
    expect(await callerOf(identity, whoamiQuery)).toBe(sender);
  });

  it('calls through a chain of delegations, within their targets [http.agents]', async () => {
    const session = await line.keys.Ed25519!();
    const delegated = await line.delegate(owner, session, { targets: [canister] });
    const sender = owner.getPrincipal().toText();
    expect(await callerOf(delegated, whoami)).toBe(sender);
    expect(await callerOf(delegated, whoamiQuery)).toBe(sender);
    const elsewhere = await line.delegate(owner, session, { targets: ['ryjl3-tyaaa-aaaaa-aaaba-cai'] });
    await expect(callAs(elsewhere, whoami)).rejects.toThrow(/delegation does not cover the canister/);
    await expect(callAs(elsewhere, whoamiQuery)).rejects.toThrow(/delegation does not cover the canister/);
    const expired = await line.delegate(owner, session, { expiration: new Date(Date.now() - 60_000) });
    await expect(callAs(expired, whoami)).rejects.toThrow(/a delegation expired/);
  });

  it('calls without waiting and polls for the certified answer [http.agents]', async () => {
    const reply = await ownerClient.callAsynchronously(canister, 'hello', new Uint8Array([68, 73, 68, 76, 0, 0]));
    expect(Buffer.from(reply).toString('latin1')).toContain('hello');
  });

  it('shows rejects of updates, certified and not, with their codes [http.agents]', async () => {
    await expect(callAs(undefined, { ...hello, name: 'boom' })).rejects.toThrow(/boom/);
    await expect(callAs(undefined, { ...hello, name: 'boom' })).rejects.toThrow(/IC0503/);
    await expect(callAs(undefined, { ...hello, name: 'refuses' })).rejects.toThrow(/not today/);
    await expect(callAs(undefined, { ...hello, name: 'nothing' })).rejects.toThrow(/nothing/);
    await expect(callAs(undefined, { ...hello, name: 'forbidden' })).rejects.toThrow(/IC0406/);
  });

  it('shows rejects of queries, whose signatures it has checked [http.agents]', async () => {
    await expect(callAs(undefined, { ...helloQuery, name: 'boom_query' })).rejects.toThrow(/boom/);
    await expect(callAs(undefined, { ...helloQuery, name: 'refuses_query' })).rejects.toThrow(/not today/);
    await expect(callAs(undefined, { ...helloQuery, name: 'nothing' })).rejects.toThrow(/nothing/);
  });

  it('reads what is certified about a canister [http.agents]', async () => {
    const status = await ownerClient.canisterStatus(canister, [
      'time',
      'controllers',
      'module_hash',
      'candid',
      'subnet',
    ]);
    expect(status.get('module_hash')).toBe(createHash('sha256').update(greeter).digest('hex'));
    expect(String(status.get('controllers'))).toBe(owner.getPrincipal().toText());
    expect(status.get('candid')).toBe(greeterCandid);
    expect(status.get('time')).toBeInstanceOf(Date);
    expect(status.get('subnet')).toMatchObject({ nodeKeys: expect.any(Map) });
  });

  it('reads private metadata as controller only [http.agents]', async () => {
    const read = async (client: Client) =>
      (await client.canisterStatus(canister, [{ metadata: 'secret' }])).get('secret');
    expect(await read(ownerClient)).toBe('for controllers');
    // One of the two lines warns of what it could not read.
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect(await read(await line.connect({ host }))).toBeNull();
    warn.mockRestore();
  });

  it('sets its clock at a canister that need not be there [http.agents]', async () => {
    await (await line.connect({ host })).syncTime();
  });

  it('works without a socket, through the fetch of the replica [http.agents]', async () => {
    const client = await line.connect({ host: 'http://in.process', identity: owner, fetch: replica.fetch });
    expect(await client.call(canister, hello)).toBe('hello');
    expect(await client.call(canister, helloQuery)).toBe('hello');
  });

  it('that sends a request twice has it executed once [http.agents]', async () => {
    const sent: { url: string; init: RequestInit }[] = [];
    const recording: typeof fetch = async (input, init) => {
      if (String(input).endsWith('/call')) sent.push({ url: String(input), init: init! });
      return fetch(input, init);
    };
    const client = await line.connect({ host, identity: owner, fetch: recording });
    const first = Number(await client.call(canister, count));
    for (let i = 0; i < 3; i++) {
      const again = await fetch(sent[0]!.url, sent[0]!.init);
      expect(again.status).toBe(200);
      await again.arrayBuffer();
    }
    expect(Number(await client.call(canister, count))).toBe(first + 1);
  });

  it('that sends a recorded request after its expiry is refused [http.agents]', async () => {
    const past = await createReplica({ memory: true, virtualTime: true });
    const { url } = await past.listen();
    const sent: { url: string; init: RequestInit }[] = [];
    const recording: typeof fetch = async (input, init) => {
      sent.push({ url: String(input), init: init! });
      return fetch(input, init);
    };
    const client = await line.connect({ host: url, identity: owner, fetch: recording });
    const created = await client.createCanister();
    await client.installCode(created, greeter);
    expect(Number(await client.call(created, count))).toBe(1);
    const last = sent.filter((request) => request.url.endsWith('/call')).at(-1)!;
    past.time.advanceNs(900_000_000_000n);
    await past.time.tick();
    const late = await fetch(last.url, last.init);
    expect([late.status, await late.text()]).toEqual([400, expect.stringMatching(/^Invalid request expiry: /)]);
    expect(Number(await client.call(created, count))).toBe(2);
    await past.close();
  });

  it('that is late is refused, sets its clock by the replica and succeeds [http.agents]', async () => {
    const dayMs = 86_400_000;
    const startNs = BigInt(Date.now() + dayMs) * 1_000_000n;
    const tomorrow = await createReplica({ memory: true, virtualTime: { startNs } });
    const { url } = await tomorrow.listen();
    const client = await line.connect({ host: url, identity: owner });
    const created = await client.createCanister();
    await client.installCode(created, greeter);
    expect(await client.call(created, hello)).toBe('hello');
    expect(await client.call(created, helloQuery)).toBe('hello');
    await tomorrow.close();
  });
});
