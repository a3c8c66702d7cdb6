// An update whose answer is lost may have been done, and then nobody is told that it was not: every way of losing one, before a real
// replica, with an effect that can be looked at.
import { IDL } from '@dfinity/candid';
import { hexToPrincipal, managementCanister, type PrincipalHex } from '@tamc/protocol/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentToConnection, type Connection, connect, type Method } from './connection.ts';
import { createIdentity } from './identity.ts';
import { createManagement, type Management } from './management.ts';

type Fetch = typeof globalThis.fetch;

let replica: Replica;
let canister: PrincipalHex;
let healthy: Management;
const identity = createIdentity();
const plain: Fetch = (...request) => replica.fetch(...request);

beforeAll(async () => {
  replica = await createReplica({});
  healthy = createManagement(await opened(plain));
  const made = await healthy.createWithCycles(1_000_000_000_000n);
  if (!made.ok) throw new Error(made.error.message);
  canister = made.value;
});
afterAll(() => replica.close());

async function opened(fetch: Fetch): Promise<Connection> {
  const connected = await connect({ url: 'http://replica', identity, rootKey: replica.rootKey, fetch });
  if (!connected.ok) throw new Error(connected.error.message);
  return connected.value;
}

const pathOf = (input: Parameters<Fetch>[0]) => new URL(input instanceof Request ? input.url : `${input}`).pathname;
const failure = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

function signal(): [give: () => void, given: Promise<void>] {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return [give, given];
}

/** What becomes of a call; the first one only, where the answer is `once`. */
const onCall =
  (change: (answer: Response) => Response | Promise<Response>): Fetch =>
  async (input, init) => {
    const answer = await plain(input, init);
    return pathOf(input).endsWith('/call') ? await change(answer) : answer;
  };

const stop: Method = {
  name: 'stop_canister',
  type: IDL.Func([IDL.Record({ canister_id: IDL.Principal })], []),
  isRepeatable: false,
  get about() {
    return canister;
  },
};
const stopBy = (connection: Connection, method = stop) =>
  connection.call(managementCanister, method, [{ canister_id: hexToPrincipal(canister) }]);

/** Tells whether it runs, and has it run again. */
async function isStopped(): Promise<boolean> {
  const running = await healthy.isRunning(canister);
  expect(await healthy.start(canister)).toMatchObject({ ok: true });
  return running.ok && !running.value;
}

const lostPolling: Fetch = async (input, init) => {
  if (pathOf(input).endsWith('/read_state')) throw failure('ECONNREFUSED');
  const answer = await plain(input, init);
  return pathOf(input).endsWith('/call') ? new Response(null, { status: 202 }) : answer;
};

describe('an update that was done', () => {
  it.each<[string, Fetch]>([
    [
      'whose connection is reset',
      onCall(() => {
        throw failure('ECONNRESET');
      }),
    ],
    [
      'whose connection is closed, as a browser says it',
      onCall(() => {
        throw new TypeError('Failed to fetch');
      }),
    ],
    ['whose polling is cut', lostPolling],
    [
      'whose answer is cut',
      onCall(async (answer) => new Response((await answer.arrayBuffer()).slice(0, 20), { status: answer.status })),
    ],
    ['that a proxy answers for', onCall(() => new Response('bad gateway', { status: 502 }))],
  ])(
    '%s may have been done, and says so',
    async (_, fetch) => {
      const answer = await stopBy(await opened(fetch));
      expect(await isStopped()).toBe(true);
      expect(answer).toMatchObject({ ok: false, error: { kind: 'unknown', code: 'AnswerLost' } });
      expect(!answer.ok && answer.error.nextStep).toMatch(/^It may have been done. Look whether it was/);
    },
    60_000,
  );

  it('and whose network then is gone is not told as one that never left', async () => {
    let isGone = false;
    const dying: Fetch = async (input, init) => {
      if (isGone) throw failure('ECONNREFUSED');
      const answer = await plain(input, init);
      if (!pathOf(input).endsWith('/call')) return answer;
      isGone = true;
      throw failure('ECONNRESET');
    };
    const answer = await stopBy(await opened(dying), { ...stop, isRepeatable: true, about: canister });
    expect(await isStopped()).toBe(true);
    expect(answer).toMatchObject({
      ok: false,
      error: { kind: 'unknown', nextStep: expect.stringMatching(/command id/) },
    });
  }, 60_000);

  it('is not told as undone because another call of the same connection could not leave meanwhile', async () => {
    const [otherAsked, wasOtherAsked] = signal();
    const [done, wasDone] = signal();
    const [otherFailed, hasOtherFailed] = signal();
    const flapping: Fetch = async (input, init) => {
      const path = pathOf(input);
      if (!path.endsWith('/call')) return await plain(input, init);
      if (path.includes('/aaaaa-aa/')) {
        otherAsked();
        await wasDone;
        otherFailed();
        throw failure('EAI_AGAIN');
      }
      const answer = await plain(input, init);
      done();
      await hasOtherFailed;
      return new Response((await answer.arrayBuffer()).slice(0, 20), { status: answer.status });
    };
    const connection = await opened(flapping);
    const nothing: Method = { name: 'nothing', type: IDL.Func([], []), isRepeatable: false };
    const other = connection.call(managementCanister, nothing, []);
    await wasOtherAsked;
    const answer = await stopBy(connection);
    expect(await isStopped()).toBe(true);
    expect(answer).toMatchObject({ ok: false, error: { kind: 'unknown', code: 'AnswerLost' } });
    expect((await other).ok).toBe(false);
  }, 60_000);

  it('is not told as undone because a repetition is rejected', async () => {
    let calls = 0;
    const install: Method = {
      name: 'install_code',
      type: IDL.Func([IDL.Record({ canister_id: IDL.Principal })], []),
      isRepeatable: true,
      about: canister,
    };
    const lossy = onCall((answer) => {
      // Each attempt is sent four times.
      if (calls++ < 4) throw failure('ECONNRESET');
      return answer;
    });
    const answer = await (await opened(lossy)).call(managementCanister, install, [
      { canister_id: hexToPrincipal(canister) },
    ]);
    expect(answer).toMatchObject({ ok: false, error: { kind: 'unknown' } });
  }, 60_000);
});

describe('an update that was not done', () => {
  it('is unreachable where no connection was made, and nothing was done', async () => {
    const closed: Fetch = async (input, init) => {
      if (pathOf(input).endsWith('/call')) throw failure('ECONNREFUSED');
      return await plain(input, init);
    };
    expect(await stopBy(await opened(closed))).toMatchObject({ ok: false, error: { kind: 'unreachable' } });
    expect(await isStopped()).toBe(false);
  }, 60_000);

  it('is rejected by the word of the network', async () => {
    const stranger = await connect({
      url: 'http://replica',
      identity: createIdentity(),
      rootKey: replica.rootKey,
      fetch: plain,
    });
    if (!stranger.ok) throw new Error(stranger.error.message);
    expect(await stopBy(stranger.value)).toMatchObject({ ok: false, error: { kind: 'rejected' } });
  });
});

it('a query whose answer is cut is asked again', async () => {
  let cuts = 1;
  const cutting: Fetch = async (input, init) => {
    const answer = await plain(input, init);
    if (!pathOf(input).endsWith('/query') || cuts-- <= 0) return answer;
    return new Response((await answer.arrayBuffer()).slice(0, 20), { status: answer.status });
  };
  const method = { name: 'nothing', type: IDL.Func([], [], ['query']), isRepeatable: true };
  expect(await (await opened(cutting)).call(canister, method, [])).toMatchObject({ error: { code: 'IC0537' } });
}, 60_000);

it('whoever brings an agent of his own is told of each failed update that it may have been done', async () => {
  const { agent } = await opened(async (input, init) => {
    if (pathOf(input).endsWith('/call')) throw failure('ECONNREFUSED');
    return await plain(input, init);
  });
  expect(await stopBy(await agentToConnection(agent))).toMatchObject({ ok: false, error: { kind: 'unknown' } });
}, 60_000);
