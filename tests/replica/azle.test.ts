// Canisters in TypeScript: the Azle sample, through everything that a canister can do.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWith, decode, encode, install, reply } from '../harness/canisters.ts';
import { buildSample } from '../harness/sample.ts';
import { createTestWorld, secondNs, type TestWorld } from '../harness/world.ts';

let world: TestWorld;
let wasm: Uint8Array;
beforeAll(async () => {
  world = await createTestWorld();
  wasm = await buildSample();
});
afterAll(() => world.close());

const create = () => createWith(world.replica, wasm);
const id = (text: string) => Principal.fromText(text);

async function update(
  canister: string,
  method: string,
  result: IDL.Type | null,
  types: IDL.Type[] = [],
  values: unknown[] = [],
) {
  const data = await reply(world.replica.call({ canister, method, arg: encode(types, values) }));
  return result === null ? undefined : decode([result], data)[0];
}

async function query(
  canister: string,
  method: string,
  result: IDL.Type,
  types: IDL.Type[] = [],
  values: unknown[] = [],
) {
  const data = await reply(world.replica.query({ canister, method, arg: encode(types, values) }));
  return decode([result], data)[0];
}

const count = (canister: string) => query(canister, 'count', IDL.Nat);

describe('an Azle canister', () => {
  it('[toolchain.azle] keeps state in the heap and in stable memory, the latter over an upgrade', async () => {
    const canister = await create();
    await update(canister, 'inc', IDL.Nat);
    const put = (value: string) => update(canister, 'put', IDL.Opt(IDL.Text), [IDL.Text, IDL.Text], ['key', value]);
    expect(await put('one')).toEqual([]);
    expect(await put('two')).toEqual(['one']);
    await install(world.replica, canister, wasm, 'upgrade');
    expect(await query(canister, 'get', IDL.Opt(IDL.Text), [IDL.Text], ['key'])).toEqual(['two']);
    expect(await count(canister)).toBe(0n);
  });

  it('[toolchain.azle] loses nothing but the failed call when it traps or throws', async () => {
    const canister = await create();
    await update(canister, 'inc', IDL.Nat);
    for (const [method, types, values] of [
      ['fail', [IDL.Text], ['oops']],
      ['fault', [], []],
    ] as const) {
      const answer = await world.replica.call({ canister, method, arg: encode([...types], [...values]) });
      expect(answer).toMatchObject({ kind: 'rejected', code: 5 });
    }
    expect(await count(canister)).toBe(1n);
    expect(await query(canister, 'get', IDL.Opt(IDL.Text), [IDL.Text], ['failed'])).toEqual([]);
    expect(await query(canister, 'size', IDL.Nat64)).toBe(0n);
  });

  it('[toolchain.azle] commits at awaits', async () => {
    const [a, b] = [await create(), await create()];
    expect(await update(a, 'incBySelf', IDL.Nat)).toBe(2n);
    expect(await update(a, 'incOther', IDL.Nat, [IDL.Principal], [id(b)])).toBe(1n);
    const arg = encode([IDL.Principal], [id(b)]);
    const answer = await world.replica.call({ canister: a, method: 'incOtherThenTrap', arg });
    expect(answer).toMatchObject({ kind: 'rejected', code: 5 });
    expect([await count(a), await count(b)]).toEqual([3n, 2n]);
  });

  it('[toolchain.azle] asks another in a composite query', async () => {
    const [a, b] = [await create(), await create()];
    const types = [IDL.Principal, IDL.Text];
    expect(await query(a, 'helloFrom', IDL.Text, types, [id(b), 'you'])).toBe('Hello, you!');
  });

  it('[toolchain.azle] sets timers, once and again and again, and clears them', async () => {
    const canister = await create();
    await update(canister, 'tickOnce', null, [IDL.Nat32], [5]);
    const timer = await update(canister, 'tickEvery', IDL.Nat64, [IDL.Nat32], [10]);
    const ticks = () => query(canister, 'ticks', IDL.Nat);
    await world.pass(6n * secondNs, 5);
    expect(await ticks()).toBe(1n);
    for (let i = 0; i < 3; i++) await world.pass(10n * secondNs, 5);
    expect(await ticks()).toBe(4n);
    await update(canister, 'tickStop', null, [IDL.Nat64], [timer]);
    for (let i = 0; i < 3; i++) await world.pass(10n * secondNs, 5);
    expect(await ticks()).toBe(4n);
  });

  it('[toolchain.azle] that never ends is stopped, and others go on', async () => {
    const small = await createTestWorld({ instructionLimits: { update: 3_000_000_000n } });
    const [a, b] = [await createWith(small.replica, wasm), await createWith(small.replica, wasm)];
    const endless = small.replica.call({ canister: a, method: 'spin', arg: encode([], []) });
    const other = reply(small.replica.call({ canister: b, method: 'inc', arg: encode([], []) }));
    expect(await endless).toMatchObject({ kind: 'rejected', errorCode: 'IC0522' });
    expect(decode([IDL.Nat], await other)).toEqual([1n]);
    await small.close();
  });

  it('[toolchain.azle] knows its caller and the time', async () => {
    const canister = await create();
    const sender = 'rwlgt-iiaaa-aaaaa-aaaaa-cai';
    const data = await reply(world.replica.query({ canister, method: 'caller', arg: encode([], []), sender }));
    expect((decode([IDL.Principal], data)[0] as Principal).toText()).toBe(sender);
    expect(await query(canister, 'now', IDL.Nat64)).toBe(world.replica.time.nowNs());
  });
});
