import { textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Trap } from '../execution/execution.ts';
import { createExecutionDouble } from './execution-double.ts';

const lines = (double: ReturnType<typeof createExecutionDouble>) =>
  double.effects.logs.map((line) => Buffer.from(line).toString());

describe('debug_print', () => {
  it('appends a line to the log [api.debug-print]', () => {
    const double = createExecutionDouble();
    double.heap.set(textToBytes('hello'), 0);
    double.call('debug_print', 0, 5);
    expect(lines(double)).toEqual(['hello']);
    // Two instructions for keeping a byte, fifty for each that still fits.
    expect(double.charged.total).toBe(5 * 52);
  });

  it('never traps for its arguments, whatever they are [api.debug-print]', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.constantFrom(32 as const, 64 as const), (src, size, width) => {
        const double = createExecutionDouble({ width });
        const args = width === 32 ? [src, size] : [BigInt(src), BigInt(size)];
        expect(double.call('debug_print', ...args)).toBeUndefined();
        expect(double.effects.logs.length).toBe(1);
      }),
    );
    const double = createExecutionDouble();
    double.call('debug_print', 0, 65_537);
    expect(lines(double)).toEqual(['(debug_print message out of memory bounds)']);
  });

  it('keeps the newest lines that fit and counts those that fell out [api.log-size]', () => {
    const double = createExecutionDouble({ settings: { logMemoryLimit: 200n } });
    for (let i = 0; i < 10; i++) {
      double.heap.fill(48 + i, 0, 50);
      double.call('debug_print', 0, 50);
    }
    expect(lines(double)).toEqual(['8'.repeat(50), '9'.repeat(50)]);
    expect(double.effects.logsDropped).toBe(8);
    expect(double.effects.logBytes).toBeLessThanOrEqual(200);
  });

  it('cuts a line longer than the log, and costs no more for it [api.log-size]', () => {
    const double = createExecutionDouble({ heapPages: 100 });
    double.call('debug_print', 0, 6_000_000);
    expect(double.effects.logs[0]!.length).toBe(4_096 - 24);
    expect(double.charged.total).toBe(4_096 * 52);
  });

  it('works with a log of no size at all [api.log-size]', () => {
    const double = createExecutionDouble({ settings: { logMemoryLimit: 0n } });
    double.call('debug_print', 0, 10);
    expect(double.effects.logs).toEqual([]);
    expect(double.effects.logsDropped).toBe(1);
  });
});

describe('trap', () => {
  const trapOf = (double: ReturnType<typeof createExecutionDouble>, src: number, size: number): Trap => {
    try {
      double.call('trap', src, size);
    } catch (error) {
      if (error instanceof Trap) return error;
    }
    throw new Error('trap did not trap');
  };

  it('carries the text of the canister [api.trap]', () => {
    const double = createExecutionDouble();
    double.heap.set(textToBytes('it broke'), 0);
    expect(trapOf(double, 0, 8)).toMatchObject({ kind: 'calledTrap', message: 'it broke' });
  });

  it('carries what can be read of a text that is not UTF-8, cut to 32 KiB [api.trap]', () => {
    const double = createExecutionDouble();
    double.heap.set([65, 0xff, 66], 0);
    expect(trapOf(double, 0, 3).message).toBe('A\ufffdB');
    expect(trapOf(double, 0, 65_536).message.length).toBe(32_768);
  });

  it('traps also when its text is out of bounds [api.trap]', () => {
    expect(trapOf(createExecutionDouble(), -1, 10).message).toBe('(trap message out of memory bounds)');
  });
});
