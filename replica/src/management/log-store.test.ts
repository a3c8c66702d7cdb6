import { textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setUpCanister } from './driver-double.ts';
import { appendLogs, recordBytes } from './log-store.ts';
import { createWorldDouble } from './world-double.ts';

describe('the log of a canister', () => {
  it('numbers its records and drops the oldest when it is full [management.logs.limit]', () => {
    const canister = setUpCanister(createWorldDouble());
    appendLogs(canister, [textToBytes('a'), textToBytes('b')], 7n);
    expect(canister.logs).toEqual([
      { index: 0n, timestampNs: 7n, content: textToBytes('a') },
      { index: 1n, timestampNs: 7n, content: textToBytes('b') },
    ]);
    appendLogs(canister, [new Uint8Array(4_096 - 24 - 25)], 8n);
    expect(canister.logs.map((record) => record.index)).toEqual([1n, 2n]);
    expect(canister.nextLogIndex).toBe(3n);
  });

  it('cuts a text longer than itself [management.logs.limit]', () => {
    const canister = setUpCanister(createWorldDouble());
    appendLogs(canister, [new Uint8Array(1_000_000)], 7n);
    expect(canister.logs.map((record) => record.content.length)).toEqual([4_072]);
  });

  it('keeps nothing when the limit is 0, but goes on counting [management.logs.limit]', () => {
    const canister = setUpCanister(createWorldDouble(), { settings: { log_memory_limit: 0n } });
    appendLogs(canister, [textToBytes('a'), textToBytes('')], 7n);
    expect(canister.logs).toEqual([]);
    expect(canister.nextLogIndex).toBe(2n);
  });

  it('never holds more than its limit, always the newest records [management.logs.limit]', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(3_000), { maxLength: 5 }), { maxLength: 30 }), (executions) => {
        const canister = setUpCanister(createWorldDouble());
        for (const sizes of executions)
          appendLogs(
            canister,
            sizes.map((size) => new Uint8Array(size)),
            0n,
          );
        const { logs } = canister;
        const used = logs.reduce((sum, record) => sum + recordBytes(record), 0);
        expect(used).toBeLessThanOrEqual(4_096);
        const first = executions.flat().length - logs.length;
        expect(logs.map((record) => record.index)).toEqual(logs.map((_, i) => BigInt(first + i)));
        // The one dropped last would not have fitted.
        if (first > 0) expect(used + 24 + executions.flat()[first - 1]!).toBeGreaterThan(4_096);
      }),
    );
  });
});
