// Signatures of queries against a real replica, over a way that changes what it brings.
import { Cbor } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Connection, connect } from './connection.ts';
import { createIdentity } from './identity.ts';
import { createManagement } from './management.ts';

type Body = Record<string, unknown>;

let replica: Replica;
let connection: Connection;
let canisters: PrincipalHex[];
/** What becomes of the answers of queries. */
let change: (body: Body) => Body | null = () => null;
let keysRead = 0;

const way: typeof fetch = async (...request) => {
  const path = new URL(String(request[0])).pathname;
  if (path.endsWith('/read_state')) keysRead++;
  const answer = await replica.fetch(...request);
  if (!path.endsWith('/query')) return answer;
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const changed = change(Cbor.decode<Body>(bytes));
  return new Response(changed === null ? bytes : new Uint8Array(Cbor.encode(changed)), answer);
};

beforeAll(async () => {
  replica = await createReplica({ memory: true });
  connection = await open();
  const made = await Promise.all(
    Array.from({ length: 3 }, () => createManagement(connection).createWithCycles(1_000_000_000_000n)),
  );
  canisters = made.flatMap((each) => (each.ok ? [each.value] : []));
});
afterAll(() => replica.close());
beforeEach(() => {
  change = () => null;
});

async function open(): Promise<Connection> {
  const connected = await connect({ url: 'http://replica', identity: createIdentity(), fetch: way });
  if (!connected.ok) throw new Error(connected.error.message);
  return connected.value;
}

const nothing = { name: 'nothing', type: IDL.Func([], [], ['query']), isRepeatable: false };
const ask = (by: Connection, canister = canisters[0]!) => by.call(canister, nothing, []);
const answered = { ok: false, error: { kind: 'rejected', code: 'IC0537' } };

it('are checked with keys that are read once for all canisters of the network', async () => {
  const fresh = await open();
  const before = keysRead;
  for (const canister of canisters) expect(await ask(fresh, canister)).toMatchObject(answered);
  expect(keysRead - before).toBe(1);
});

it.each<[string, (body: Body) => Body]>([
  ['says something else', (body) => ({ ...body, reject_message: 'all is well' })],
  ['says it with another code', (body) => ({ ...body, error_code: 'IC0000' })],
  ['is signed by nobody', ({ signatures: _, ...body }) => body],
  ['is signed by an empty list', (body) => ({ ...body, signatures: [] })],
  [
    'is signed with something else',
    (body) => ({ ...body, signatures: signaturesOf(body, { signature: new Uint8Array(64) }) }),
  ],
  ['was signed at another time', (body) => ({ ...body, signatures: signaturesOf(body, { timestamp: 1n }) })],
  [
    'is signed by who is no node',
    (body) => ({ ...body, signatures: signaturesOf(body, { identity: new Uint8Array(29) }) }),
  ],
])('an answer that %s is not believed', async (_, tamper) => {
  change = tamper;
  expect(await ask(connection)).toMatchObject({ ok: false, error: { kind: 'untrusted' } });
  change = () => null;
  expect(await ask(connection)).toMatchObject(answered);
});

function signaturesOf({ signatures }: Body, instead: Body): Body[] {
  return (signatures as Body[]).map((each) => ({ ...each, ...instead }));
}
