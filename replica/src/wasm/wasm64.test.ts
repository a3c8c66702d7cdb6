// Modules with 64-bit addresses, on a Node that can run them.

import { describe, expect, it } from 'vitest';
import { heapBaseBytes, heapPagesMax, trackedPageBytes, wasmPageBytes } from './contract.ts';
import { detectFeatures } from './features.ts';
import {
  instantiateRewritten,
  markedPages,
  OutOfFuel,
  parseWat,
  prepareBytes,
  prepareWat,
  refusalOf,
} from './testing.ts';

const method = 'canister_update run';
const { memory64, table64 } = detectFeatures();

async function instanceOf(body: string, rest = '(memory i64 3 8)') {
  return instantiateRewritten(await prepareWat(`(module ${rest} (func (export "${method}") ${body}))`));
}

describe.skipIf(!memory64)('a module with a 64-bit memory', () => {
  it('[module.wasm64] has room for the map of 6 GiB before its heap', async () => {
    expect(heapBaseBytes[64] * trackedPageBytes).toBe(heapPagesMax[64] * wasmPageBytes);
    const prepared = await prepareWat('(module (memory i64 1))');
    expect(prepared.width).toBe(64);
    expect(prepared.memory).toEqual({ initialWasmPages: 1, maximumWasmPages: heapPagesMax[64] });
    expect(await refusalOf('(module (memory i64 1 98305))')).toContain(
      '98305 pages exceeds the maximum allowed size of 98304 pages',
    );
  });

  it.each([
    '(i64.store (i64.const -1) (i64.const 1))',
    '(i32.store8 offset=18446744073709551615 (i64.const 0) (i32.const 1))',
    '(i32.store8 offset=4294967296 (i64.const 5) (i32.const 1))',
    '(i32.store8 (i64.const 196608) (i32.const 1))',
    '(drop (i32.load8_u (i64.const -1572865)))',
    '(drop (i32.load8_u (i64.const -1572864)))',
    '(memory.fill (i64.const 196608) (i32.const 1) (i64.const 1))',
    '(memory.fill (i64.const -1572864) (i32.const 1) (i64.const 1))',
    '(memory.copy (i64.const 0) (i64.const -1) (i64.const 2))',
    '(memory.init $d (i64.const -1) (i32.const 0) (i32.const 1))',
  ])('[memory.bounds] traps out of bounds, and nothing is marked: %s', async (body) => {
    const instance = await instanceOf(body, '(memory i64 3 8) (data $d "abc")');
    expect(String(instance.run(method).trap)).toContain('memory access out of bounds');
    expect(markedPages(instance)).toEqual([]);
  });

  it.each(['-1', '9223372036854775807', '-9223372036854775808', '4611686018427387904'])(
    '[metering.bulk] is out of fuel for a length of %s, and never gains any',
    async (length) => {
      const instance = await instanceOf(`(memory.fill (i64.const 0) (i32.const 1) (i64.const ${length}))`);
      const outcome = instance.run(method);
      expect(outcome.trap).toBeInstanceOf(OutOfFuel);
      expect(instance.fuel().value).toBeLessThan(0n);
    },
  );

  it('[memory.grow] answers in 64 bits with sizes that do not count the map', async () => {
    const instance = await instanceOf(
      '(i64.store (i64.const 0) (memory.grow (i64.const 2))) (i64.store (i64.const 8) (memory.size)) (i64.store (i64.const 16) (memory.grow (i64.const -1)))',
    );
    expect(instance.run(method).trap).toBeNull();
    expect([...new BigInt64Array(instance.heap().slice(0, 24).buffer)]).toEqual([3n, 5n, -1n]);
    expect(instance.growthAsked).toEqual([2]);
  });

  it('[metering.weights] charges two for a load or store', async () => {
    // entry 1, two constants 2, store 2
    expect((await instanceOf('(i64.store (i64.const 0) (i64.const 1))')).run(method).used).toBe(5n);
  });

  it('[module.data] puts data at 64-bit offsets', async () => {
    const prepared = await prepareWat('(module (memory i64 1) (data (i64.const 7) "abc"))');
    expect(prepared.activeData.map(({ offset }) => offset)).toEqual([7]);
    expect(await refusalOf('(module (memory i64 1) (data (i64.const -1) "abc"))')).toContain(
      '3 bytes at 18446744073709551615',
    );
  });

  it('[module.callbacks] takes a table index and an environment of 64 bits', async () => {
    const instance = instantiateRewritten(
      await prepareWat(`(module (memory i64 1) (table 2 funcref) (elem (i32.const 1) $f)
        (func $f (param i64) (i64.store (i64.const 0) (local.get 0))))`),
    );
    expect(instance.callback(1n, -2n).trap).toBeNull();
    expect(new BigInt64Array(instance.heap().slice(0, 8).buffer)[0]).toBe(-2n);
    for (const index of [0n, 2n, 2n ** 32n + 1n, -1n]) {
      expect(instance.callback(index, 1n).trap).toBeInstanceOf(WebAssembly.RuntimeError);
    }
  });
});

describe.skipIf(!table64)('a module with a 64-bit table', () => {
  it('[module.wasm64] calls through it, from inside and as a callback', async () => {
    // (table i64 2 funcref), which the text parser may not know: flags 4 in the table section of a 32-bit one.
    const bytes =
      await parseWat(`(module (memory i64 1) (type $t (func (param i64))) (table 2 funcref) (elem (i32.const 1) $f)
      (func $f (param i64) (i64.store (i64.const 0) (local.get 0)))
      (func (export "${method}") (local $i i32) (call_indirect (type $t) (i64.const 9) (i32.const 1))))`);
    const wide = widenTable(bytes);
    const prepared = prepareBytes(wide);
    if (!prepared.ok) throw new Error(prepared.error.message);
    const instance = instantiateRewritten(prepared.value);
    expect(instance.run(method).trap).toBeNull();
    expect(instance.heap()[0]).toBe(9);
    expect(instance.callback(1n, 33n).trap).toBeNull();
    expect(instance.heap()[0]).toBe(33);
    expect(instance.callback(2n ** 32n + 1n, 33n).trap).toBeInstanceOf(WebAssembly.RuntimeError);
  });
});

/** Makes the table 64 bits wide, and the constants that index it. */
function widenTable(bytes: Uint8Array): Uint8Array {
  const changes = [
    ['040401700002', '040401700402'],
    // Offset of the element segment, and the index of the call.
    ['0907010041010b', '0907010042010b'],
    ['42094101', '42094201'],
  ] as const;
  let hex = Buffer.from(bytes).toString('hex');
  for (const [narrow, wide] of changes) {
    expect(hex).toContain(narrow);
    hex = hex.replace(narrow, wide);
  }
  return new Uint8Array(Buffer.from(hex, 'hex'));
}
