import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storageReservation, subnetMemoryBytesMax } from './reservation.ts';

const subnet = { nodeCount: 13, costSchedule: 'normal' } as const;
const gib = 1n << 30n;

describe('storage reservation', () => {
  it('is nothing while the subnet stays below 750 GiB [cycles.reservation]', () => {
    expect(storageReservation(subnet, 0n, 750n * gib)).toBe(0n);
    expect(storageReservation(subnet, 750n * gib, gib)).toBeGreaterThan(0n);
  });

  it('approaches ten years of payments per byte when the subnet is full [cycles.reservation]', () => {
    const lastGib = storageReservation(subnet, subnetMemoryBytesMax - gib, gib);
    const tenYears = 127_000n * 300_000_000n;
    expect(lastGib).toBeLessThanOrEqual(tenYears);
    expect(lastGib).toBeGreaterThan((tenYears * 998n) / 1_000n);
  });

  it('of the whole way up is half of what full price would be [cycles.reservation]', () => {
    const all = storageReservation(subnet, 750n * gib, subnetMemoryBytesMax - 750n * gib);
    expect(all).toBe(1_298n * 127_000n * 150_000_000n);
  });

  it('does not depend on the steps in which memory grows [cycles.reservation]', () => {
    const bytes = fc.bigInt(0n, 700n * gib);
    fc.assert(
      fc.property(bytes, bytes, bytes, (used, first, second) => {
        const steps = storageReservation(subnet, used, first) + storageReservation(subnet, used + first, second);
        return steps === storageReservation(subnet, used, first + second);
      }),
    );
  });

  it('is nothing on the free schedule [cycles.free-schedule]', () => {
    expect(storageReservation({ nodeCount: 13, costSchedule: 'free' }, 1_000n * gib, gib)).toBe(0n);
  });
});
