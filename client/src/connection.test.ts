// The connection against a real replica in the same process, over a way that can be broken at will.
import { IDL } from '@dfinity/candid';
import { hexToPrincipal, managementCanister, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, connect } from './connection.ts';
import { createIdentity } from './identity.ts';
import { createManagement } from './management.ts';

let replica: Replica;
let connection: Connection;
let canister: PrincipalHex;
/** How many of the next requests get lost on the way there, or on the way back. */
let lost = { there: 0, back: 0 };
let sent = 0;
const identity = createIdentity();

const way: typeof fetch = async (...request) => {
  sent++;
  if (lost.there > 0) {
    lost.there--;
    // As Node says that no connection was made.
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) });
  }
  const answer = await replica.fetch(...request);
  if (lost.back === 0) return answer;
  lost.back--;
  throw new TypeError('socket hang up');
};

beforeAll(async () => {
  replica = await createReplica({});
  const connected = await connect({ url: 'http://replica', identity, fetch: way });
  if (!connected.ok) throw new Error(connected.error.message);
  connection = connected.value;
  const made = await createManagement(connection).createWithCycles(1_000_000_000_000n);
  if (!made.ok) throw new Error(made.error.message);
  canister = made.value;
});
afterAll(() => replica.close());

describe('a connection', () => {
  it('says who calls, and reads certified facts and their absence', async () => {
    expect(connection.self).toBe(principalToHex(identity.getPrincipal()));
    expect(await connection.read(canister, ['module_hash'])).toEqual({ ok: true, value: null });
    const controllers = await connection.read(canister, ['controllers']);
    expect(controllers.ok && controllers.value?.length).toBeGreaterThan(29);
  });

  it('reads between canisters that are there that there is no other, whatever their ids', async () => {
    const management = createManagement(connection);
    const made = await Promise.all(Array.from({ length: 8 }, () => management.createWithCycles(1_000_000_000_000n)));
    for (const one of made) {
      if (!one.ok) throw new Error(one.error.message);
      const none = one.value.replace(/0101$/, 'ff01') as PrincipalHex;
      expect(await connection.read(none, ['module_hash'])).toEqual({ ok: true, value: null });
    }
  });

  it('tells a rejection with the code of the network', async () => {
    const method = { name: 'nothing', type: IDL.Func([], [], ['query']), isRepeatable: true };
    const answer = await connection.call(canister, method, []);
    expect(answer).toMatchObject({ ok: false, error: { kind: 'rejected', code: 'IC0537' } });
  });

  it('sends a repeatable call again when the way is broken, and no other', async () => {
    const management = createManagement(connection);
    lost = { there: 6, back: 0 };
    expect(await management.cyclesOf(canister)).toMatchObject({ ok: true });
    lost = { there: 0, back: 0 };
    const before = sent;
    lost = { there: 1000, back: 0 };
    const create = await management.createWithCycles(1n);
    lost = { there: 0, back: 0 };
    expect(create).toMatchObject({ ok: false, error: { kind: 'unreachable' } });
    // An attempt is sent four times; three attempts would be twelve.
    expect(sent - before).toBeLessThan(12);
  }, 120_000);

  it.each<[string, readonly unknown[], string]>([
    ['of another type', ['many', { A: null }, []], 'nat8'],
    ['beyond its type', [256, { A: null }, []], 'nat8'],
    ['that is no variant of its type', [1, { B: null }, []], 'Variant'],
    ['beyond its type, which may be left out', [1, { A: null }, [256]], 'method: Invalid nat8'],
    ['too few', [1], 'it takes 3 values, and 1 were given'],
  ])('refuses a value %s before anything is sent', async (_, values, named) => {
    const type = IDL.Func([IDL.Nat8, IDL.Variant({ A: IDL.Null }), IDL.Opt(IDL.Nat8)], []);
    const before = sent;
    const answer = await connection.call(canister, { name: 'x', type, isRepeatable: true }, values);
    expect(answer).toMatchObject({ ok: false, error: { kind: 'input', code: 'ValueOutsideType' } });
    expect(!answer.ok && answer.error.message).toContain(named);
    expect(sent).toBe(before);
  });

  it.each(['', 'not a url', 'ftp://127.0.0.1', 'http://'])('refuses the address "%s"', async (url) => {
    const refused = await connect({ url, identity, fetch: way });
    expect(refused).toMatchObject({ ok: false, error: { kind: 'input', code: 'AddressMalformed' } });
    expect(!refused.ok && refused.error.nextStep).toBe('Write it like http://127.0.0.1:4943.');
  });

  it('does not believe a network with another root key', async () => {
    const wrong = await connect({
      url: 'http://replica',
      identity,
      rootKey: new Uint8Array(connection.rootKey).fill(9, 40),
      fetch: way,
    });
    if (!wrong.ok) throw new Error('connecting itself asks nothing');
    const read = await wrong.value.read(canister, ['controllers']);
    expect(read.ok).toBe(false);
    if (!read.ok) expect(['untrusted', 'unknown']).toContain(read.error.kind);
  });

  it('reaches the management canister for the canister it is about', async () => {
    const stopped = await createManagement(connection).stop(canister);
    expect(stopped).toEqual({ ok: true, value: undefined });
    expect(hexToPrincipal(managementCanister).toText()).toBe('aaaaa-aa');
  });
});
