// Canisters of another toolchain: Motoko, compiled from source at test time.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createCanister,
  createWith,
  decode,
  encode,
  install,
  plentyOfCycles,
  reply,
  tryInstall,
} from '../harness/canisters.ts';
import { compileMotoko } from '../harness/motoko.ts';
import { createTestWorld, secondNs, type TestWorld } from '../harness/world.ts';

let world: TestWorld;
let wasm: Uint8Array;
beforeAll(async () => {
  world = await createTestWorld();
  wasm = await compileMotoko('Counter.mo');
});
afterAll(() => world.close());

const service = IDL.Service({
  inc: IDL.Func([], [IDL.Nat], []),
  get: IDL.Func([], [IDL.Nat], ['query']),
  fail: IDL.Func([IDL.Text], [], []),
  take: IDL.Func([IDL.Nat], [IDL.Nat], []),
});
const cellService = IDL.Service({
  add: IDL.Func([IDL.Nat], [IDL.Nat], []),
  get: IDL.Func([], [IDL.Nat], ['query']),
});
const create = () => createWith(world.replica, wasm);
const principal = (text: string) => Principal.fromText(text);

function call(canister: string, method: string, types: IDL.Type[] = [], values: unknown[] = []) {
  return world.replica.call({ canister, method, arg: encode(types, values) });
}

async function nat(canister: string, method: string, types: IDL.Type[] = [], values: unknown[] = []): Promise<bigint> {
  return decode([IDL.Nat], await reply(call(canister, method, types, values)))[0] as bigint;
}

async function ask(canister: string, method: string, types: IDL.Type[] = [], values: unknown[] = []): Promise<bigint> {
  const data = await reply(world.replica.query({ canister, method, arg: encode(types, values) }));
  return decode([IDL.Nat], data)[0] as bigint;
}

describe('a Motoko canister', () => {
  it('[toolchain.motoko] keeps state over updates and shows it to queries', async () => {
    const canister = await create();
    expect(await nat(canister, 'inc')).toBe(1n);
    expect(await nat(canister, 'inc')).toBe(2n);
    expect(await ask(canister, 'incInQuery')).toBe(3n);
    expect(await ask(canister, 'get')).toBe(2n);
  });

  it('[toolchain.motoko] keeps stable variables over an upgrade and loses the others', async () => {
    const canister = await create();
    await nat(canister, 'inc');
    const note = (text: string, number: bigint) => nat(canister, 'note', [IDL.Text, IDL.Int], [text, number]);
    expect(await note('first', -5n)).toBe(1n);
    expect(await note('second', 10n ** 30n)).toBe(2n);
    await reply(call(canister, 'tickAfter', [IDL.Nat64], [1n]));
    await world.pass(secondNs);
    expect(await ask(canister, 'volatile')).toBe(1n);
    await install(world.replica, canister, wasm, 'upgrade');
    expect([await ask(canister, 'get'), await ask(canister, 'volatile')]).toEqual([2n, 0n]);
    const noted = await reply(world.replica.query({ canister, method: 'noted', arg: encode([], []) }));
    expect(decode([IDL.Vec(IDL.Tuple(IDL.Text, IDL.Int))], noted)[0]).toEqual([
      ['first', -5n],
      ['second', 10n ** 30n],
    ]);
    await install(world.replica, canister, wasm, 'reinstall');
    expect(await ask(canister, 'get')).toBe(0n);
  });

  it('[toolchain.motoko] commits at awaits, and only there', async () => {
    const canister = await create();
    expect(await nat(canister, 'incTwice')).toBe(11n + 22n);
    expect(await call(canister, 'failAfterAwait')).toMatchObject({ kind: 'rejected', code: 5 });
    expect(await ask(canister, 'get')).toBe(24n);
  });

  it('[toolchain.motoko] calls other canisters, also two at a time', async () => {
    const [a, b, c] = [await create(), await create(), await create()];
    expect(await nat(a, 'incOther', [service], [principal(b)])).toBe(1n);
    expect(await nat(a, 'incBoth', [service, service], [principal(b), principal(c)])).toBe(2n + 1n);
    expect([await ask(a, 'get'), await ask(b, 'get'), await ask(c, 'get')]).toEqual([1n, 2n, 1n]);
  });

  it('[toolchain.motoko] catches errors that others throw, and their traps', async () => {
    const [a, b] = [await create(), await create()];
    const attempt = async (text: string) =>
      decode([IDL.Text], await reply(call(a, 'tryOther', [service, IDL.Text], [principal(b), text])))[0];
    expect(await attempt('thrown')).toBe('thrown');
    expect(await ask(b, 'get')).toBe(1000n);
    expect(await attempt('')).toMatch(/^IC0503: .*assertion failed/);
    expect(await ask(b, 'get')).toBe(1000n);
  });

  it('[toolchain.motoko] answers composite queries', async () => {
    const [a, b] = [await create(), await create()];
    await nat(a, 'inc');
    await nat(b, 'inc');
    expect(await ask(a, 'sum', [service], [principal(b)])).toBe(2n);
  });

  it('[toolchain.motoko] sends and accepts cycles', async () => {
    const [a, b] = [await create(), await create()];
    const data = await reply(call(a, 'give', [service, IDL.Nat, IDL.Nat], [principal(b), 1_000_000n, 400_000n]));
    expect(decode([IDL.Nat, IDL.Nat], data)).toEqual([400_000n, 600_000n]);
  });

  it('[toolchain.motoko] refuses to lose what it keeps in stable variables', async () => {
    const canister = await create();
    await nat(canister, 'inc');
    const cell = await compileMotoko('Cell.mo');
    const arg = encode([IDL.Nat], [7n]);
    // The Candid of the argument is checked in the new code; whatever comes of it, nothing is half done.
    const answer = await tryInstall(world.replica, canister, cell, 'upgrade', encode([IDL.Text], ['no number']));
    expect(answer).toMatchObject({ kind: 'rejected', code: 5 });
    expect(await ask(canister, 'get')).toBe(1n);
    await reply(tryInstall(world.replica, canister, cell, 'reinstall', arg));
    expect(await ask(canister, 'get')).toBe(7n);
  });

  it('[toolchain.motoko] creates canisters from actor classes', async () => {
    const factory = await createCanister(world.replica, 2n * plentyOfCycles);
    await install(world.replica, factory, await compileMotoko('Factory.mo'));
    const data = await reply(call(factory, 'make', [IDL.Nat], [40n]));
    const cell = (decode([cellService], data)[0] as Principal).toText();
    expect(await nat(factory, 'add', [IDL.Nat], [2n])).toBe(42n);
    expect(await ask(cell, 'get')).toBe(42n);
  });
});
