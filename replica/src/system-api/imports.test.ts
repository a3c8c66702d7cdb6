// The same functions over a real WebAssembly boundary, where V8 checks number and kind of every value.
import { describe, expect, it } from 'vitest';
import wabtInit from 'wabt';
import { principalToBytes } from '../codec/principal.ts';
import type { Execution } from '../execution/execution.ts';
import { createExecutionDouble, selfId } from './execution-double.ts';
import { apiSignature, createImports } from './imports.ts';
import { specificationMatrix } from './specification-matrix.ts';

const wabt = await wabtInit();

function compile(wat: string): WebAssembly.Module {
  const { buffer } = wabt.parseWat('test.wat', wat).toBinary({});
  return new WebAssembly.Module(new Uint8Array(buffer));
}

/** A module that imports every function and has, for each, an export that calls it with zeros and drops the result. */
function moduleCallingEverything(names: readonly string[]): WebAssembly.Module {
  const imports = names.map((name) => {
    const { params, results } = apiSignature(name, 32)!;
    return `(import "ic0" "${name}" (func $${name} (param ${params.join(' ')}) (result ${results.join(' ')})))`;
  });
  const exports = names.map((name) => {
    const { params, results } = apiSignature(name, 32)!;
    const zeros = params.map((type) => `(${type}.const 0)`).join(' ');
    return `(func (export "${name}") (call $${name} ${zeros}) ${results.map(() => '(drop)').join(' ')})`;
  });
  return compile(`(module ${imports.join('\n')} ${exports.join('\n')})`);
}

describe('imports', () => {
  const names = specificationMatrix.map((row) => row.name);

  it('can all be imported and called by a 32-bit module [api.functions]', () => {
    const current: { execution: Execution | null } = { execution: null };
    const ic0 = createImports(names, 32, current);
    const instance = new WebAssembly.Instance(moduleCallingEverything(names), { ic0 });
    for (const row of specificationMatrix) {
      current.execution = createExecutionDouble({ entryPoint: firstReplicated(row.from) }).execution;
      const call = instance.exports[row.name] as () => void;
      // A trap of ours is fine (nothing is under construction, say); a TypeError of the boundary is not.
      try {
        call();
      } catch (error) {
        expect(error).toMatchObject({ name: 'Trap' });
      }
    }
  });

  it('pass addresses above 2 GiB as what they are [api.numbers]', () => {
    const current = { execution: createExecutionDouble().execution };
    const wat = `(module (import "ic0" "msg_arg_data_copy" (func $copy (param i32 i32 i32)))
      (func (export "go") (call $copy (i32.const 0x80000000) (i32.const 0) (i32.const 1))))`;
    const ic0 = createImports(['msg_arg_data_copy'], 32, current);
    const { go } = new WebAssembly.Instance(compile(wat), { ic0 }).exports;
    expect(go as () => void).toThrow(
      'ic0.msg_arg_data_copy heap: src=2147483648 + length=1 exceeds the slice size=65536',
    );
  });

  it('serve whatever execution is current, one instance for many [api.functions]', () => {
    const current: { execution: Execution | null } = { execution: null };
    const { canister_self_size: size, time } = createImports(['canister_self_size', 'time'], 32, current);
    const call = (fn: unknown) => (fn as () => unknown)();
    current.execution = createExecutionDouble({ input: { timeNs: 1n } }).execution;
    expect([call(size), call(time)]).toEqual([principalToBytes(selfId).length, 1n]);
    current.execution = createExecutionDouble({ input: { timeNs: 2n } }).execution;
    expect(call(time)).toBe(2n);
    current.execution = null;
    expect(() => call(time)).toThrow('ic0.time called while no execution runs');
  });

  it('take the instructions that the main network takes [api.overhead]', () => {
    const unusual: Record<string, number> = {
      call_new: 1_500,
      call_perform: 5_000,
      is_controller: 1_000,
      performance_counter: 200,
      debug_print: 100,
      cost_http_request_v2: 10_000,
    };
    for (const name of names) {
      const stable = /^stable(64)?_(size|read|write)$/.test(name);
      expect([name, apiSignature(name, 32)!.overhead]).toEqual([name, unusual[name] ?? (stable ? 20 : 500)]);
    }
  });
});

function firstReplicated(from: readonly string[]): Execution['entryPoint'] {
  const order = ['U', 'Ry', 'Rt', 'I', 'F', 'NRQ'] as const;
  return order.find((entryPoint) => from.includes(entryPoint))!;
}
