import { textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { principalToBytes, principalToText } from '../codec/principal.ts';
import { Trap } from '../execution/execution.ts';
import { dropPendingCall } from './call.ts';
import { calleeId, createExecutionDouble, type DoubleOptions, selfId } from './execution-double.ts';

type Double = ReturnType<typeof createExecutionDouble>;

const calleeAt = 1_000;
const nameAt = 2_000;
const startCycles = 100_000_000_000_000n;
/** 64 KiB of heap for 30 days. */
const freezing = ((65_536n * 127_000n * 86_400n) / (1n << 30n)) * 30n;
const setAside = 5_000_000n + 40_000_000_000n + 2_097_152_000n;

function create(options: DoubleOptions = {}): Double {
  const double = createExecutionDouble(options);
  double.heap.set(principalToBytes(calleeId), calleeAt);
  double.heap.set(textToBytes('greet'), nameAt);
  return double;
}

function begin(double: Double): Double {
  double.call('call_new', calleeAt, 10, nameAt, 5, 3, -1, 4, 55);
  return double;
}

describe('a call', () => {
  it('is lined up as it was put together [api.call]', () => {
    const double = begin(create());
    double.heap.set([1, 2, 3, 4], 0);
    double.call('call_data_append', 0, 2);
    double.call('call_data_append', 2, 2);
    double.call('call_on_cleanup', 6, 77);
    double.call('call_cycles_add128', 0n, 500n);
    double.call('call_cycles_add', 11n);
    expect(double.call('call_perform')).toBe(0);
    expect(double.effects.calls).toEqual([
      {
        callee: calleeId,
        method: 'greet',
        arg: Uint8Array.of(1, 2, 3, 4),
        cycles: 511n,
        // An environment goes back to the canister as it came, whatever its sign.
        onReply: { tableIndex: 3, environment: -1 },
        onReject: { tableIndex: 4, environment: 55 },
        onCleanup: { tableIndex: 6, environment: 77 },
        prepaidExecution: 40_005_000_000n,
        prepaidTransmission: 2_097_152_000n,
        timeoutSeconds: null,
      },
    ]);
  });

  it('keeps 64-bit environments bit for bit [api.call]', () => {
    const double = create({ width: 64 });
    const environment = -0x7fff_ffff_ffff_fff3n;
    double.call('call_new', BigInt(calleeAt), 10n, BigInt(nameAt), 5n, 3n, environment, -1n, 1n);
    double.call('call_perform');
    expect(double.effects.calls[0]!.onReply).toEqual({ tableIndex: 3, environment });
    // An index no table can have.
    expect(double.effects.calls[0]!.onReject.tableIndex).toBe(0xffff_ffff);
  });

  it('costs the fee, the bytes, and what is set aside for its answer [api.call-cycles]', () => {
    const double = begin(create());
    double.call('call_data_append', 0, 95);
    double.call('call_cycles_add', 1_000n);
    double.call('call_perform');
    const spent = startCycles - double.effects.cycles;
    expect(spent).toBe(1_000n + 260_000n + 100n * 1_000n + setAside);
  });

  it('costs no more than cost_call says [api.cost-call]', () => {
    const double = begin(create());
    double.call('call_data_append', 0, 1_000);
    double.call('cost_call', 5n, 1_000n, 0);
    const before = double.effects.cycles;
    double.call('call_perform');
    expect(new DataView(double.heap.buffer).getBigUint64(0, true)).toBe(before - double.effects.cycles);
  });

  it('charges instructions for its names and fifty for each byte sent [api.call]', () => {
    const double = begin(create());
    expect(double.charged.total).toBe(15);
    double.call('call_data_append', 0, 100);
    expect(double.charged.total).toBe(15 + 5_000);
  });

  it('takes any name as text and any callee of at most 29 bytes [api.call]', () => {
    const double = create();
    double.heap[nameAt] = 0xff;
    begin(double);
    expect(double.effects.pendingCall?.method).toBe('\ufffdreet');
    double.call('call_new', 0, 0, 0, 0, 0, 0, 0, 0);
    expect(double.effects.pendingCall).toMatchObject({ callee: '', method: '' });
    expect(() => double.call('call_new', 0, 30, nameAt, 5, 0, 0, 0, 0)).toThrow(
      'Canister provided invalid principal id',
    );
  });

  it('is refused with too long a name or too large an argument [api.call-limits]', () => {
    const double = create({ heapPages: 200 });
    expect(() => double.call('call_new', calleeAt, 10, 0, 20_001, 0, 0, 0, 0)).toThrow(
      'Size of method_name 20001 exceeds the allowed limit of 20000',
    );
    begin(double);
    double.call('call_data_append', 0, 10_485_755);
    expect(() => double.call('call_data_append', 0, 1)).toThrow(
      `Request to ${principalToText(calleeId)}:greet has a payload size of 10485761, which exceeds the allowed limit of 10485760`,
    );
  });

  it('is read from the heap only [api.call]', () => {
    const double = create();
    expect(() => double.call('call_new', 65_530, 10, nameAt, 5, 0, 0, 0, 0)).toThrow('ic0.call_new callee_src');
    expect(() => double.call('call_new', calleeAt, 10, -5, 5, 0, 0, 0, 0)).toThrow('ic0.call_new method_name');
    begin(double);
    expect(() => double.call('call_data_append', 65_530, 10)).toThrow('ic0.call_data_append: src=65530');
  });
});

describe('the order of a call', () => {
  it('needs call_new first, and again after call_perform [api.call-order]', () => {
    const steps: [string, ...(number | bigint)[]][] = [
      ['call_data_append', 0, 1],
      ['call_on_cleanup', 0, 0],
      ['call_with_best_effort_response', 1],
      ['call_cycles_add', 1n],
      ['call_cycles_add128', 0n, 1n],
      ['call_perform'],
    ];
    for (const [name, ...args] of steps) {
      expect(() => create().call(name, ...args)).toThrow('called when no call is under construction');
      const performed = begin(create());
      performed.call('call_perform');
      expect(() => performed.call(name, ...args)).toThrow('called when no call is under construction');
    }
  });

  it('takes one cleanup and one timeout [api.call-order]', () => {
    const double = begin(create());
    double.call('call_on_cleanup', 1, 2);
    expect(() => double.call('call_on_cleanup', 1, 2)).toThrow('can be called at most once');
    double.call('call_with_best_effort_response', 10);
    expect(() => double.call('call_with_best_effort_response', 10)).toThrow('a timeout is already set');
  });

  it('caps a timeout at 300 seconds, and takes 0 for a best-effort call too [api.best-effort]', () => {
    for (const [asked, kept] of [
      [0, 0],
      [299, 299],
      [301, 300],
      [-1, 300],
    ] as const) {
      const double = begin(create());
      double.call('call_with_best_effort_response', asked);
      double.call('call_perform');
      expect(double.effects.calls[0]!.timeoutSeconds).toBe(kept);
    }
  });

  it('given up by a new call, or at the end, returns its cycles [api.call-discard]', () => {
    const double = begin(create());
    double.call('call_cycles_add', 700n);
    expect(double.effects.cycles).toBe(startCycles - 700n);
    begin(double);
    expect(double.effects.cycles).toBe(startCycles);
    double.call('call_cycles_add', 900n);
    dropPendingCall(double.effects);
    expect(double.effects).toMatchObject({ cycles: startCycles, pendingCall: null, calls: [] });
  });
});

describe('a call that cannot be performed', () => {
  it('answers 2 and returns its cycles when the queue to the callee is full [api.call-queue]', () => {
    const double = create({ environment: { openCallsTo: (callee) => (callee === calleeId ? 498 : 0) } });
    const results = [1, 2, 3].map(() => {
      begin(double).call('call_cycles_add', 5n);
      return double.call('call_perform');
    });
    expect(results).toEqual([0, 0, 2]);
    expect(double.effects.calls.length).toBe(2);
    const before = double.effects.cycles;
    double.call('call_new', 0, 0, nameAt, 5, 0, 0, 0, 0);
    expect([double.effects.cycles, double.call('call_perform')]).toEqual([before, 0]);
  });

  it('answers 2 when the canister would freeze, to the cycle [api.call-freezing]', () => {
    const needed = freezing + setAside + 260_000n + 5_000n;
    const enough = begin(create({ effects: { cycles: needed } }));
    expect(enough.call('call_perform')).toBe(0);
    expect(enough.effects.cycles).toBe(freezing);
    const short = begin(create({ effects: { cycles: needed - 1n } }));
    expect(short.call('call_perform')).toBe(2);
    expect(short.effects).toMatchObject({ cycles: needed - 1n, pendingCall: null, calls: [] });
  });

  it('may still be given no cycles by a canister that has none to spare [api.call-cycles]', () => {
    const double = begin(create({ effects: { cycles: 1n } }));
    expect(double.call('call_cycles_add128', 0n, 0n)).toBeUndefined();
  });

  it('traps already when more cycles are attached than are liquid [api.call-cycles]', () => {
    const double = begin(create({ effects: { cycles: freezing + 10n } }));
    double.call('call_cycles_add128', 0n, 10n);
    try {
      double.call('call_cycles_add', 1n);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Trap);
      expect(error).toMatchObject({ kind: 'misuse', message: `Canister ${principalToText(selfId)} is out of cycles` });
    }
  });
});

describe('cycles of calls', () => {
  it('are conserved in any sequence: balance, attached, fees and set aside add up [cycles.conservation]', () => {
    const step = fc.oneof(
      fc.constant('new' as const),
      fc.constant('perform' as const),
      fc.constant('accept' as const),
      fc.bigInt(0n, 60_000_000_000_000n),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const double = create({ effects: { cyclesAvailable: 1_000_000n } });
        let fees = 0n;
        for (const action of steps) {
          if (action === 'new') begin(double);
          else if (action === 'accept') double.call('msg_cycles_accept', 300_000n);
          else if (double.effects.pendingCall === null) continue;
          else if (action === 'perform') fees += double.call('call_perform') === 0 ? 265_000n : 0n;
          else attachIfLiquid(double, action);
        }
        dropPendingCall(double.effects);
        const { effects } = double;
        const away = effects.calls.reduce((sum, c) => sum + c.cycles + c.prepaidExecution + c.prepaidTransmission, 0n);
        expect(effects.cycles + effects.cyclesAvailable + away + fees).toBe(startCycles + 1_000_000n);
      }),
    );
  });
});

/** A trap would end the execution; the cycles must be where they were. */
function attachIfLiquid(double: Double, amount: bigint): void {
  const before = double.effects.cycles;
  try {
    double.call('call_cycles_add128', 0n, amount);
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    expect(double.effects.cycles).toBe(before);
  }
}
