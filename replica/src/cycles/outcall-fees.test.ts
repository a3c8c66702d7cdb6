import { describe, expect, it } from 'vitest';
import type { PricedSubnet } from './fees.ts';
import { type OutcallKind, type OutcallUse, outcallFee, outcallFeeByUse } from './outcall-fees.ts';

const thirteen: PricedSubnet = { nodeCount: 13, costSchedule: 'normal' };
const thirtyFour: PricedSubnet = { nodeCount: 34, costSchedule: 'normal' };
const free: PricedSubnet = { nodeCount: 13, costSchedule: 'free' };

/** A 100-byte request answered with 1,000 bytes in two seconds, turned into 2,000 bytes by 26 instructions. */
const use: OutcallUse = {
  requestBytes: 100n,
  roundtripMs: 2_000n,
  rawResponseBytes: 1_000n,
  transformedResponseBytes: 2_000n,
  transformInstructions: 26n,
};
const nothing: OutcallUse = {
  requestBytes: 0n,
  roundtripMs: 0n,
  rawResponseBytes: 0n,
  transformedResponseBytes: 0n,
  transformInstructions: 0n,
};
const replicated: OutcallKind = { kind: 'fullyReplicated' };
const single: OutcallKind = { kind: 'nonReplicated' };
const flexible = (totalRequests: bigint, minResponses: bigint, maxResponses: bigint): OutcallKind => ({
  kind: 'flexible',
  counts: { totalRequests, minResponses, maxResponses },
});

describe('outcall fees, version 1', () => {
  it('are those of the published table [cycles.outcall]', () => {
    expect(outcallFee(thirteen, 0n, 0n)).toBe(49_140_000n);
    expect(outcallFee(thirtyFour, 0n, 0n)).toBe(171_360_000n);
    expect(outcallFee(thirteen, 1n, 0n) - 49_140_000n).toBe(5_200n);
    expect(outcallFee(thirtyFour, 1n, 0n) - 171_360_000n).toBe(13_600n);
    expect(outcallFee(thirteen, 0n, 1n) - 49_140_000n).toBe(10_400n);
    expect(outcallFee(thirtyFour, 0n, 1n) - 171_360_000n).toBe(27_200n);
  });

  it('reserve two million response bytes when nothing smaller is asked for: 20.85 billion [cycles.outcall]', () => {
    expect(outcallFee(thirteen, 0n)).toBe(20_849_140_000n);
    expect(outcallFee(free, 0n)).toBe(0n);
  });
});

describe('outcall fees, version 2', () => {
  const usage = 50n * 1_000n + 300n * 2_000n + 2n;
  const gossip = 50n * 2_000n * 13n;

  it('have the published base and byte prices [cycles.outcall-v2]', () => {
    // A reject of 1,025 bytes may always be delivered; a quorum of 9 of 13, or 23 of 34, pays for it.
    expect(outcallFeeByUse(thirteen, nothing, replicated) - 14_050_478n).toBe(38_417_600n);
    const reject34 = ((31_960n * 1_025n + 22n) / 23n) * 34n;
    expect(outcallFeeByUse(thirtyFour, nothing, replicated) - reject34).toBe(227_283_200n);
    const oneByte = { ...nothing, requestBytes: 1n };
    const difference = (s: PricedSubnet) =>
      outcallFeeByUse(s, oneByte, replicated) - outcallFeeByUse(s, nothing, replicated);
    expect(difference(thirteen)).toBe(650n);
    expect(difference(thirtyFour)).toBe(1_700n);
  });

  it('of a replicated outcall add up as worked out in the reference implementation [cycles.outcall-v2]', () => {
    expect(outcallFeeByUse(thirteen, use, replicated)).toBe(38_482_600n + 13n * usage + 27_415_557n);
  });

  it('of a single node charge for telling the others [cycles.outcall-v2]', () => {
    expect(outcallFeeByUse(thirteen, use, single)).toBe(29_913_000n + usage + gossip + 18_980_000n);
  });

  it('of a flexible outcall price a response from every node asked [cycles.outcall-v2]', () => {
    const expected = 31_551_000n + 3n * (usage + gossip) + 62_093_070n + 1_638_000n;
    expect(outcallFeeByUse(thirteen, use, flexible(3n, 2n, 3n))).toBe(expected);
    expect(outcallFeeByUse(thirteen, use, flexible(3n, 2n, 2n))).toBe(expected);
  });

  it('of a flexible outcall without counts use two thirds, all and all [cycles.outcall-v2]', () => {
    const withDefaults = outcallFeeByUse(thirteen, use, { kind: 'flexible', counts: null });
    expect(withDefaults).toBe(outcallFeeByUse(thirteen, use, flexible(13n, 9n, 13n)));
  });

  it('deliver nothing where no response is wanted, and are nothing on the free schedule [cycles.outcall-v2]', () => {
    expect(outcallFeeByUse(thirteen, use, flexible(3n, 0n, 0n))).toBe(28_275_000n + 3n * (usage + gossip));
    expect(outcallFeeByUse(free, use, replicated)).toBe(0n);
  });
});
