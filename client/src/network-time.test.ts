// A network whose time is hours ahead of this computer's clock, as after a clock that was wrong for a while: a real replica, and a way
// there that can be broken.
import { IDL } from '@dfinity/candid';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Connection, connect, type Method } from './connection.ts';
import { createIdentity } from './identity.ts';
import { createManagement } from './management.ts';

const hourNs = 3_600_000_000_000n;
const clockNs = () => BigInt(Date.now()) * 1_000_000n;

let replica: Replica;
/** What becomes of a request, by its path. */
let way: (path: string, send: () => Promise<Response>) => Promise<Response> = (_, send) => send();
/** The bytes of each update that was sent, without repetitions. */
const updates = new Set<unknown>();

const fetchOn: typeof fetch = async (input, init) => {
  const { pathname } = new URL(String(input));
  if (pathname.endsWith('/call')) updates.add(init?.body);
  return await way(pathname, () => replica.fetch(input, init));
};

async function connected(): Promise<Connection> {
  const { rootKey } = replica;
  const found = await connect({ url: 'http://replica', identity: createIdentity(), rootKey, fetch: fetchOn });
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

beforeAll(async () => {
  replica = await createReplica({ memory: true, virtualTime: { startNs: clockNs() + 2n * hourNs } });
  replica.time.autoProgress();
});
afterAll(() => replica.close());

async function created(connection: Connection) {
  const made = await createManagement(connection).createWithCycles(1_000_000_000_000n);
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

/** No canister has it: whoever is told so was let in. */
const query: Method = { name: 'nothing', type: IDL.Func([], [], ['query']), isRepeatable: true };

describe('a network whose time is ahead of the clock', () => {
  it.each<[string, (connection: Connection, canister: string) => Promise<unknown>, unknown]>([
    [
      'a query',
      (one, canister) => one.call(canister as never, query, []),
      { error: { kind: 'rejected', code: 'IC0537' } },
    ],
    ['a look at the state', (one, canister) => one.read(canister as never, ['module_hash']), { ok: true, value: null }],
    ['an update', (one) => createManagement(one).createWithCycles(1_000_000_000_000n), { ok: true }],
  ])('is asked for its time by whoever begins with %s', async (_what, ask, wanted) => {
    const canister = await created(await connected());
    const connection = await connected();
    expect(await ask(connection, canister)).toMatchObject(wanted as object);
    expect(connection.nowNs()).toBeGreaterThan(clockNs() + hourNs);
  });

  it('is asked again when the clocks part again', async () => {
    const connection = await connected();
    const canister = await created(connection);
    for (const ask of [
      () => created(connection),
      () => connection.read(canister, ['controllers']),
      () => connection.call(canister, query, []),
    ]) {
      replica.time.advanceNs(hourNs);
      await ask();
      expect(connection.nowNs()).toBeGreaterThan(replica.time.nowNs() - hourNs / 2n);
    }
  });

  it('and does not tell its time is not asked for ever, and nothing was done', async () => {
    const connection = await connected();
    // The library writes the stack of each look.
    const written = vi.spyOn(console, 'warn').mockImplementation(() => {});
    way = async (path, send) => {
      if (path.endsWith('/read_state')) throw new TypeError('socket hang up');
      return await send();
    };
    const made = await createManagement(connection).createWithCycles(1_000_000_000_000n);
    way = (_, send) => send();
    written.mockRestore();
    expect(made).toMatchObject({ ok: false, error: { kind: 'unreachable' } });
  }, 60_000);

  it('and goes on refusing is said to be too far from the clock, and that nothing was done', async () => {
    const connection = await connected();
    const canister = await created(connection);
    way = async () =>
      new Response('Invalid request expiry: Specified ingress_expiry not within range', { status: 400 });
    const made = await createManagement(connection).createWithCycles(1_000_000_000_000n);
    way = (_, send) => send();
    expect(made).toMatchObject({ ok: false, error: { kind: 'rejected', code: 'ClocksDiffer' } });
    expect(!made.ok && made.error).toMatchObject({
      message: expect.stringContaining("this computer's clock"),
      nextStep: expect.stringContaining('Nothing was done'),
    });
    expect(await connection.read(canister, ['module_hash'])).toMatchObject({ ok: true });
  }, 60_000);

  it('never has an update made anew that it may have taken', async () => {
    const connection = await connected();
    await connection.read(await created(connection), ['controllers']);
    updates.clear();
    way = async (path, send) => {
      const answer = await send();
      if (!path.endsWith('/call') || updates.size > 1 || answer.status === 400) return answer;
      // It was taken; its answer is lost, and when it is sent again its date is over.
      replica.time.advanceNs(hourNs);
      throw new TypeError('socket hang up');
    };
    const made = await createManagement(connection).createWithCycles(1_000_000_000_000n);
    way = (_, send) => send();
    expect(made).toMatchObject({ ok: false, error: { kind: 'unknown', code: 'AnswerLost' } });
    expect(updates.size).toBe(1);
  }, 60_000);
});
