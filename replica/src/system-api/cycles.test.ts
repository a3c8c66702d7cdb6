import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrincipalText } from '../codec/principal.ts';
import { cyclesMax, smallerOf } from '../cycles/balance.ts';
import { createExecutionDouble } from './execution-double.ts';

type Double = ReturnType<typeof createExecutionDouble>;
const amount = fc.bigInt(0n, cyclesMax);
const halves = (value: bigint): [bigint, bigint] => [BigInt.asIntN(64, value >> 64n), BigInt.asIntN(64, value)];

function read128(double: Double, at: number): bigint {
  const view = new DataView(double.heap.buffer, at, 16);
  return view.getBigUint64(0, true) | (view.getBigUint64(8, true) << 64n);
}

/** 64 KiB of heap for 30 days. */
const freezing = ((65_536n * 127_000n * 86_400n) / (1n << 30n)) * 30n;

describe('balances', () => {
  it('are written as 128 bits, little endian [api.cycles-128]', () => {
    fc.assert(
      fc.property(amount, (cycles) => {
        const double = createExecutionDouble({ effects: { cycles, cyclesAvailable: cycles } });
        double.call('canister_cycle_balance128', 0);
        double.call('msg_cycles_available128', 16);
        expect([read128(double, 0), read128(double, 16)]).toEqual([cycles, cycles]);
      }),
    );
  });

  it('trap in the 64-bit functions when they do not fit [api.cycles-64]', () => {
    const large = 1n << 64n;
    const double = createExecutionDouble({
      entryPoint: 'Ry',
      effects: { cycles: large, cyclesAvailable: large },
      input: { cyclesRefunded: large },
    });
    for (const name of ['canister_cycle_balance', 'msg_cycles_available', 'msg_cycles_refunded']) {
      expect(() => double.call(name)).toThrow('cycles amount exceeds 64-bit representation');
    }
    const fits = createExecutionDouble({ effects: { cycles: large - 1n } });
    expect(fits.call('canister_cycle_balance')).toBe(large - 1n);
  });

  it('that are liquid leave out what the freezing threshold needs [api.liquid-balance]', () => {
    const double = createExecutionDouble({ effects: { cycles: freezing + 5n } });
    double.call('canister_liquid_cycle_balance128', 0);
    expect(read128(double, 0)).toBe(5n);
    const reserved = createExecutionDouble({ effects: { cycles: freezing, reservedCycles: 7n } });
    reserved.call('canister_liquid_cycle_balance128', 0);
    expect(read128(reserved, 0)).toBe(7n);
  });

  it('that came back with an answer are told in both widths [api.cycles-refunded]', () => {
    const double = createExecutionDouble({ entryPoint: 'Rt', input: { cyclesRefunded: 9n } });
    double.call('msg_cycles_refunded128', 0);
    expect([read128(double, 0), double.call('msg_cycles_refunded')]).toEqual([9n, 9n]);
  });

  it('are not written out of bounds [api.cycles-128]', () => {
    expect(() => createExecutionDouble().call('canister_cycle_balance128', 65_521)).toThrow(
      'ic0_canister_cycle_balance128 failed because dst + size is out of bounds',
    );
  });
});

describe('accepting', () => {
  it('takes no more than asked for and no more than is there, and keeps the sum [api.cycles-accept]', () => {
    fc.assert(
      fc.property(amount, fc.array(amount, { maxLength: 5 }), (available, steps) => {
        const double = createExecutionDouble({ effects: { cycles: 0n, cyclesAvailable: available } });
        let left = available;
        for (const step of steps) {
          double.call('msg_cycles_accept128', ...halves(step), 0);
          const taken = smallerOf(step, left);
          expect(read128(double, 0)).toBe(taken);
          left -= taken;
        }
        const { effects } = double;
        expect([effects.cyclesAvailable, effects.cyclesAccepted, effects.cycles]).toEqual([
          left,
          available - left,
          available - left,
        ]);
      }),
    );
  });

  it('works in 64 bits, with an amount that came over the boundary as negative [api.cycles-accept]', () => {
    const double = createExecutionDouble({ effects: { cyclesAvailable: 10n } });
    expect(double.call('msg_cycles_accept', 3n)).toBe(3n);
    expect(double.call('msg_cycles_accept', -1n)).toBe(7n);
    expect(double.call('msg_cycles_available')).toBe(0n);
  });

  it('gets nothing after the answer: what was not accepted is on its way back [api.cycles-available]', () => {
    const double = createExecutionDouble({ effects: { cyclesAvailable: 10n } });
    double.call('msg_cycles_accept', 4n);
    double.call('msg_reply');
    expect(double.call('msg_cycles_available')).toBe(0n);
    expect(double.call('msg_cycles_accept', 4n)).toBe(0n);
    expect(double.effects.cyclesAvailable).toBe(6n);
  });
});

describe('burning', () => {
  it('never reaches into the freezing limit, and keeps the sum [api.cycles-burn]', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 1n << 100n), fc.bigInt(0n, 1n << 100n), (cycles, wanted) => {
        const double = createExecutionDouble({ effects: { cycles } });
        double.call('cycles_burn128', ...halves(wanted), 0);
        const burned = read128(double, 0);
        const liquid = cycles > freezing ? cycles - freezing : 0n;
        expect(burned).toBe(smallerOf(wanted, liquid));
        expect(double.effects.cycles + double.effects.cyclesBurned).toBe(cycles);
        expect(double.effects.cyclesBurned).toBe(burned);
      }),
    );
  });
});

describe('minting', () => {
  it('is for the cycles minting canister alone [api.mint]', () => {
    const canisterId = parsePrincipalText('rkp4c-7iaaa-aaaaa-aaaca-cai')!;
    const double = createExecutionDouble({ environment: { canisterId }, effects: { cycles: cyclesMax - 3n } });
    double.call('mint_cycles128', 0n, 5n, 0);
    // Balances saturate; what was really minted is told.
    expect([read128(double, 0), double.effects.cycles]).toEqual([3n, cyclesMax]);
  });
});
