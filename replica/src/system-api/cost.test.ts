import { textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { encodeCandid, nat32, nat64, nullType, opt, record, text, variant } from '../codec/candid.ts';
import { outcallFeeByUse } from '../cycles/outcall-fees.ts';
import { createExecutionDouble, type DoubleOptions } from './execution-double.ts';

type Double = ReturnType<typeof createExecutionDouble>;
const free: DoubleOptions = {
  environment: { subnet: { ...createExecutionDouble().execution.environment.subnet, costSchedule: 'free' } },
};

function read128(double: Double, at: number): bigint {
  const view = new DataView(double.heap.buffer, at, 16);
  return view.getBigUint64(0, true) | (view.getBigUint64(8, true) << 64n);
}

function costOf(options: DoubleOptions, name: string, ...args: (number | bigint)[]): bigint {
  const double = createExecutionDouble(options);
  double.heap.fill(0xee, 0, 16);
  double.call(name, ...args, options.width === 64 ? 0n : 0);
  return read128(double, 0);
}

describe('costs', () => {
  it('of a call are those of the largest answer [api.cost-call]', () => {
    const expected = 260_000n + 105_000n + 2_097_152_000n + 40_005_000_000n;
    expect(costOf({}, 'cost_call', 5n, 100n)).toBe(expected);
    expect(costOf({ width: 64 }, 'cost_call', 5n, 100n)).toBe(expected + 40_000_000_000n);
    expect(costOf(free, 'cost_call', 5n, 100n)).toBe(0n);
  });

  it('of creating a canister are those of this subnet [api.cost-create]', () => {
    expect(costOf({}, 'cost_create_canister')).toBe(500_000_000_000n);
    expect(costOf(free, 'cost_create_canister')).toBe(0n);
  });

  it('of an outcall follow the formula of version 1 [api.cost-http]', () => {
    expect(costOf({}, 'cost_http_request', 100n, 1_000n)).toBe(49_140_000n + 520_000n + 10_400_000n);
    expect(costOf(free, 'cost_http_request', 100n, 1_000n)).toBe(0n);
  });

  it('do not overflow for sizes that nothing has [api.cost-call]', () => {
    expect(costOf({}, 'cost_call', -1n, -1n)).toBeGreaterThan(1n << 64n);
  });
});

describe('costs of signatures', () => {
  const calls = [
    ['cost_sign_with_ecdsa', [0], [1, -1]],
    ['cost_sign_with_schnorr', [0, 1], [2, -1]],
    ['cost_vetkd_derive_key', [0], [1]],
  ] as const;

  function sign(name: string, key: string, scheme: number, options: DoubleOptions = {}): [unknown, bigint] {
    const double = createExecutionDouble(options);
    double.heap.set(textToBytes(key), 100);
    const code = double.call(name, 100, key.length, scheme, 0);
    return [code, read128(double, 0)];
  }

  for (const [name, known, unknown] of calls) {
    it(`by ic0.${name} are those of the subnet that holds the key [api.cost-sign]`, () => {
      for (const scheme of known) {
        expect(sign(name, 'key_1', scheme)).toEqual([0, 26_153_846_153n]);
        expect(sign(name, 'test_key_1', scheme)).toEqual([0, 10_000_000_000n]);
        expect(sign(name, 'key_1', scheme, free)).toEqual([0, 0n]);
      }
    });

    it(`by ic0.${name} have a code for a bad scheme and one for a bad key, and then write nothing [api.cost-sign]`, () => {
      for (const scheme of unknown) expect(sign(name, 'key_1', scheme)).toEqual([1, 0n]);
      expect(sign(name, 'key_2', known[0])).toEqual([2, 0n]);
      expect(sign(name, 'key_2', unknown[0])).toEqual([1, 0n]);
    });

    it(`by ic0.${name} trap out of bounds [api.cost-sign]`, () => {
      const double = createExecutionDouble();
      expect(() => double.call(name, 65_530, 10, 0, 0)).toThrow('exceeds the slice size');
      double.heap.set(textToBytes('key_1'), 0);
      expect(() => double.call(name, 0, 5, 0, 65_530)).toThrow('dst + size is out of bounds');
    });
  }
});

describe('costs of outcalls by what they use', () => {
  const fields = {
    request_bytes: nat64,
    http_roundtrip_time_ms: nat64,
    raw_response_bytes: nat64,
    transformed_response_bytes: nat64,
    transform_instructions: nat64,
  };
  const values = {
    request_bytes: 100n,
    http_roundtrip_time_ms: 2_000n,
    raw_response_bytes: 1_000n,
    transformed_response_bytes: 2_000n,
    transform_instructions: 26n,
  };
  const counts = record({ min_responses: nat32, max_responses: nat32, total_requests: nat32 });
  const outcall = variant({ fully_replicated: nullType, non_replicated: nullType, flexible: opt(counts) });
  const use = {
    requestBytes: 100n,
    roundtripMs: 2_000n,
    rawResponseBytes: 1_000n,
    transformedResponseBytes: 2_000n,
    transformInstructions: 26n,
  };
  const subnet = { nodeCount: 13, costSchedule: 'normal' } as const;

  function cost(bytes: Uint8Array, options: DoubleOptions = {}): bigint {
    const double = createExecutionDouble(options);
    double.heap.set(bytes, 1_000);
    double.call('cost_http_request_v2', 1_000, bytes.length, 0);
    return read128(double, 0);
  }

  it('are read from Candid; without a type the outcall is fully replicated [api.cost-http-v2]', () => {
    const plain = encodeCandid([record(fields)], [values]);
    expect(cost(plain)).toBe(outcallFeeByUse(subnet, use, { kind: 'fullyReplicated' }));
    expect(cost(plain, free)).toBe(0n);
  });

  it('know every type of outcall [api.cost-http-v2]', () => {
    const type = [record({ ...fields, outcall_type: opt(outcall) })] as const;
    const of = (outcallType: Parameters<typeof encodeCandid<typeof type>>[1][0]['outcall_type']) =>
      cost(encodeCandid(type, [{ ...values, outcall_type: outcallType }]));
    expect(of(null)).toBe(outcallFeeByUse(subnet, use, { kind: 'fullyReplicated' }));
    expect(of({ tag: 'fully_replicated', value: null })).toBe(of(null));
    expect(of({ tag: 'non_replicated', value: null })).toBe(outcallFeeByUse(subnet, use, { kind: 'nonReplicated' }));
    expect(of({ tag: 'flexible', value: null })).toBe(outcallFeeByUse(subnet, use, { kind: 'flexible', counts: null }));
    const value = { min_responses: 2, max_responses: 3, total_requests: 3 };
    const three = { minResponses: 2n, maxResponses: 3n, totalRequests: 3n };
    expect(of({ tag: 'flexible', value })).toBe(outcallFeeByUse(subnet, use, { kind: 'flexible', counts: three }));
  });

  it('trap on anything else [api.cost-http-v2]', () => {
    const failed = /Failed to decode HttpRequestV2CostParams from Candid/;
    expect(() => cost(new Uint8Array(0))).toThrow(failed);
    expect(() => cost(encodeCandid([text], ['no record']))).toThrow(failed);
    expect(() => cost(new Uint8Array(5_000))).toThrow('exceed the limit');
    expect(() => createExecutionDouble().call('cost_http_request_v2', 65_530, 10, 0)).toThrow('exceeds the slice size');
  });
});
