// Random lives of a few canisters: whatever is called in whatever order, no cycle appears or vanishes, versions and
// histories only grow, and a rejected call leaves no trace.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canisterIdOfIndex, type Principal } from '../codec/principal.ts';
import { callManagement } from './call.ts';
import { setUpCanister, snapshot, toAgent } from './driver-double.ts';
import { settleStops } from './lifecycle.ts';
import { consumedTotal } from './metrics.ts';
import { encodeArgument, type IcMethod } from './oracle.ts';
import { alice, bob, createWorldDouble, describeModule, fromCanister, type WorldDouble } from './world-double.ts';

interface Step {
  readonly method: IcMethod;
  readonly argument: unknown;
  readonly cycles: bigint;
  readonly caller: Principal;
  readonly minutes: number;
}

const ids = [0n, 1n, 2n].map(canisterIdOfIndex);
const cycles = fc.bigInt({ min: 0n, max: 2_000_000_000_000n });

const someMethod = fc.constantFrom<IcMethod>(
  'create_canister',
  'provisional_create_canister_with_cycles',
  'provisional_top_up_canister',
  'deposit_cycles',
  'update_settings',
  'upload_chunk',
  'clear_chunk_store',
  'install_code',
  'uninstall_code',
  'start_canister',
  'stop_canister',
  'delete_canister',
);

const settings = fc.record({
  memory_allocation: fc.constantFrom(undefined, undefined, 0n, 1_000_000n, 1n << 40n, 1n << 41n),
  compute_allocation: fc.constantFrom(undefined, undefined, undefined, 0n, 1n, 101n),
  reserved_cycles_limit: fc.constantFrom(undefined, 0n, 1n << 90n, 1n << 90n),
  controllers: fc.constantFrom(undefined, [toAgent(alice)], [toAgent(alice), toAgent(bob)]),
});

const step: fc.Arbitrary<Step> = fc
  .record({
    method: someMethod,
    id: fc.constantFrom(...ids),
    amount: cycles,
    more: settings,
    mode: fc.nat(2),
    chunk: fc.nat(2),
  })
  .chain(({ method, id, amount, more, mode, chunk }) =>
    fc.record({
      method: fc.constant(method),
      argument: fc.constant({
        canister_id: toAgent(id),
        amount,
        settings: more,
        chunk: Uint8Array.of(chunk),
        mode: [{ install: null }, { reinstall: null }, { upgrade: [] }][mode],
        wasm_module: describeModule(chunk === 0 ? { trap: 'no' } : { heapPages: chunk }),
        arg: [],
      }),
      cycles,
      caller: fc.constantFrom(alice, alice, bob),
      minutes: fc.nat(3),
    }),
  );

function totalCycles({ state }: WorldDouble): bigint {
  let sum = state.consumedByDeleted;
  for (const canister of state.canisters.values()) {
    sum += canister.cycles + canister.reservedCycles + consumedTotal(canister);
  }
  return sum;
}

/** What the step brings into the network. */
function mintedBy({ method, argument }: Step): bigint {
  const isProvisional =
    method === 'provisional_create_canister_with_cycles' || method === 'provisional_top_up_canister';
  return isProvisional ? (argument as { amount: bigint }).amount : 0n;
}

function marks({ state }: WorldDouble): Map<Principal, { version: bigint; changes: bigint }> {
  return new Map(
    [...state.canisters].map(([id, { version, totalChanges }]) => [id, { version, changes: totalChanges }]),
  );
}

/** True when the answer comes later. */
function runStep(world: WorldDouble, next: Step): boolean {
  const before = { state: snapshot(world), cycles: totalCycles(world), marks: marks(world) };
  const request = fromCanister(next.caller, next.method, encodeArgument(next.method, next.argument), {
    cycles: next.cycles,
  });
  const outcome = callManagement(world, request);
  if (outcome.kind === 'rejected') {
    expect(outcome.refund).toBe(next.cycles);
    expect(snapshot(world)).toEqual(before.state);
    return false;
  }
  const accepted = outcome.kind === 'replied' ? next.cycles - outcome.refund : 0n;
  expect(totalCycles(world)).toBe(before.cycles + accepted + mintedBy(next));
  for (const [id, mark] of marks(world)) {
    const old = before.marks.get(id);
    if (old === undefined) continue;
    expect(mark.version).toBeGreaterThanOrEqual(old.version);
    expect(mark.changes).toBeGreaterThanOrEqual(old.changes);
    if (mark.changes > old.changes) expect(mark.version).toBe(old.version + 1n);
  }
  return outcome.kind === 'pending';
}

describe('any sequence of management calls', () => {
  it('conserves cycles, raises versions and leaves no trace when rejected [management.conservation]', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const world = createWorldDouble();
        for (const amount of [1n << 60n, 1_000_000n]) setUpCanister(world, { amount });
        let pending = 0;
        for (const next of steps) {
          if (runStep(world, next)) pending++;
          world.state.timeNs += BigInt(next.minutes) * 60_000_000_000n;
          settleStops(world);
        }
        // Every stop call that waited is answered once: nothing here keeps a canister from stopping.
        expect(world.answered).toHaveLength(pending);
        for (const canister of world.state.canisters.values()) expect(canister.status.kind).not.toBe('stopping');
      }),
      { numRuns: 300 },
    );
  });
});
