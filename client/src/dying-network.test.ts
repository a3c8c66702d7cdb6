// A network that goes away while it answers: a real server before a real replica, whose sockets are cut at will.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { IDL } from '@dfinity/candid';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Connection, connect } from './connection.ts';
import { createIdentity } from './identity.ts';
import { createManagement } from './management.ts';

let replica: Replica;
let url = '';
/** What an answer must be asked for, by its path, to be cut in its middle. */
let isCut: (path: string) => boolean = () => false;
const server = createServer((request, response) => void forward(request, response));

async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url: path = '/' } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const sent = method === 'GET' ? {} : { body: Buffer.concat(chunks), headers: { 'content-type': 'application/cbor' } };
  const answer = await replica.fetch(`http://replica${path}`, { method, ...sent });
  const body = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, { 'content-type': 'application/cbor', 'content-length': body.length });
  if (!isCut(path)) return void response.end(body);
  response.write(body.subarray(0, body.length / 2), () => response.destroy());
}

beforeAll(async () => {
  replica = await createReplica({});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  url = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await replica.close();
});

async function freshly(): Promise<Connection> {
  isCut = () => false;
  const connected = await connect({ url, identity: createIdentity(), rootKey: replica.rootKey });
  if (!connected.ok) throw new Error(connected.error.message);
  return connected.value;
}

const method = { name: 'nothing', type: IDL.Func([], [], ['query']), isRepeatable: false };

describe('a network that goes away in the middle of an answer', () => {
  it.each([
    ['to a query', '/query'],
    ['about the keys that its answers are checked with', '/read_state'],
  ])(
    '%s is unreachable, not untrusted',
    async (_what, end) => {
      const connection = await freshly();
      const made = await createManagement(connection).createWithCycles(1_000_000_000_000n);
      if (!made.ok) throw new Error(made.error.message);
      isCut = (path) => path.endsWith(end);
      const written = vi.spyOn(console, 'warn');
      const away = await connection.call(made.value, method, []);
      expect(away).toMatchObject({ ok: false, error: { kind: 'unreachable' } });
      // What is said is said by us: the library would write the stack of each attempt.
      expect(written).not.toHaveBeenCalled();
      written.mockRestore();
      isCut = () => false;
      const back = await connection.call(made.value, method, []);
      expect(back).toMatchObject({ ok: false, error: { kind: 'rejected' } });
    },
    60_000,
  );
});
