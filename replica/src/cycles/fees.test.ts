import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canisterCreationFee,
  computeAllocationFee,
  executionFee,
  ingressFee,
  instructionsFee,
  type PricedSubnet,
  requestFee,
  scaleCycles,
  signatureFee,
  storageFee,
  transmissionFee,
} from './fees.ts';

const thirteen: PricedSubnet = { nodeCount: 13, costSchedule: 'normal' };
const thirtyFour: PricedSubnet = { nodeCount: 34, costSchedule: 'normal' };
const free: PricedSubnet = { nodeCount: 13, costSchedule: 'free' };
const gib = 1n << 30n;

/** The published table: operation, 13 nodes, 34 nodes. */
const published: readonly [string, (subnet: PricedSubnet) => bigint, bigint, bigint][] = [
  ['creating a canister', canisterCreationFee, 500_000_000_000n, 1_307_692_307_692n],
  ['1 % of compute for a second', (s) => computeAllocationFee(s, 1n, 1n), 10_000_000n, 26_153_846n],
  ['executing an update', (s) => executionFee(s, 32, 0n), 5_000_000n, 13_076_923n],
  ['1 B instructions', (s) => instructionsFee(s, 32, 1_000_000_000n), 1_000_000_000n, 2_615_384_615n],
  ['a call', (s) => requestFee(s, 0n), 260_000n, 680_000n],
  ['a byte of a call', (s) => transmissionFee(s, 1n), 1_000n, 2_615n],
  ['an ingress message', (s) => ingressFee(s, 0n), 1_200_000n, 3_138_461n],
  ['a byte of ingress', (s) => ingressFee(s, 1n) - ingressFee(s, 0n), 2_000n, 5_230n],
  ['a GiB for a second', (s) => storageFee(s, gib, 1n), 127_000n, 332_153n],
  ['a threshold signature', signatureFee, 10_000_000_000n, 26_153_846_153n],
];

describe('fees', () => {
  for (const [operation, fee, small, large] of published) {
    it(`for ${operation} are those of the published table [cycles.fees]`, () => {
      expect(fee(thirteen)).toBe(small);
      expect(fee(thirtyFour)).toBe(large);
    });
    it(`for ${operation} are nothing on the free schedule [cycles.free-schedule]`, () => {
      expect(fee(free)).toBe(0n);
    });
  }

  it('for a GiB and 30 days come to the published monthly figures [cycles.fees]', () => {
    expect(storageFee(thirteen, gib, 2_592_000n)).toBe(329_184_000_000n);
    expect(storageFee(thirtyFour, gib, 2_592_000n) / 1_000_000_000n).toBe(860n);
  });

  it('double per instruction where memory is 64 bits wide, but not the fee to start [cycles.wasm64]', () => {
    expect(executionFee(thirteen, 64, 1_000n)).toBe(5_002_000n);
    expect(instructionsFee(thirteen, 64, 1_000n)).toBe(2_000n);
  });

  it('round down once on the total, except for ingress bytes, which round each [cycles.rounding]', () => {
    expect(transmissionFee(thirtyFour, 13n)).toBe(34_000n);
    expect(ingressFee(thirtyFour, 13n)).toBe(3_138_461n + 13n * 5_230n);
  });

  it('scale with the node count and never lose more than a cycle by it [cycles.rounding]', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 1n << 90n), fc.integer({ min: 1, max: 100 }), (cycles, nodeCount) => {
        const scaled = scaleCycles({ nodeCount, costSchedule: 'normal' }, cycles);
        const exact = cycles * BigInt(nodeCount) - scaled * 13n;
        return exact >= 0n && exact < 13n;
      }),
    );
  });
});
