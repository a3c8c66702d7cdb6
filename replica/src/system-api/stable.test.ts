import { bytesEqual } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryPoint } from '../execution/execution.ts';
import { createExecutionDouble } from './execution-double.ts';

const gib = 1n << 30n;
const page = 65_536;

describe('stable memory', () => {
  it('grows by pages and tells its old size, in both widths [api.stable-grow]', () => {
    const double = createExecutionDouble();
    expect([double.call('stable64_size'), double.call('stable_size')]).toEqual([0n, 0]);
    expect(double.call('stable64_grow', 3n)).toBe(0n);
    expect(double.call('stable_grow', 2)).toBe(3);
    expect([double.call('stable64_size'), double.call('stable_size')]).toEqual([5n, 5]);
    expect(double.charged.total).toBe(200);
  });

  it('answers -1 beyond 500 GiB, and beyond 4 GiB in 32 bits, and stays as it was [api.stable-grow]', () => {
    const double = createExecutionDouble({ entryPoint: 'Ry' });
    for (const pages of [8_192_001n, 1n << 40n, -1n]) expect(double.call('stable64_grow', pages)).toBe(-1n);
    for (const pages of [65_537, -1]) expect(double.call('stable_grow', pages)).toBe(-1);
    expect(double.call('stable64_size')).toBe(0n);
    expect(double.call('stable64_grow', 8_192_000n)).toBe(0n);
    expect(double.call('stable64_grow', 1n)).toBe(-1n);
    expect(double.call('stable64_grow', 0n)).toBe(8_192_000n);
  });

  it('is closed to the 32-bit functions above 4 GiB [api.stable-32]', () => {
    const steps: [string, ...number[]][] = [
      ['stable_size'],
      ['stable_grow', 0],
      ['stable_read', 0, 0, 1],
      ['stable_write', 0, 0, 1],
    ];
    for (const [name, ...args] of steps) {
      expect(() => createExecutionDouble({ stablePages: 65_537 }).call(name, ...args)).toThrow(
        '32 bit stable memory api used on a memory larger than 4GB',
      );
    }
    expect(createExecutionDouble({ stablePages: 65_536 }).call('stable_size')).toBe(65_536);
  });

  it('keeps what is written, through either width, also in pieces larger than a MiB [api.stable-access]', () => {
    const double = createExecutionDouble({ heapPages: 40, stablePages: 40 });
    double.heap.forEach((_, i) => {
      double.heap[i] = (i * 31) >>> 3;
    });
    double.call('stable64_write', 100n, 7n, 2_300_000n);
    expect(bytesEqual(double.stable.subarray(100, 2_300_100), double.heap.subarray(7, 2_300_007))).toBe(true);
    const before = double.heap.slice(7, 2_300_007);
    double.heap.fill(0);
    double.call('stable_read', 0, 100, 2_300_000);
    expect(bytesEqual(double.heap.subarray(0, 2_300_000), before)).toBe(true);
  });

  it('is never read or written beyond its end or the end of the heap [api.stable-access]', () => {
    const place = fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.constantFrom(-1, -2_147_483_648));
    fc.assert(
      fc.property(place, place, place, (address, offset, size) => {
        const double = createExecutionDouble({ heapPages: 2, stablePages: 1 });
        const [at, from, length] = [address >>> 0, offset >>> 0, size >>> 0];
        const error =
          from + length > page ? 'stable memory out of bounds' : at + length > 2 * page ? 'heap out of bounds' : null;
        const accesses = [
          () => double.call('stable_read', address, offset, size),
          () => double.call('stable_write', offset, address, size),
          () => double.call('stable64_read', BigInt(at), BigInt(from), BigInt(length)),
          () => double.call('stable64_write', BigInt(from), BigInt(at), BigInt(length)),
        ];
        for (const access of accesses) {
          if (error === null) expect(access()).toBeUndefined();
          else expect(access).toThrow(error);
        }
      }),
    );
    expect(() => createExecutionDouble({ stablePages: 1 }).call('stable64_read', 0n, -1n, 2n)).toThrow(
      'stable memory out of bounds',
    );
  });

  it('costs an instruction per byte, and a thousand for each 4 KiB first written [api.stable-charges]', () => {
    const double = createExecutionDouble({ stablePages: 1 });
    double.call('stable64_write', 4_000n, 0n, 200n);
    expect(double.charged.total).toBe(200 + 2 * 1_000);
    double.call('stable64_write', 4_000n, 0n, 200n);
    expect(double.charged.total).toBe(400 + 2 * 1_000);
    double.call('stable64_read', 0n, 0n, 50n);
    expect(double.charged.total).toBe(450 + 2 * 1_000);
  });

  it('is written at most to 2 GiB by a message, 8 by an installation, 1 by a query [api.stable-limit]', () => {
    for (const [entryPoint, pages] of [
      ['U', 524_288],
      ['I', 2_097_152],
      ['RQ', 262_144],
      ['NRQ', 262_144],
    ] as const) {
      const double = createExecutionDouble({ entryPoint, stablePages: 1 });
      let written = pages - 1;
      const stable = { ...double.execution.stable, newlyWrittenPages: () => written, write: () => void written++ };
      Object.assign(double.execution, { stable });
      expect(double.call('stable64_write', 0n, 0n, 1n)).toBeUndefined();
      expect(() => double.call('stable64_write', 0n, 0n, 1n)).toThrow(
        'Exceeded the limit for the number of modified pages',
      );
    }
  });
});

describe('reading stable memory', () => {
  const mib = 2 ** 20;
  /** Only the pages count here: nothing is copied. */
  const createReader = (entryPoint: EntryPoint) => {
    const double = createExecutionDouble({ entryPoint, heapPages: 16, stablePages: 16 * 16_384 });
    const { stable } = double.execution;
    Object.assign(double.execution, { stable: { ...stable, read: () => new Uint8Array(0) } });
    return (offset: number, size: number) => double.call('stable64_read', 0n, BigInt(offset), BigInt(size));
  };

  it.each([
    ['U', 2_048],
    ['C', 2_048],
    ['G', 8_192],
    ['RQ', 1_024],
    ['NRQ', 1_024],
  ] as const)('%s touches at most %i MiB, however often each [api.stable-limit]', (entryPoint, mibMax) => {
    const read = createReader(entryPoint);
    for (let i = 0; i < mibMax; i++) read(i * mib, mib);
    expect(read(0, mib)).toBeUndefined();
    expect(() => read(mibMax * mib - 1, 2)).toThrow(
      'Exceeded the limit for the number of accessed pages in the stable memory in a single execution',
    );
  });

  it('counts single bytes by the pages that they lie in, reads and writes together [api.stable-limit]', () => {
    const read = createReader('NRQ');
    for (let i = 0; i < 262_144; i++) read(i * 16_384, 1);
    expect(read(4_095, 1)).toBeUndefined();
    expect(() => read(4_096, 1)).toThrow('number of accessed pages');
    const double = createExecutionDouble({ entryPoint: 'NRQ', heapPages: 16, stablePages: 16_385 });
    const stable = { ...double.execution.stable, read: () => new Uint8Array(0) };
    Object.assign(double.execution, { stable });
    for (let i = 1; i < 1_024; i++) double.call('stable64_read', 0n, BigInt(i * mib), BigInt(mib));
    double.call('stable64_write', 0n, 0n, BigInt(mib));
    expect(() => double.call('stable64_write', 1_024n * BigInt(mib), 0n, 1n)).toThrow('number of accessed pages');
  });
});

describe('growing stable memory', () => {
  it('traps when it would freeze the canister, and tells controllers what is missing [api.memory-grow]', () => {
    const options = { effects: { cycles: 1_000n }, settings: { freezingThresholdSeconds: 86_400n } } as const;
    const threshold = (2n * 65_536n * 127_000n * 86_400n) / gib;
    expect(() => createExecutionDouble(options).call('stable64_grow', 1n)).toThrow(
      `Canister cannot grow memory by 65536 bytes due to insufficient cycles. At least ${threshold - 1_000n} additional cycles are required.`,
    );
    const stranger = createExecutionDouble({ ...options, environment: { controllers: [] } });
    expect(() => stranger.call('stable64_grow', 1n)).toThrow(/due to insufficient cycles\.$/);
    expect(createExecutionDouble({ ...options, effects: { cycles: threshold } }).call('stable64_grow', 1n)).toBe(0n);
  });

  it('is not held back by freezing in callbacks, installation and queries [api.memory-grow]', () => {
    for (const entryPoint of ['Ry', 'Rt', 'C', 'I', 'G', 's', 'NRQ', 'RQ'] as const) {
      expect(createExecutionDouble({ entryPoint, effects: { cycles: 0n } }).call('stable64_grow', 1n)).toBe(0n);
    }
  });

  it('within the memory allocation costs nothing more [api.memory-grow]', () => {
    const allocated = createExecutionDouble({ effects: { cycles: 0n }, settings: { memoryAllocation: gib } });
    expect(allocated.call('stable64_grow', 100n)).toBe(0n);
  });

  it('on a full subnet reserves cycles, up to the limit of the canister [api.storage-reservation]', () => {
    const environment = { otherCanistersBytes: () => 1_000n * gib };
    const double = createExecutionDouble({ environment });
    const before = double.effects.cycles;
    double.call('stable64_grow', 160n);
    expect(double.effects.reservedCycles).toBeGreaterThan(0n);
    expect(double.effects.cycles + double.effects.reservedCycles).toBe(before);
    const limited = createExecutionDouble({ environment, settings: { reservedCyclesLimit: 0n } });
    expect(() => limited.call('stable64_grow', 1n)).toThrow(
      /^Canister cannot grow memory by 65536 bytes due to its reserved cycles limit. The current limit \(0\) would be exceeded by \d+\.$/,
    );
    const full = createExecutionDouble({ environment: { otherCanistersBytes: () => 2_048n * gib } });
    expect(full.call('stable64_grow', 1n)).toBe(-1n);
    expect(full.effects.reservedCycles).toBe(0n);
  });
});
