// What reads are told when something answers that is no network, or a network that does not take them: a real replica behind a way
// that answers in its place. A read does nothing, so nobody is told that it may have been done.
import { IDL } from '@dfinity/candid';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connection, connect } from './connection.ts';
import { createIdentity } from './identity.ts';
import { createManagement } from './management.ts';

let replica: Replica;
let connection: Connection;
let canister: PrincipalHex;
/** What answers reads in the place of the replica. */
let inPlace: (() => Response) | null = null;
let asked = 0;

const way: typeof fetch = async (input, init) => {
  const path = new URL(input instanceof Request ? input.url : input).pathname;
  if (inPlace === null || path.endsWith('/call')) return await replica.fetch(input, init);
  // Its keys are asked for beside a query.
  if (reading.endsWith(path.split('/').at(-1)!)) asked++;
  return inPlace();
};
let reading = '';

beforeAll(async () => {
  replica = await createReplica({ memory: true });
  const { rootKey } = replica;
  const connected = await connect({ url: 'http://replica', identity: createIdentity(), rootKey, fetch: way });
  if (!connected.ok) throw new Error(connected.error.message);
  connection = connected.value;
  const made = await createManagement(connection).createWithCycles(1_000_000_000_000n);
  if (!made.ok) throw new Error(made.error.message);
  canister = made.value;
  // The keys of its nodes are read before the first query, and then known.
  await connection.call(canister, nothing, []);
});
afterAll(() => replica.close());
beforeEach(() => {
  inPlace = null;
  asked = 0;
});

const nothing = { name: 'nothing', type: IDL.Func([], [], ['query']), isRepeatable: true };
const reads: Readonly<Record<string, () => Promise<unknown>>> = {
  query: () => connection.call(canister, nothing, []),
  read_state: () => connection.read(canister, ['module_hash']),
};

async function read(how: string, answer: () => Response): Promise<unknown> {
  reading = how;
  inPlace = answer;
  return await reads[how]!();
}

describe.each(Object.keys(reads))('a %s', (how) => {
  it.each([
    [400, 'Bad Request', 'the path is not known'],
    [404, 'Not Found', '<html>nothing here</html>'],
  ])('that is refused by HTTP %i is asked once, and told with what was said', async (status, statusText, said) => {
    const answer = await read(how, () => new Response(`${said}\nand more`, { status, statusText }));
    const message = `HTTP ${status} (${statusText}): ${said}`;
    expect(answer).toMatchObject({ ok: false, error: { kind: 'unreachable', code: 'RequestRefused', message } });
    expect(answer).toMatchObject({
      error: { nextStep: expect.stringMatching(/^Nothing was done\. Check the address/) },
    });
    expect(asked).toBe(1);
  });

  it.each([
    ['a proxy without its network', () => new Response('no upstream', { status: 502 }), 'HTTP 502: no upstream'],
    ['a page', () => new Response('<html>Log in</html>'), 'what answered is not a network'],
    ['nothing', () => new Response(''), 'what answered is not a network'],
  ])(
    'that %s answers is asked again, and then unreachable',
    async (_, answer, said) => {
      const told = await read(how, answer);
      expect(told).toMatchObject({ ok: false, error: { kind: 'unreachable', code: 'NetworkUnreachable' } });
      expect(told).toMatchObject({ error: { nextStep: expect.stringMatching(/nothing was done/) } });
      expect(told).toMatchObject({ error: { message: expect.stringContaining(said) } });
      const next = said.startsWith('HTTP') ? /^Read what the network says/ : /^Check that the network runs/;
      expect(told).toMatchObject({ error: { nextStep: expect.stringMatching(next) } });
      expect(asked).toBeGreaterThan(1);
    },
    60_000,
  );

  it('that a proxy could not pass on at first is answered', async () => {
    let faults = 2;
    reading = how;
    inPlace = () => {
      if (--faults === 0) inPlace = null;
      return new Response('too many', { status: 429 });
    };
    const answer = await reads[how]!();
    expect(answer).toMatchObject(how === 'query' ? { error: { code: 'IC0537' } } : { ok: true });
  }, 60_000);
});

it('a read that the network will not answer is told so with its words, at once', async () => {
  reading = 'read_state';
  expect(await connection.read(canister, ['certified_data', 'x', 'y'])).toMatchObject({
    ok: false,
    error: { kind: 'unreachable', code: 'RequestRefused' },
  });
});
