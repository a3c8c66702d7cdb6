// The dirty map and the raised memory: nothing that changes is missed, bounds stay where they were.

import { createRandom } from '@tamc/base/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heapBaseBytes, heapPagesMax, spillBytes, trackedPageBytes, wasmPageBytes } from './contract.ts';
import { findMissedPages, instantiateRewritten, markedPages, prepareWat, type RewrittenInstance } from './testing.ts';

const method = 'canister_update run';

async function instanceOf(body: string, rest = '(memory 3 8)'): Promise<RewrittenInstance> {
  return instantiateRewritten(await prepareWat(`(module ${rest} (func (export "${method}") ${body}))`));
}

async function marksOf(body: string): Promise<number[]> {
  const instance = await instanceOf(body);
  const before = instance.heap().slice();
  expect(instance.run(method).trap).toBeNull();
  expect(findMissedPages(before, instance.heap(), instance.map())).toEqual([]);
  return markedPages(instance);
}

describe('the dirty map', () => {
  it('[memory.dirty-map] is empty at first and after reads', async () => {
    expect(await marksOf('(drop (i64.load (i32.const 8000)))')).toEqual([]);
  });

  it('[memory.dirty-map] shows the page a store begins in, at constant and computed addresses', async () => {
    expect(await marksOf('(i32.store (i32.const 8192) (i32.const 1))')).toEqual([2]);
    expect(await marksOf('(i32.store8 offset=4095 (i32.const 1) (i32.const 1))')).toEqual([1]);
    expect(
      await marksOf(
        '(local $p i32) (local.set $p (i32.const 5000)) (i32.store offset=4000 (local.get $p) (i32.const 1))',
      ),
    ).toEqual([2]);
    expect(
      await marksOf('(i32.store offset=100 (i32.mul (i32.const 1000) (i32.const 30)) (i32.load (i32.const 4)))'),
    ).toEqual([7]);
  });

  it('[memory.dirty-map] lets a store reach over the end of its page by less than the spill', async () => {
    expect(await marksOf('(v128.store (i32.const 4090) (v128.const i64x2 -1 -1))')).toEqual([0]);
    expect(spillBytes).toBeGreaterThanOrEqual(16);
  });

  it('[memory.dirty-map] needs one mark for fields near each other, and a new one when the record moves', async () => {
    const fields = '(i32.store (local.get $p) (i32.const 1)) (i64.store offset=112 (local.get $p) (i64.const 1))';
    const body = (rest: string) => `(local $p i32) (local.set $p (i32.const 4000)) ${rest}`;
    // The second field lies in page 1, within the spill of the mark of page 0.
    expect(await marksOf(body(fields))).toEqual([0]);
    expect(
      await marksOf(
        body('(i32.store (local.get $p) (i32.const 1)) (i64.store offset=113 (local.get $p) (i64.const 1))'),
      ),
    ).toEqual([0, 1]);
    expect(await marksOf(body(`${fields} (local.set $p (i32.const 9000)) ${fields}`))).toEqual([0, 2]);
  });

  it('[memory.dirty-map] marks again in a loop whose pointer moves, and after a way that may not have marked', async () => {
    const loop = `(local $p i32) (i32.store (local.get $p) (i32.const 1))
      (loop $again (i32.store (local.get $p) (i32.const 1))
        (local.set $p (i32.add (local.get $p) (i32.const 5000)))
        (br_if $again (i32.lt_u (local.get $p) (i32.const 25000))))`;
    expect(await marksOf(loop)).toEqual([0, 1, 2, 3, 4]);
    const branch = (condition: number) => `(local $p i32) (local.set $p (i32.const 9000))
      (if (i32.const ${condition}) (then (i32.store (local.get $p) (i32.const 1))))
      (i32.store offset=4 (local.get $p) (i32.const 1))`;
    expect(await marksOf(branch(0))).toEqual([2]);
    const otherwise = `(local $p i32) (local.set $p (i32.const 9000))
      (if (i32.const 0) (then (i32.store (local.get $p) (i32.const 1))) (else (i32.store offset=4 (local.get $p) (i32.const 1))))`;
    expect(await marksOf(otherwise)).toEqual([2]);
    const skipped = `(local $p i32) (local.set $p (i32.const 9000))
      (block $out (br_if $out (i32.const 1)) (i32.store (local.get $p) (i32.const 1)))
      (i32.store offset=4 (local.get $p) (i32.const 1))`;
    expect(await marksOf(skipped)).toEqual([2]);
  });

  it('[memory.dirty-map] shows every page of a bulk operation', async () => {
    expect(await marksOf('(memory.fill (i32.const 4000) (i32.const 7) (i32.const 9000))')).toEqual([0, 1, 2, 3]);
    expect(await marksOf('(memory.fill (i32.const 8191) (i32.const 7) (i32.const 1))')).toEqual([1]);
    expect(await marksOf('(memory.fill (i32.const 8192) (i32.const 7) (i32.const 4096))')).toEqual([2]);
    expect(await marksOf('(memory.fill (i32.const 8192) (i32.const 7) (i32.const 0))')).toEqual([]);
    expect(await marksOf('(memory.copy (i32.const 12289) (i32.const 0) (i32.const 4096))')).toEqual([3, 4]);
  });

  it('[memory.dirty-map] reaches to the upper half of the address space', async () => {
    const instance = await instanceOf(
      `(local i32) (i32.store8 (i32.const 0x80001000) (i32.const 1))
       (local.set 0 (i32.const 0x80003000)) (i32.store8 (local.get 0) (i32.const 1))
       (memory.fill (i32.const 0x80005000) (i32.const 1) (i32.const 1))`,
      '(memory 33000)',
    );
    expect(instance.run(method).trap).toBeNull();
    expect(markedPages(instance)).toEqual([0x80001, 0x80003, 0x80005]);
  });

  it('[memory.dirty-map] misses nothing in random sequences of stores through two pointers', async () => {
    const property = fc.asyncProperty(fc.integer(), async (seed) => {
      const random = createRandom(seed);
      const line = () => {
        const pointer = random.pick(['$p', '$q']);
        if (random.below(8) === 0) return `(local.set ${pointer} (i32.const ${200 + random.below(60_000)}))`;
        const offset = random.pick([0, 8, 100, 111, 112, 113, 120, 127, 128, 129, 240, 4000, 4200]);
        const added =
          random.below(2) === 0
            ? `(local.get ${pointer})`
            : `(i32.add (local.get ${pointer}) (i32.const ${random.below(300) - 150}))`;
        const store = `(i64.store offset=${offset} ${added} (i64.const ${random.below(99) + 1}))`;
        return random.below(5) === 0 ? `(if (i32.const ${random.below(2)}) (then ${store}))` : store;
      };
      const lines = Array.from({ length: 30 }, line);
      await marksOf(
        `(local $p i32) (local $q i32) (local.set $p (i32.const 4000)) (local.set $q (i32.const 8000)) ${lines.join('\n')}`,
      );
    });
    await fc.assert(property, { numRuns: 100 });
  });
});

describe('the bounds of memory', () => {
  const last = 3 * wasmPageBytes;

  it.each([
    ['i32.store8', '', last, 1, 'i32'],
    ['i32.store', 'offset=1', last - 4, 1, 'i32'],
    ['i64.store', 'offset=4294967295', 0, 1, 'i64'],
    ['i64.store', 'offset=4293918720', 5, 1, 'i64'],
    ['i32.store', 'offset=4294967295', -1, 1, 'i32'],
    ['i32.store', '', -1, 1, 'i32'],
    ['i32.store', '', -1048576, 1, 'i32'],
    ['i32.store', '', -1048577, 1, 'i32'],
  ])('[memory.bounds] make %s %s at %d trap, and nothing changes', async (store, offset, address, value, type) => {
    const instance = await instanceOf(
      `(local $p i32) (local.set $p (i32.const ${address})) (${store} ${offset} (local.get $p) (${type}.const ${value}))`,
    );
    const outcome = instance.run(method);
    expect(String(outcome.trap)).toContain('memory access out of bounds');
    expect(isZero(instance.heap())).toBe(true);
    expect(markedPages(instance)).toEqual([]);
  });

  it.each([
    ['(memory.fill (i32.const 196608) (i32.const 1) (i32.const 1))'],
    ['(memory.fill (i32.const 196609) (i32.const 1) (i32.const 0))'],
    ['(memory.fill (i32.const -1) (i32.const 1) (i32.const 2))'],
    ['(memory.fill (i32.const -1048576) (i32.const 1) (i32.const 1))'],
    ['(memory.fill (i32.const 10) (i32.const 1) (i32.const -5))'],
    ['(memory.copy (i32.const -1048576) (i32.const 0) (i32.const 1))'],
    ['(memory.copy (i32.const 0) (i32.const -1048576) (i32.const 1))'],
    ['(memory.init $d (i32.const -1048576) (i32.const 0) (i32.const 1))'],
    ['(memory.init $d (i32.const 0) (i32.const 3) (i32.const 1))'],
    ['(drop (i32.load offset=4294967292 (i32.const 0)))'],
    ['(drop (i32.load8_u (i32.const -1048577)))'],
  ])('[memory.bounds] make a bulk operation or a load trap: %s', async (body) => {
    const outcome = (await instanceOf(body, '(memory 3 8) (data $d "abc")')).run(method);
    expect(String(outcome.trap)).toContain('memory access out of bounds');
  });

  it('[memory.bounds] allow an empty bulk operation exactly at the end', async () => {
    const body =
      '(memory.fill (i32.const 196608) (i32.const 1) (i32.const 0)) (memory.copy (i32.const 196608) (i32.const 196608) (i32.const 0))';
    expect((await instanceOf(body)).run(method).trap).toBeNull();
  });
});

describe('growing memory', () => {
  const grow = (pages: number) =>
    `(i32.store (i32.const 0) (memory.grow (i32.const ${pages}))) (i32.store (i32.const 4) (memory.size))`;
  const results = (instance: RewrittenInstance) => [...new Int32Array(instance.heap().slice(0, 8).buffer)];

  it('[memory.grow] answers with sizes that do not count the map', async () => {
    const instance = await instanceOf(grow(2));
    expect(instance.run(method).trap).toBeNull();
    expect(results(instance)).toEqual([3, 5]);
    expect(instance.heap().length).toBe(5 * wasmPageBytes);
  });

  it('[memory.grow] keeps to the maximum of the module', async () => {
    const instance = await instanceOf(grow(6));
    instance.run(method);
    expect(results(instance)).toEqual([-1, 3]);
  });

  it('[memory.grow] keeps to what its host allows, which is not asked for the impossible', async () => {
    const refused = await instanceOf(grow(1));
    refused.allowGrowth = false;
    refused.run(method);
    expect(results(refused)).toEqual([-1, 3]);
    const impossible = await instanceOf(grow(-1));
    impossible.run(method);
    expect(results(impossible)).toEqual([-1, 3]);
    expect(impossible.growthAsked).toEqual([]);
  });

  it('[memory.limit] ends 17 pages below 4 GiB: the map and one page more', async () => {
    expect(heapPagesMax[32]).toBe(65_536 - 17);
    expect(heapBaseBytes[32]).toBe((2 ** 32 / trackedPageBytes) * 1);
    const prepared = await prepareWat('(module (memory 1 65536))');
    expect(prepared.memory).toEqual({ initialWasmPages: 1, maximumWasmPages: heapPagesMax[32] });
  });
});

function isZero(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, Buffer.alloc(bytes.length)) === 0;
}
