// A deployment that dies around the creation of a canister: whenever that is, there is one canister afterwards, and it is the one
// that the deployment remembers.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ok, refuse } from '@tamc/base/result';
import { type CallError, type Connection, connect, createIdentity, createManagement } from '@tamc/client';
import { parsePrincipal, principalToText } from '@tamc/protocol/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOnMain } from '../../stack/src/deploy/create-on-main.ts';
import { createWithChosenId } from '../../stack/src/deploy/create-with-chosen-id.ts';
import { type Creations, creationsInFolder } from '../../stack/src/deploy/creations.ts';

let folder = '';
let creations: Creations;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tamc-creation-'));
  creations = creationsInFolder(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const cycles = 5_000_000_000_000n;
const lost: CallError = {
  kind: 'unknown',
  code: 'lost',
  message: 'no answer',
  nextStep: 'Ask again.',
  rejectCode: null,
};

describe('on a network for development', () => {
  let replica: Replica;
  let connection: Connection;
  beforeAll(async () => {
    replica = await createReplica({ memory: true });
    const connected = await connect({ url: 'http://replica', identity: createIdentity(), fetch: replica.fetch });
    if (!connected.ok) throw new Error(connected.error.message);
    connection = connected.value;
  });
  afterAll(() => replica.close());

  const create = (through: Connection) =>
    createWithChosenId({ connection: through, management: createManagement(through) }, creations, 'ledger', cycles);
  const died = new Error('killed');
  /** Dies before the request leaves, or when the answer should come. */
  const dying = (moment: 'before' | 'after'): Connection => ({
    ...connection,
    call: async (...asked) => {
      if (moment === 'after') await connection.call(...asked);
      throw died;
    },
  });

  const lives = [['before'], ['after'], ['before', 'after'], ['after', 'before', 'after']] as const;
  it.each(lives.map((moments) => [moments.join(', then '), moments] as const))(
    'killed %s its request, it goes on with the same canister',
    async (_, moments) => {
      for (const moment of moments) await expect(create(dying(moment))).rejects.toBe(died);
      const { id } = creations.of('ledger')!;
      expect(await create(connection)).toEqual(ok(id));
      expect(await createManagement(connection).isRunning(id!)).toEqual(ok(true));
      creations.end('ledger');
      expect(creations.of('ledger')).toBeNull();
    },
  );

  it('a canister whose answer was lost is found again, also by the run that lost it', async () => {
    const losing: Connection = {
      ...connection,
      call: async (...asked) => {
        await connection.call(...asked);
        return refuse(lost);
      },
    };
    expect(await create(losing)).toMatchObject({ ok: false, error: { kind: 'unknown' } });
    expect(await create(connection)).toEqual(ok(creations.of('ledger')!.id));
  });

  it('none of this took an id that the network gives, so there was no canister besides', async () => {
    const next = await createManagement(connection).createWithCycles(cycles);
    expect(next.ok && principalToText(next.value)).toBe('bkyz2-fmaaa-aaaaa-qaaaq-cai');
  });

  it('where ids cannot be chosen the network chooses', async () => {
    const rejecting: Connection = {
      ...connection,
      call: async (canister, method, values) => {
        const [{ specified_id: id }] = values as [{ specified_id?: unknown[] }];
        if (id !== undefined && id.length > 0) return refuse({ ...lost, kind: 'rejected' as const });
        return connection.call(canister, method, values);
      },
    };
    const created = await create(rejecting);
    expect(created.ok && principalToText(created.value)).toBe('bd3sg-teaaa-aaaaa-qaaba-cai');
    expect(creations.of('ledger')).toBeNull();
  });

  it.each(['', 'null', '[1]', '{"ledger":{"createdNs":"-1"}}', '{"ledger":7}', '{"ledger":{"id":"abc"}}'])(
    'a file of attempts that is damaged is said, and no canister is asked for: %s',
    async (content) => {
      const path = join(folder, 'creations.json');
      writeFileSync(path, content);
      await expect(create(connection)).rejects.toThrow(path);
      expect(readFileSync(path, 'utf8')).toBe(content);
    },
  );
});

describe('on the main network', () => {
  const self = parsePrincipal('2vxsx-fae')!;
  const [first, second] = ['bkyz2-fmaaa-aaaaa-qaaaq-cai', 'bd3sg-teaaa-aaaaa-qaaba-cai'].map(
    (id) => parsePrincipal(id)!,
  );
  const minuteNs = 60_000_000_000n;
  const dayNs = 1_440n * minuteNs;
  const startNs = 1_700_000_000_000_000_000n;

  /** The rules of the cycles ledger: an equal request within a day is the same one. */
  function cyclesLedger() {
    const state = { nowNs: startNs, made: new Map<string, unknown>(), loses: false };
    const answer = ([args]: readonly unknown[]) => {
      const { created_at_time: times } = args as { created_at_time: [bigint] };
      if (times[0] < state.nowNs - dayNs) return { Err: { TooOld: null } };
      const key = JSON.stringify(args, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
      const known = state.made.get(key);
      if (known !== undefined) return { Err: { Duplicate: { duplicate_of: 1n, canister_id: known } } };
      const id = state.made.size === 0 ? first : second;
      const principal = { toHex: () => id!.toUpperCase() };
      state.made.set(key, [principal]);
      return { Ok: { block_id: 1n, canister_id: principal } };
    };
    const connection = {
      self,
      call: async (_: unknown, __: unknown, values: readonly unknown[]) => {
        const reply = answer(values);
        return state.loses ? refuse(lost) : ok([reply]);
      },
    } as unknown as Connection;
    const create = (amount = cycles) => createOnMain(connection, creations, 'ledger', amount, null, state.nowNs);
    return { state, create };
  }

  it('a later run asks with the time and the terms of the first, and is told its canister', async () => {
    const { state, create } = cyclesLedger();
    state.loses = true;
    expect(await create()).toMatchObject({ ok: false, error: { kind: 'unknown' } });
    expect(creations.of('ledger')).toEqual({ id: null, subnet: null, createdNs: startNs, cycles });
    state.loses = false;
    state.nowNs += 600n * minuteNs;
    expect(await create(7n * cycles)).toEqual(ok(first));
    expect(state.made.size).toBe(1);
  });

  it('what is older than the ledger looks back is asked for anew', async () => {
    const { state, create } = cyclesLedger();
    state.loses = true;
    await create();
    state.loses = false;
    state.nowNs += 2n * dayNs;
    expect(await create()).toEqual(ok(second));
    expect(creations.of('ledger')?.createdNs).toBe(state.nowNs);
  });

  it('a repetition that names no canister is waited for, and after a while begun anew', async () => {
    const { state, create } = cyclesLedger();
    await create();
    for (const key of state.made.keys()) state.made.set(key, []);
    expect(await create()).toMatchObject({ ok: false, error: { code: 'Duplicate' } });
    expect(creations.of('ledger')?.createdNs).toBe(startNs);
    state.nowNs += 11n * minuteNs;
    expect(await create()).toMatchObject({ ok: false, error: { code: 'Duplicate' } });
    expect(creations.of('ledger')).toBeNull();
    expect(await create()).toEqual(ok(second));
  });
});
