import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { managementCanister, type Principal, principalToBytes } from '../codec/principal.ts';
import { createAnswerWait } from './answer-wait.ts';
import { createCoreDouble, doubleCertificate, hostedCanister, unhostedCanister } from './core-double.ts';
import { createHandler } from './handler.ts';
import { readRules } from './read-permissions.ts';
import {
  alice,
  aliceKey,
  bob,
  bobKey,
  canisterPath,
  cborBody,
  delegate,
  envelopeBytes,
  minutesAhead,
  readStateContent,
  send,
  shown,
  signedEnvelope,
  subnetPath,
  textPath,
} from './request-double.ts';

function createInterface() {
  const core = createCoreDouble();
  const { waitForAnswer } = createAnswerWait();
  const handler = createHandler(core, { replicaVersion: '1.2.3', waitForAnswer, log: () => undefined });
  const read = async (url: string, paths: Uint8Array[][], sender: 'anonymous' | 'alice' = 'anonymous') => {
    const body =
      sender === 'anonymous'
        ? envelopeBytes(readStateContent(paths))
        : signedEnvelope(readStateContent(paths, { sender: principalToBytes(alice) }), aliceKey);
    return shown(await send(handler, 'POST', url, body)).replace(/^200 .*/s, '200');
  };
  return { core, handler, read };
}

const own = principalToBytes(hostedCanister);
const other = principalToBytes(unhostedCanister);
const { subnetId } = createCoreDouble().subnet;
const subnet = principalToBytes(subnetId);
const requestId = new Uint8Array(32).fill(9);

const urls = {
  canister2: canisterPath(2, 'read_state'),
  canister3: canisterPath(3, 'read_state'),
  subnet2: subnetPath(2, 'read_state', subnetId),
  subnet3: subnetPath(3, 'read_state', subnetId),
};

describe('read_state', () => {
  it('answers with a certificate over exactly the paths asked for [http.read-state]', async () => {
    const { core, handler } = createInterface();
    const paths = [textPath('time'), textPath('subnet'), textPath('canister', own, 'module_hash')];
    const response = await send(handler, 'POST', urls.canister3, envelopeBytes(readStateContent(paths)));
    expect([...cborBody(response)]).toEqual([['certificate', doubleCertificate]]);
    expect(core.certified).toEqual([paths]);
  });

  it('of an anonymous sender may have any expiry, of others not [http.expiry]', async () => {
    const { handler } = createInterface();
    const late = { ingress_expiry: minutesAhead(60) };
    const anonymous = envelopeBytes(readStateContent([textPath('time')], late));
    expect((await send(handler, 'POST', urls.canister3, anonymous)).status).toBe(200);
    const content = readStateContent([textPath('time')], { ...late, sender: principalToBytes(alice) });
    expect(shown(await send(handler, 'POST', urls.canister3, signedEnvelope(content, aliceKey)))).toMatch(
      /^400 Invalid request expiry/,
    );
  });

  it('with a bad signature is refused [http.authentication]', async () => {
    const { handler } = createInterface();
    const content = readStateContent([textPath('time')], { sender: principalToBytes(alice) });
    const response = await send(handler, 'POST', urls.canister3, signedEnvelope(content, bobKey, aliceKey));
    expect(shown(response)).toMatch(/^400 Failed to authenticate/);
  });
});

describe('which path may be read where', () => {
  const all = ['canister2', 'canister3', 'subnet2', 'subnet3'] as const;
  const canister = ['canister2', 'canister3'] as const;
  const subnets = ['subnet2', 'subnet3'] as const;
  const table: [what: string, path: Uint8Array[], where: readonly (keyof typeof urls)[]][] = [
    ['time', textPath('time'), all],
    ['all boundary nodes', textPath('api_boundary_nodes'), all],
    ['a boundary node', textPath('api_boundary_nodes', other), all],
    ['its domain', textPath('api_boundary_nodes', other, 'domain'), all],
    ['its IPv4 address', textPath('api_boundary_nodes', other, 'ipv4_address'), all],
    ['its IPv6 address', textPath('api_boundary_nodes', other, 'ipv6_address'), all],
    ['all subnets', textPath('subnet'), all],
    ['a subnet', textPath('subnet', subnet), all],
    ['its key', textPath('subnet', subnet, 'public_key'), all],
    ['its type', textPath('subnet', subnet, 'type'), all],
    ['its nodes', textPath('subnet', subnet, 'node'), all],
    ['a node', textPath('subnet', subnet, 'node', other), all],
    ['the key of a node', textPath('subnet', subnet, 'node', other, 'public_key'), all],
    ['the flat ranges of the root subnet', textPath('subnet', subnet, 'canister_ranges'), all],
    ['the flat ranges of another subnet', textPath('subnet', other, 'canister_ranges'), ['canister2', 'subnet2']],
    ['the sharded ranges', textPath('canister_ranges', subnet), subnets],
    ['the metrics of this subnet', textPath('subnet', subnet, 'metrics'), subnets],
    ['the metrics of another subnet', textPath('subnet', other, 'metrics'), []],
    ['an unknown request', textPath('request_status', requestId), all],
    ['its status', textPath('request_status', requestId, 'status'), all],
    ['its reply', textPath('request_status', requestId, 'reply'), all],
    ['its reject code', textPath('request_status', requestId, 'reject_code'), all],
    ['its reject message', textPath('request_status', requestId, 'reject_message'), all],
    ['its error code', textPath('request_status', requestId, 'error_code'), all],
    ['all requests', textPath('request_status'), []],
    ['the module hash', textPath('canister', own, 'module_hash'), canister],
    ['the controllers', textPath('canister', own, 'controllers'), canister],
    ['the time of creation', textPath('canister', own, 'canister_creation_timestamp'), canister],
    ['the time of installation', textPath('canister', own, 'last_install_timestamp'), canister],
    ['a metadata section', textPath('canister', own, 'metadata', 'candid:service'), canister],
    ['the module hash of another canister', textPath('canister', other, 'module_hash'), []],
    ['the controllers of another canister', textPath('canister', other, 'controllers'), []],
    ['the metadata of another canister', textPath('canister', other, 'metadata', 'x'), []],
    ['a metadata section that is not UTF-8', textPath('canister', own, 'metadata', Uint8Array.of(0xff)), []],
    ['all metadata', textPath('canister', own, 'metadata'), []],
    ['certified data', textPath('canister', own, 'certified_data'), []],
    ['a whole canister', textPath('canister', own), []],
    ['all canisters', textPath('canister'), []],
    ['everything', [], []],
    ['something below a value', textPath('time', 'x'), []],
    ['something unheard of', textPath('streams'), []],
    ['a request id of 31 bytes', textPath('request_status', requestId.subarray(1)), []],
    ['an id of 30 bytes', textPath('canister', new Uint8Array(30), 'module_hash'), []],
  ];

  it.each(table)('%s [http.read-state-paths]', async (_, path, where) => {
    const { read } = createInterface();
    for (const [name, url] of Object.entries(urls)) {
      const isAllowed = where.some((allowed) => allowed === name);
      expect([name, await read(url, [path])]).toEqual([name, isAllowed ? '200' : expect.stringMatching(/^40[04] /)]);
    }
  });

  it('has an example for every rule', () => {
    const examples = table.map(([, path]) => path.map((label) => Buffer.from(label).toString('latin1')));
    for (const { pattern } of readRules) {
      const labels = pattern.split('/');
      const fits = (example: string[]) =>
        example.length === labels.length && labels.every((label, i) => label === '*' || label === example[i]);
      expect([pattern, examples.some(fits)]).toEqual([pattern, true]);
    }
  });

  it('is refused as a whole when one path may not be read', async () => {
    const { core, read } = createInterface();
    expect(await read(urls.canister3, [textPath('time'), textPath('canister')])).toMatch(
      /^404 Invalid path requested.*\/canister$/,
    );
    expect(core.certified).toEqual([]);
  });

  it('asks for one request and one subnet at a time [http.read-state-paths]', async () => {
    const { read } = createInterface();
    const second = new Uint8Array(32).fill(8);
    const status = (id: Uint8Array, ...labels: string[]) => textPath('request_status', id, ...labels);
    expect(await read(urls.canister3, [status(requestId, 'status'), status(requestId, 'reply')])).toBe('200');
    expect(await read(urls.canister3, [status(requestId), status(second)])).toMatch(
      /^400 All paths below \/request_status/,
    );
    const ranges = [textPath('canister_ranges', subnet), textPath('canister_ranges', other)];
    expect(await read(urls.subnet3, ranges)).toMatch(/^400 All paths below \/canister_ranges/);
  });

  it('shows private metadata to controllers only [http.read-state-metadata]', async () => {
    const { core, read } = createInterface();
    core.metadata.set(`${hostedCanister}/open`, 'public').set(`${hostedCanister}/secret`, 'private');
    core.controllers.set(hostedCanister, [alice]);
    const section = (name: string) => [textPath('canister', own, 'metadata', name)];
    expect(await read(urls.canister3, section('open'))).toBe('200');
    expect(await read(urls.canister3, section('none'))).toBe('200');
    expect(await read(urls.canister3, section('secret'))).toMatch(
      /^403 Custom section secret can only be requested by/,
    );
    expect(await read(urls.canister3, section('secret'), 'alice')).toBe('200');
    core.controllers.set(hostedCanister, [bob]);
    expect(await read(urls.canister3, section('secret'), 'alice')).toMatch(/^403/);
  });
});

describe('the fate of a request', () => {
  const createWithRecord = (effectiveId: Principal, canisterId = effectiveId) => {
    const all = createInterface();
    all.core.records.set(bytesToHex(requestId), {
      sequence: 0,
      sender: alice,
      canisterId,
      effectiveId,
      expiryNs: minutesAhead(1),
      status: { kind: 'received' },
    } as never);
    return all;
  };
  const paths = [textPath('request_status', requestId, 'status')];

  it('is told to who sent it, where it was sent [http.read-state-request]', async () => {
    const { read } = createWithRecord(hostedCanister);
    expect(await read(urls.canister3, paths, 'alice')).toBe('200');
    expect(await read(urls.canister3, paths)).toMatch(
      /^403 The user tries to access Request ID not signed by the caller/,
    );
    const elsewhere = canisterPath(3, 'read_state', managementCanister);
    expect(await read(elsewhere, paths, 'alice')).toMatch(/^403 .*not to the id in the URL aaaaa-aa/);
    expect(await read(urls.subnet3, paths, 'alice')).toMatch(/^403 .*not to the id in the URL/);
  });

  it('is told at the subnet when it was sent there [http.read-state-request]', async () => {
    const { read } = createWithRecord(subnetId);
    expect(await read(urls.subnet3, paths, 'alice')).toBe('200');
    expect(await read(urls.canister3, paths, 'alice')).toMatch(/^403/);
  });

  it('is told at any address at which a canister was created [http.read-state-request]', async () => {
    const { read } = createWithRecord(unhostedCanister);
    expect(await read(canisterPath(2, 'read_state', unhostedCanister), paths, 'alice')).toBe('200');
  });

  it('is told to a delegate whose targets include the canister that was called [http.delegation]', async () => {
    const askFor = async (called: Principal, ...targets: Principal[]) => {
      const { handler } = createWithRecord(hostedCanister, called);
      const content = readStateContent(paths, { sender: principalToBytes(alice) });
      const body = signedEnvelope(content, bobKey, aliceKey, [delegate(aliceKey, bobKey, { targets })]);
      return shown(await send(handler, 'POST', urls.canister3, body)).slice(0, 3);
    };
    expect(await askFor(hostedCanister, hostedCanister, bob)).toBe('200');
    expect(await askFor(hostedCanister, bob)).toBe('403');
    expect(await askFor(hostedCanister, managementCanister)).toBe('403');
    // Who managed the canister called the management canister.
    expect(await askFor(managementCanister, managementCanister)).toBe('200');
    expect(await askFor(managementCanister, hostedCanister)).toBe('403');
  });
});

describe('an address outside the ranges', () => {
  it('can be asked for the time, so that any client can set its clock, and for nothing of a canister [http.effective-canister-id]', async () => {
    const { read } = createInterface();
    const url = canisterPath(3, 'read_state', unhostedCanister);
    expect(await read(url, [textPath('time')])).toBe('200');
    expect(await read(url, [textPath('subnet')])).toMatch(/^400 No subnet of this network hosts canister/);
    expect(await read(url, [textPath('time')], 'alice')).toMatch(/^400 No subnet/);
    expect(await read(url, [])).toMatch(/^400 No subnet/);
    const management = canisterPath(3, 'read_state', managementCanister);
    expect(await read(management, [textPath('time')])).toBe('200');
    expect(await read(management, [textPath('time')], 'alice')).toMatch(/^400 No subnet/);
    // For checking the answer to list_canisters, which may be sent there.
    expect(await read(management, [textPath('subnet')], 'alice')).toBe('200');
    expect(await read(url, [textPath('canister', other, 'module_hash')])).toMatch(/^400 No subnet/);
    const unknownSubnet = subnetPath(3, 'read_state', alice);
    expect(await read(unknownSubnet, [textPath('time')])).toMatch(
      /^400 There is no subnet .* on this network; its subnet is/,
    );
  });

  it('is refused whatever a stranger writes there', async () => {
    const { handler } = createInterface();
    for (const id of ['', 'x', '!', 'aaaaa-ab', 'a'.repeat(100_000), encodeURIComponent('é')]) {
      const response = await send(handler, 'POST', `/api/v3/canister/${id}/read_state`, textToBytes('x'));
      expect([400, 404]).toContain(response.status);
      expect(response.body.length).toBeLessThan(400);
    }
  });
});
