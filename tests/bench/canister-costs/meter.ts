// What an act costs one canister: the instructions of its own Wasm, and all the cycles it pays. Both are counted by the replica as the
// network counts them and are the same in every run.
import { IDL } from '@dfinity/candid';
import type { Replica } from '@tamc/replica';
import { canisterArgument, decode, reply } from '../../harness/canisters.ts';

export interface Cost {
  readonly act: string;
  /** Of the canister itself, in all messages of the act. */
  readonly instructions: bigint;
  /** With what arriving, being executed at all, and calling others costs. */
  readonly cycles: bigint;
}

export interface Memory {
  readonly wasmBytes: number;
  readonly heapBytes: bigint;
  readonly stableBytes: bigint;
  readonly allBytes: bigint;
}

export interface Meter {
  readonly costs: readonly Cost[];
  /** `settle` lets the canister finish what the act has begun. */
  measure<T>(act: string, run: () => Promise<T>, settle?: () => Promise<void>): Promise<T>;
  memory(wasm: Uint8Array): Promise<Memory>;
}

const fields = [
  'memory',
  'compute_allocation',
  'ingress_induction',
  'instructions',
  'request_and_response_transmission',
  'uninstall',
  'canister_creation',
  'http_outcalls',
  'burned_cycles',
] as const;
const Consumed = IDL.Record(Object.fromEntries(fields.map((name) => [name, IDL.Nat])));
const Metrics = IDL.Record({ cycles_consumed: Consumed });
const MemoryMetrics = IDL.Record({ wasm_memory_size: IDL.Nat, stable_memory_size: IDL.Nat });
const Status = IDL.Record({ memory_size: IDL.Nat, memory_metrics: MemoryMetrics });

/** For being executed at all, whatever is then executed. */
const executionCycles = 5_000_000n;

export function createMeter(replica: Replica, canister: string): Meter {
  const arg = canisterArgument(canister);
  const ask = async (method: string, type: IDL.Type) =>
    decode([type], await reply(replica.query({ canister: 'aaaaa-aa', method, arg })))[0];
  const consumed = async () => {
    const { cycles_consumed } = (await ask('canister_metrics', Metrics)) as { cycles_consumed: Record<string, bigint> };
    const { instructions, memory, ...others } = cycles_consumed;
    // What lies there costs by the second, not by the act.
    return { instructions: instructions!, all: Object.values(others).reduce((sum, one) => sum + one, instructions!) };
  };
  const costs: Cost[] = [];
  return {
    costs,
    measure: async (act, run, settle = async () => {}) => {
      const before = await consumed();
      const result = await run();
      await settle();
      const after = await consumed();
      const instructions = after.instructions - before.instructions - executionCycles;
      costs.push({ act, instructions, cycles: after.all - before.all });
      return result;
    },
    memory: async (wasm) => {
      const status = (await ask('canister_status', Status)) as {
        memory_size: bigint;
        memory_metrics: { wasm_memory_size: bigint; stable_memory_size: bigint };
      };
      const { wasm_memory_size: heapBytes, stable_memory_size: stableBytes } = status.memory_metrics;
      return { wasmBytes: wasm.length, heapBytes, stableBytes, allBytes: status.memory_size };
    },
  };
}
