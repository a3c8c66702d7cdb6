import { describe, expect, it } from 'vitest';
import type { EntryPoint } from '../execution/execution.ts';
import { createExecutionDouble } from './execution-double.ts';
import { growHeap } from './memory-growth.ts';

describe('growing the heap', () => {
  it('respects the limit of the developer where it cannot lock the canister in [api.wasm-memory-limit]', () => {
    const settings = { wasmMemoryLimit: 131_072n };
    const grow = (entryPoint: EntryPoint, pages: number) => () =>
      growHeap(createExecutionDouble({ entryPoint, settings }).execution, 1, pages);
    for (const entryPoint of ['U', 'I', 's'] as const) {
      expect(grow(entryPoint, 1)).not.toThrow();
      expect(grow(entryPoint, 2)).toThrow(
        'Canister exceeded its current Wasm memory limit of 131072 bytes. The peak Wasm memory usage was 196608 bytes.',
      );
    }
    for (const entryPoint of ['Ry', 'Rt', 'C', 'T', 'G', 'NRQ', 'CQ', 'F'] as const)
      expect(grow(entryPoint, 2)).not.toThrow();
  });

  it('traps when it would freeze the canister [api.memory-grow]', () => {
    const double = createExecutionDouble({ effects: { cycles: 1n } });
    expect(() => growHeap(double.execution, 1, 1)).toThrow('due to insufficient cycles');
    expect(() => growHeap(double.execution, 1, 0)).not.toThrow();
  });

  it('traps when the subnet has no memory left [api.memory-grow]', () => {
    const double = createExecutionDouble({ environment: { otherCanistersBytes: () => 2n << 40n } });
    expect(() => growHeap(double.execution, 1, 1)).toThrow('Canister cannot grow its memory usage.');
  });
});
