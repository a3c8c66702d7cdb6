// Runs a freshly filled module once, with an ic0 that does nothing, to ask it for its Candid and its list of methods:
// only the canister's own code, run in its own interpreter, knows them.
import { SourceMap } from 'node:module';
import { assert } from '@tamc/base/assert';
import { ok, type Result, refuse } from '@tamc/base/result';
import { classMissing } from './prelude.ts';
import { type BuildProblem, problemWithoutPlace } from './problem.ts';
import type { MethodList } from './template.ts';

export interface CanisterInterface {
  readonly candid: string;
  readonly methods: MethodList;
  /** The text that the canister exports as `layout`. */
  readonly layout: string | null;
}

export async function readInterface(
  wasm: Uint8Array<ArrayBuffer>,
  sourceMap: string,
): Promise<Result<CanisterInterface, BuildProblem[]>> {
  const module = await WebAssembly.compile(wasm);
  try {
    const text = run(module);
    const { candid, methodMeta, layout } = JSON.parse(text);
    return ok({ candid, methods: methodMeta, layout });
  } catch (error) {
    if (!(error instanceof CanisterStopped)) throw error;
    return refuse([toProblem(error.message, sourceMap)]);
  }
}

/** The canister trapped, which is the canister's error and not the build's. */
class CanisterStopped extends Error {
  override readonly name = 'CanisterStopped';
}

function run(module: WebAssembly.Module): string {
  let memory: WebAssembly.Memory | null = null;
  const bytesFrom = (at: number) => new Uint8Array(memory?.buffer ?? new ArrayBuffer(0), at);
  const ic0 = stubSystem(module, (at, length) => {
    throw new CanisterStopped(new TextDecoder().decode(bytesFrom(at).subarray(0, length)));
  });
  const { exports } = new WebAssembly.Instance(module, { ic0 });
  const ask = exports.get_candid_and_method_meta_pointer;
  assert(exports.memory instanceof WebAssembly.Memory, 'the Azle template does not export its memory');
  assert(typeof ask === 'function', 'the Azle template has no question for its interface');
  memory = exports.memory;
  const answer = bytesFrom(ask());
  return new TextDecoder().decode(answer.subarray(0, answer.indexOf(0)));
}

const returnsLong = new Set([
  'stable64_size',
  'stable64_grow',
  'time',
  'canister_version',
  'global_timer_set',
  'performance_counter',
]);

function stubSystem(
  module: WebAssembly.Module,
  trap: (at: number, length: number) => never,
): Record<string, WebAssembly.ImportValue> {
  const imports = WebAssembly.Module.imports(module).map(({ name }) => {
    const zero = returnsLong.has(name) ? 0n : 0;
    return [name, name === 'trap' ? trap : () => zero] as const;
  });
  return Object.fromEntries(imports);
}

function toProblem(message: string, sourceMap: string): BuildProblem {
  if (message.includes(classMissing)) {
    return problemWithoutPlace(
      'The default export of a canister must be a class, or an array of classes.',
      'Write `export default class { … }` with methods that carry `@query` or `@update` from "azle".',
    );
  }
  const [first = ''] = message.split('\n');
  const place = findPlace(message, sourceMap);
  const text = `The canister's code stopped while its interface was read: ${first.replace(/^.*?failed: /, '')}`;
  return { ...place, text, next: 'Code at the top of a file and in decorators also runs during the build.' };
}

/** The innermost place of the stack trace that is not in a library. */
function findPlace(trace: string, sourceMap: string): Pick<BuildProblem, 'file' | 'line' | 'column'> {
  const map = new SourceMap(JSON.parse(sourceMap));
  for (const [, line, column] of trace.matchAll(/main\.js:(\d+)(?::(\d+))?/g)) {
    const entry = map.findEntry(Number(line) - 1, Math.max(0, Number(column ?? 1) - 1));
    if (!('originalSource' in entry)) continue;
    const { originalSource, originalLine, originalColumn } = entry;
    if (/node_modules|^<stdin>$/.test(originalSource)) continue;
    return { file: originalSource, line: originalLine + 1, column: originalColumn + 1 };
  }
  return { file: null, line: 0, column: 0 };
}
