import { textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExecutionDouble } from './execution-double.ts';

function replyWith(double: ReturnType<typeof createExecutionDouble>, text: string): void {
  double.heap.set(textToBytes(text), 100);
  double.call('msg_reply_data_append', 100, text.length);
}

describe('a reply', () => {
  it('is what was appended, in order [api.reply]', () => {
    const double = createExecutionDouble();
    replyWith(double, 'one ');
    replyWith(double, 'two');
    expect(double.effects.response).toBeNull();
    double.call('msg_reply');
    expect(double.effects.response).toEqual({ kind: 'reply', data: textToBytes('one two') });
  });

  it('may be empty, or made of any parts [api.reply]', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (parts) => {
        const double = createExecutionDouble();
        for (const part of parts) {
          double.heap.set(part, 0);
          double.call('msg_reply_data_append', 0, part.length);
        }
        double.call('msg_reply');
        expect(double.effects.response).toEqual({ kind: 'reply', data: Uint8Array.from(parts.flatMap((p) => [...p])) });
        expect(double.charged.total).toBe(parts.reduce((sum, part) => sum + 50 * part.length, 0));
      }),
    );
  });

  it('is given once: nothing may be appended, replied or rejected after it [api.reply-once]', () => {
    const double = createExecutionDouble();
    double.call('msg_reply');
    expect(() => double.call('msg_reply')).toThrow('ic0.msg_reply: the call is already replied');
    expect(() => double.call('msg_reply_data_append', 0, 1)).toThrow('the call is already replied');
    expect(() => double.call('msg_reject', 0, 1)).toThrow('ic0.msg_reject: the call is already replied');
  });

  it('is refused in a callback of a call that was answered before [api.reply-once]', () => {
    const double = createExecutionDouble({ entryPoint: 'Ry', effects: { alreadyAnswered: true } });
    expect(() => double.call('msg_reply')).toThrow('already replied');
    expect(() => double.call('msg_reply_data_append', 0, 0)).toThrow('already replied');
  });

  it('has at most 2 MiB in replicated mode and 3 MiB in a query [api.reply-size]', () => {
    for (const [entryPoint, limit] of [
      ['U', 2_097_152],
      ['RQ', 2_097_152],
      ['NRQ', 3_145_728],
      ['CRy', 3_145_728],
    ] as const) {
      const double = createExecutionDouble({ entryPoint, heapPages: 50 });
      double.call('msg_reply_data_append', 0, limit);
      expect(double.effects.replyBytes).toBe(limit);
      expect(() => double.call('msg_reply_data_append', 0, 1)).toThrow(
        `ic0.msg_reply_data_append: application payload size (${limit + 1}) cannot be larger than ${limit}`,
      );
    }
  });

  it('is not read from outside the heap [api.reply]', () => {
    expect(() => createExecutionDouble().call('msg_reply_data_append', 65_536, 1)).toThrow('exceeds the slice size');
    expect(() => createExecutionDouble().call('msg_reply_data_append', 0, -1)).toThrow(
      'application payload size (4294967295)',
    );
  });
});

describe('a reject', () => {
  it('carries its text and drops what was appended [api.reject]', () => {
    const double = createExecutionDouble();
    replyWith(double, 'never mind');
    double.call('msg_reject', 100, 5);
    expect(double.effects.response).toEqual({ kind: 'reject', message: 'never' });
    expect(double.effects.replyParts).toEqual([]);
  });

  it('must be UTF-8 [api.reject]', () => {
    const double = createExecutionDouble();
    double.heap[0] = 0xff;
    expect(() => double.call('msg_reject', 0, 1)).toThrow('ic0.msg_reject: invalid UTF-8 string provided');
    expect(double.effects.response).toBeNull();
  });

  it('is as limited as a reply [api.reply-size]', () => {
    expect(() => createExecutionDouble({ heapPages: 50 }).call('msg_reject', 0, 2_097_153)).toThrow(
      'ic0.msg_reject: application payload size (2097153) cannot be larger than 2097152',
    );
  });
});
