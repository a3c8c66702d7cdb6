import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPagePool } from '../memory/page-pool.ts';
import { createPageTable } from '../memory/page-table.ts';
import { chargeForTime, memoryBytes, memoryMetrics, otherMemoryBytes } from './storage.ts';

const second = 1_000_000_000n;
const perDay = (perSecond: bigint) => perSecond * 86_400n;

function measuredCanister() {
  const pages = createPageTable(createPagePool());
  const heap = { sizePages: 3, pages, globals: [], tables: null, droppedSegments: null };
  return {
    code: { moduleHash: 'ab', installedAtNs: 0n, heap },
    stable: { sizePages: 2, pages },
    history: [],
    chunks: new Map([['c1', new Uint8Array(10)]]),
    logs: [{ index: 0n, timestampNs: 0n, content: new Uint8Array(100) }],
  };
}

describe('the memory of a canister', () => {
  it('is heap, stable memory, module, custom sections, globals, chunks and logs [cycles.memory]', () => {
    const module = { uploadedBytes: 1_000, customSectionBytes: 50, globalCount: 4 };
    const metrics = memoryMetrics(measuredCanister(), module);
    expect(metrics).toEqual({
      wasmMemory: 3n * 65_536n,
      stableMemory: 2n * 65_536n,
      globals: 32n,
      wasmBinary: 1_000n,
      customSections: 50n,
      history: 0n,
      // A chunk counts as a whole MiB.
      chunkStore: 1_048_576n,
      logs: 124n,
    });
    expect(memoryBytes(metrics)).toBe(Object.values(metrics).reduce((sum, bytes) => sum + bytes, 0n));
    expect(otherMemoryBytes(metrics)).toBe(memoryBytes(metrics) - 5n * 65_536n);
  });

  it('of an empty canister is what it keeps without code [cycles.memory]', () => {
    const empty = { ...measuredCanister(), code: null, chunks: new Map(), logs: [] };
    expect(memoryBytes(memoryMetrics(empty, null))).toBe(2n * 65_536n);
  });
});

describe('paying for time', () => {
  const account = { cycles: 1_000n, reservedCycles: 100n, chargedAtNs: 0n };
  const burn = { memory: perDay(10n), computeAllocation: perDay(5n) };

  it('takes from the reserved balance first [cycles.reserved-first]', () => {
    const charged = chargeForTime(account, burn, 4n * second);
    expect(charged).toMatchObject({ ok: true, value: { cycles: 1_000n, reservedCycles: 40n } });
    const more = chargeForTime(account, burn, 20n * second);
    expect(more).toMatchObject({ ok: true, value: { cycles: 800n, reservedCycles: 0n } });
  });

  it('charges down to the last cycle, and not beyond [cycles.out-of-cycles]', () => {
    const exact = { ...account, cycles: 50n };
    expect(chargeForTime(exact, burn, 10n * second)).toMatchObject({
      ok: true,
      value: { cycles: 0n, reservedCycles: 0n },
    });
    expect(chargeForTime(exact, burn, 11n * second)).toEqual({ ok: false, error: 'outOfCycles' });
  });

  it('charges whole seconds and keeps the rest for the next time [cycles.storage]', () => {
    const charged = chargeForTime(account, burn, 2n * second + 999_999_999n);
    expect(charged).toMatchObject({ ok: true, value: { chargedAtNs: 2n * second, paid: { memory: 20n } } });
    expect(chargeForTime(account, burn, -5n)).toMatchObject({ ok: true, value: { cycles: 1_000n, chargedAtNs: 0n } });
  });

  it('conserves cycles: what the balances lose is what was paid [cycles.conservation]', () => {
    const amount = fc.bigInt(0n, 1n << 60n);
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        amount,
        fc.bigInt(0n, 1n << 62n),
        (cycles, reservedCycles, memory, compute, nowNs) => {
          const before = { cycles, reservedCycles, chargedAtNs: 0n };
          const charged = chargeForTime(before, { memory, computeAllocation: compute }, nowNs);
          if (!charged.ok) return true;
          const { value } = charged;
          const lost = cycles + reservedCycles - value.cycles - value.reservedCycles;
          return lost === value.paid.memory + value.paid.computeAllocation && value.cycles >= 0n;
        },
      ),
    );
  });
});
