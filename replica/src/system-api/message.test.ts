// What the message brought: argument, caller, answer, method name.
import { textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { managementCanister, principalToBytes } from '../codec/principal.ts';
import { createReject } from '../errors.ts';
import { createExecutionDouble, selfId, subnetId, userId } from './execution-double.ts';

const reject = { kind: 'reject', reject: createReject('canisterTrapped', 'IC0502: grün') } as const;

/** Every blob of the API: how it is named, what it holds in the double below, and where it can be read. */
const blobs: readonly [string, Uint8Array, Parameters<typeof createExecutionDouble>[0]][] = [
  ['msg_arg_data', Uint8Array.of(1, 2, 3, 4, 5), {}],
  ['msg_caller', principalToBytes(userId), {}],
  [
    'msg_caller_info_data',
    Uint8Array.of(9, 9),
    { input: { senderInfo: { data: Uint8Array.of(9, 9), signer: selfId } } },
  ],
  [
    'msg_caller_info_signer',
    principalToBytes(selfId),
    { input: { senderInfo: { data: Uint8Array.of(9), signer: selfId } } },
  ],
  ['msg_reject_msg', textToBytes('IC0502: grün'), { entryPoint: 'Rt', input: { answer: reject } }],
  ['msg_method_name', textToBytes('größe'), { entryPoint: 'F', input: { methodName: 'größe' } }],
  ['canister_self', principalToBytes(selfId), {}],
  ['subnet_self', principalToBytes(subnetId), {}],
  ['root_key', new Uint8Array(133).fill(7), {}],
  [
    'data_certificate',
    new Uint8Array(70).fill(3),
    { entryPoint: 'NRQ', input: { dataCertificate: () => new Uint8Array(70).fill(3) } },
  ],
];

describe('blobs', () => {
  for (const [name, bytes, options] of blobs) {
    it(`of ${name} are copied whole or in part, at one instruction per byte [api.blobs]`, () => {
      const double = createExecutionDouble(options);
      expect(double.call(`${name}_size`)).toBe(bytes.length);
      expect(double.charged.total).toBe(0);
      double.call(`${name}_copy`, 10, 0, bytes.length);
      expect(double.heap.subarray(10, 10 + bytes.length)).toEqual(bytes);
      expect(double.charged.total).toBe(bytes.length);
      double.call(`${name}_copy`, 500, 1, 1);
      expect(double.heap[500]).toBe(bytes[1]);
    });

    it(`of ${name} are never read or written out of bounds [api.blobs]`, () => {
      const size = fc.integer({ min: 0, max: 200 });
      const far = fc.oneof(
        size,
        fc.integer({ min: 65_400, max: 65_700 }),
        fc.constant(-1),
        fc.constant(-2_147_483_648),
      );
      fc.assert(
        fc.property(far, fc.oneof(size, fc.constant(-1)), fc.oneof(size, fc.constant(-1)), (dst, offset, length) => {
          const double = createExecutionDouble(options);
          const inBounds =
            (offset >>> 0) + (length >>> 0) <= bytes.length && (dst >>> 0) + (length >>> 0) <= double.heap.length;
          const copy = () => double.call(`${name}_copy`, dst, offset, length);
          if (inBounds) expect(copy()).toBeUndefined();
          else expect(copy).toThrow(/exceeds the slice size/);
        }),
      );
    });

    it(`of ${name} have the same bytes in 64-bit memory, with sizes as i64 [api.blobs]`, () => {
      const double = createExecutionDouble({ ...options, width: 64 });
      expect(double.call(`${name}_size`)).toBe(BigInt(bytes.length));
      double.call(`${name}_copy`, 8n, 0n, BigInt(bytes.length));
      expect(double.heap.subarray(8, 8 + bytes.length)).toEqual(bytes);
      expect(() => double.call(`${name}_copy`, -1n, 0n, 1n)).toThrow(/exceeds the slice size/);
    });
  }

  it('say in the words of the main network which side was exceeded [api.blobs]', () => {
    const double = createExecutionDouble();
    expect(() => double.call('msg_arg_data_copy', 0, 3, 3)).toThrow(
      'ic0.msg_arg_data_copy payload: src=3 + length=3 exceeds the slice size=5',
    );
    expect(() => double.call('msg_arg_data_copy', 65_535, 0, 2)).toThrow(
      'ic0.msg_arg_data_copy heap: src=65535 + length=2 exceeds the slice size=65536',
    );
  });

  it('are charged for before anything is copied [api.blobs]', () => {
    const double = createExecutionDouble();
    double.charged.fuel = 4;
    expect(() => double.call('msg_arg_data_copy', 0, 0, 5)).toThrow('out of instructions');
    expect(double.heap[0]).toBe(0);
  });
});

describe('the caller', () => {
  it('of a system task is the management canister [api.caller]', () => {
    const double = createExecutionDouble({ entryPoint: 'T', input: { caller: managementCanister } });
    expect(double.call('msg_caller_size')).toBe(0);
  });

  it('without attributes shows empty ones [api.caller-info]', () => {
    const double = createExecutionDouble();
    expect(double.call('msg_caller_info_data_size')).toBe(0);
    expect(double.call('msg_caller_info_signer_size')).toBe(0);
    expect(double.call('msg_caller_info_data_copy', 0, 0, 0)).toBeUndefined();
  });
});

describe('the answer', () => {
  it('has a reject code in a reject callback and its cleanup, and 0 after a reply [api.reject-code]', () => {
    for (const entryPoint of ['Rt', 'CRt', 'C'] as const) {
      expect(createExecutionDouble({ entryPoint, input: { answer: reject } }).call('msg_reject_code')).toBe(5);
    }
    const answer = { kind: 'reply', data: new Uint8Array(0) } as const;
    for (const entryPoint of ['Ry', 'CRy', 'C'] as const) {
      expect(createExecutionDouble({ entryPoint, input: { answer } }).call('msg_reject_code')).toBe(0);
    }
  });

  it('has a deadline only where the caller set one [api.deadline]', () => {
    expect(createExecutionDouble().call('msg_deadline')).toBe(0n);
    expect(createExecutionDouble({ input: { deadlineNs: 77n } }).call('msg_deadline')).toBe(77n);
  });
});

describe('inspecting a message', () => {
  it('accepts it once; a second time is a violation [api.accept-message]', () => {
    const double = createExecutionDouble({ entryPoint: 'F' });
    expect(double.effects.accepted).toBe(false);
    double.call('accept_message');
    expect(double.effects.accepted).toBe(true);
    expect(() => double.call('accept_message')).toThrow('ic0.accept_message: the function was already called');
  });
});
