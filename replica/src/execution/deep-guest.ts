// An execution on the deep stack: a second instance of the same module in another thread takes over what the live
// instance holds, runs, and gives it back. The System API works for it as ever, on its memory.
import { assert } from '@tamc/base/assert';
import type { FunctionReference } from '../state/message.ts';
import { createImports, type ImportFunction } from '../system-api/imports.ts';
import { exportNames, heapBaseBytes, hostModule } from '../wasm/contract.ts';
import { shareMemory } from '../wasm/shared-memory.ts';
import { deepCallsMax } from './deep-limits.ts';
import { type DeepAnswer, type DeepCall, type DeepEnd, DeepStackMissing, runDeep } from './deep-thread.ts';
import { type Execution, type GuestMemory, Trap } from './execution.ts';
import { createGuestMemory } from './guest-memory.ts';
import { burnFuel, createHostFunctions, type Guest, type LiveInstance } from './instance.ts';
import { stackOverflow } from './outcome.ts';

export interface DeepGuest extends Guest {
  /** The live instance becomes what this one is after its execution. */
  giveBack(): void;
}

interface State {
  readonly live: LiveInstance;
  readonly mayEnd: boolean;
  /** Calls of the System API that may still be made. */
  callsLeft: number;
  readonly current: { execution: Execution | null };
  readonly imports: Readonly<Record<string, Readonly<Record<string, ImportFunction>>>>;
  memory: WebAssembly.Memory | null;
  fuel: { value: bigint };
  end: DeepEnd | null;
}

/**
 * Good for one execution; the live instance must not be used before it has ended. `mayEnd`: traps when there is no memory
 * for it or it makes too many calls; otherwise it is brought to its own end, and lack of memory is an error.
 */
export function createDeepGuest(live: LiveInstance, mayEnd: boolean): DeepGuest {
  const { module } = live;
  const current: { execution: Execution | null } = { execution: null };
  const fuel = { value: 0n };
  const window = {
    base: heapBaseBytes[module.width],
    buffer: () => bufferOf(state),
    heapBytes: () => heapBytesOf(state),
  };
  const state: State = {
    live,
    mayEnd,
    callsLeft: mayEnd ? deepCallsMax : Number.POSITIVE_INFINITY,
    current,
    imports: {
      ic0: createImports(module.importedFunctions, module.width, current),
      [hostModule]: createHostFunctions(module, current, window.heapBytes),
    },
    memory: null,
    fuel,
    end: null,
  };
  const memory: GuestMemory = createGuestMemory(live.window === null ? null : window);
  return {
    width: live.width,
    current,
    memory,
    fuel: () => fuel.value,
    refuel: (instructions) => {
      fuel.value = instructions;
    },
    burn: (instructions) => burnFuel(fuel, instructions),
    callExport: (name) => call(state, name, []),
    callFunction: (reference) => callFunction(state, reference),
    giveBack: () => giveBack(state),
  };
}

function bufferOf({ memory }: State): Buffer {
  assert(memory !== null, 'the other thread has shown its memory');
  return Buffer.from(memory.buffer);
}

function heapBytesOf(state: State): number {
  return state.memory === null ? 0 : bufferOf(state).length - heapBaseBytes[state.live.width];
}

function callFunction(state: State, { tableIndex, environment }: FunctionReference): void {
  assert(state.live.module.hasTable, 'without a table nothing was called, so no stack was used up');
  call(state, exportNames.callback, [tableIndex, environment]);
}

function call(state: State, name: string, args: readonly (number | bigint)[]): void {
  const { live } = state;
  let thrown: { error: unknown } | null = null;
  const answer = (asked: DeepCall): DeepAnswer => {
    state.fuel.value = asked.fuel;
    try {
      if (state.callsLeft-- === 0) throw new Trap('deepStackCalls', '');
      const value = importOf(state, asked)(...(asked.args as never[]));
      return { fuel: state.fuel.value, isAborted: false, value };
    } catch (error) {
      thrown = { error };
      return { fuel: state.fuel.value, isAborted: true };
    }
  };
  const memoryBytes = live.window?.buffer().length ?? 0;
  const names = live.module.mutableGlobals.map(({ exportName }) => exportName);
  const globals = live.globals.map(({ value }, index) => [names[index]!, value] as const);
  const job = {
    key: live.module.key,
    bytes: () => shareMemory(live.module.rewritten),
    name,
    args,
    memoryName: exportNames.memory,
    memoryBytes,
    hasWideMemory: live.width === 64,
    fuelName: exportNames.fuel,
    globals: [...globals, [exportNames.fuel, state.fuel.value] as const],
  };
  state.end = runOrTrap(state, () => runDeep(job, (memory) => fill(state, memory), answer));
  const last = state.end.globals.find(([each]) => each === exportNames.fuel);
  if (last !== undefined && typeof last[1] === 'bigint') state.fuel.value = last[1];
  throwWhatEnded(state.end, thrown);
}

function runOrTrap({ mayEnd }: State, work: () => DeepEnd): DeepEnd {
  try {
    return work();
  } catch (error) {
    if (mayEnd && error instanceof DeepStackMissing) throw new Trap('deepStackMemory', '');
    throw error;
  }
}

function fill(state: State, memory: WebAssembly.Memory | null): void {
  state.memory = memory;
  if (memory !== null) bufferOf(state).set(state.live.window!.buffer());
}

function importOf({ imports }: State, { from, name }: DeepCall): ImportFunction {
  const found = imports[from]?.[name];
  assert(found !== undefined, `${from}.${name} is an import of the module`);
  return found;
}

function throwWhatEnded({ end }: DeepEnd, thrown: { error: unknown } | null): void {
  switch (end.kind) {
    case 'returned':
      return;
    case 'aborted':
      throw thrown!.error;
    case 'trapped':
      throw new WebAssembly.RuntimeError(end.text);
    case 'noStack':
      // Reached by no code we know of: frames so much larger than what is counted for them.
      throw new Trap('wasmTrap', stackOverflow);
  }
}

function giveBack(state: State): void {
  const { live, end } = state;
  assert(end !== null, 'the execution has ended');
  if (live.window !== null) {
    const bytes = bufferOf(state).subarray(0, end.memoryBytes);
    const grown = live.window.growTo(end.memoryBytes - live.window.base);
    assert(grown && bytes.length === end.memoryBytes, 'memory only grows');
    live.window.buffer().set(bytes);
  }
  for (const [index, global] of live.globals.entries()) global.value = end.globals[index]![1];
}
