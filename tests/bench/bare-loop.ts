// The baseline: the same Wasm as it was uploaded, unmetered, in a warm loop, with an ic0 that does next to nothing.
// Nothing is rolled back, nothing is kept, nobody is answered.

export interface BareCanister {
  /** Calls an exported method this many times; calls per second. */
  callsPerSecond(exportName: string, calls: number): number;
  call(exportName: string, arg?: Uint8Array): void;
}

/** `DIDL` with no arguments. */
export const noArguments = Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 0, 0);

export function createBareCanister(wasm: Uint8Array<ArrayBuffer>): BareCanister {
  const state = { arg: noArguments, stable: new Uint8Array(0), memory: null as WebAssembly.Memory | null };
  const module = new WebAssembly.Module(wasm);
  const known = stubs(state);
  const ic0: Record<string, WebAssembly.ImportValue> = {};
  for (const { name } of WebAssembly.Module.imports(module)) ic0[name] = known[name] ?? (() => 0);
  const { exports } = new WebAssembly.Instance(module, { ic0 });
  state.memory = exports.memory as WebAssembly.Memory;
  const call = (name: string, arg = noArguments) => {
    state.arg = arg;
    (exports[name] as () => void)();
  };
  call('canister_init');
  return {
    call,
    callsPerSecond: (name, calls) => {
      const start = performance.now();
      for (let i = 0; i < calls; i++) call(name);
      return calls / ((performance.now() - start) / 1000);
    },
  };
}

interface BareState {
  arg: Uint8Array;
  stable: Uint8Array;
  memory: WebAssembly.Memory | null;
}

function stubs(state: BareState): Record<string, WebAssembly.ImportValue> {
  const copy = (bytes: Uint8Array, target: number, offset: number, size: number) =>
    new Uint8Array(state.memory!.buffer).set(bytes.subarray(offset, offset + size), target >>> 0);
  const self = new Uint8Array(10);
  const pageBytes = 65_536;
  return {
    msg_arg_data_size: () => state.arg.length,
    msg_arg_data_copy: (target: number, offset: number, size: number) => copy(state.arg, target, offset, size),
    msg_caller_size: () => 1,
    msg_caller_copy: (target: number, offset: number, size: number) => copy(Uint8Array.of(4), target, offset, size),
    canister_self_size: () => self.length,
    canister_self_copy: (target: number, offset: number, size: number) => copy(self, target, offset, size),
    time: () => 1n,
    canister_version: () => 1n,
    performance_counter: () => 1n,
    global_timer_set: () => 0n,
    in_replicated_execution: () => 1,
    stable64_size: () => BigInt(state.stable.length / pageBytes),
    stable64_grow: (pages: bigint) => {
      const old = state.stable;
      state.stable = new Uint8Array(old.length + Number(pages) * pageBytes);
      state.stable.set(old);
      return BigInt(old.length / pageBytes);
    },
    stable64_read: (target: bigint, offset: bigint, size: bigint) =>
      copy(state.stable, Number(target), Number(offset), Number(size)),
    stable64_write: (offset: bigint, source: bigint, size: bigint) =>
      state.stable.set(new Uint8Array(state.memory!.buffer, Number(source), Number(size)), Number(offset)),
    trap: (source: number, size: number) => {
      throw new Error(new TextDecoder().decode(new Uint8Array(state.memory!.buffer, source >>> 0, size)));
    },
  };
}
