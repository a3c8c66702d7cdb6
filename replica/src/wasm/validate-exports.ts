// What a module offers: methods and system entry points, all of type () -> ().

import { noBytes } from '@tamc/base/bytes';
import { moduleLimits } from './limits.ts';
import type { ExportEntry, ModuleShape } from './module-shape.ts';
import type { MethodKind, SystemExports } from './prepared-module.ts';
import { adviceFor, refuseInvalid, refuseModule, refuseSection } from './refusal.ts';
import { assertExportNames, utf8Length } from './validate.ts';
import { assertFunctionType } from './validate-imports.ts';

export interface CanisterExports {
  readonly methods: Map<string, MethodKind>;
  readonly system: SystemExports;
  /** The exports that stay: every method and system entry point. */
  readonly kept: ExportEntry[];
}

const systemNames = {
  canister_init: 'init',
  canister_inspect_message: 'inspectMessage',
  canister_pre_upgrade: 'preUpgrade',
  canister_post_upgrade: 'postUpgrade',
  canister_heartbeat: 'heartbeat',
  canister_on_low_wasm_memory: 'onLowWasmMemory',
  canister_global_timer: 'globalTimer',
} as const satisfies Record<string, keyof SystemExports>;

const methodName = /^canister_(update|query|composite_query) (.*)$/su;

export function validateExports(shape: ModuleShape): CanisterExports {
  assertExportNames(shape);
  const methods = new Map<string, MethodKind>();
  const kept = shape.exports.filter(({ kind, name }) => kind === 'function' && name.startsWith('canister_'));
  for (const entry of kept) {
    const parsed = parseMethodName(entry.name);
    if (parsed !== null) addMethod(methods, parsed.kind, parsed.name);
    else if (!Object.hasOwn(systemNames, entry.name)) refuseReserved(entry.name);
    assertFunctionType(entry.name, typeOfFunction(shape, entry.index), noBytes, noBytes);
  }
  assertMethodLimits(methods);
  return { methods, system: systemExports(kept), kept };
}

function parseMethodName(exported: string): { kind: MethodKind; name: string } | null {
  const match = methodName.exec(exported);
  if (match === null) return null;
  const [, kind, name] = match;
  return kind === 'update' || kind === 'query' || kind === 'composite_query' ? { kind, name: name! } : null;
}

function addMethod(methods: Map<string, MethodKind>, kind: MethodKind, name: string): void {
  if (methods.has(name)) {
    refuseModule(
      `Duplicate function '${name}' exported multiple times with different call types: update, query, or composite_query.`,
      adviceFor(
        `Try defining different versions of the function for each call type, e.g. \`${name}_update\`, \`${name}_query\`, etc.`,
        'wasm-module-duplicate-exports',
      ),
    );
  }
  methods.set(name, kind);
}

function refuseReserved(name: string): never {
  refuseSection('export', `Exporting reserved function '${name}' with "canister_" prefix`);
}

function typeOfFunction(shape: ModuleShape, index: number): ModuleShape['types'][number] {
  const typeIndex =
    index < shape.imports.length ? shape.imports[index]!.typeIndex : shape.functions[index - shape.imports.length];
  return shape.types[typeIndex ?? -1] ?? refuseInvalid(`unknown function ${index}`);
}

const methodsPhrase =
  'exported functions called `canister_update <name>`, `canister_query <name>`, or `canister_composite_query <name>`';

function assertMethodLimits(methods: ReadonlyMap<string, MethodKind>): void {
  const { exportedMethods, exportedMethodNameBytes } = moduleLimits;
  if (methods.size > exportedMethods) {
    refuseModule(
      `The number of ${methodsPhrase} is ${methods.size} which exceeds ${exportedMethods}.`,
      adviceFor('Try combining multiple endpoints into a single endpoint.', 'wasm-module-exports-too-many-methods'),
    );
  }
  const nameBytes = [...methods.keys()].reduce((sum, name) => sum + utf8Length(name), 0);
  if (nameBytes > exportedMethodNameBytes) {
    refuseModule(
      `The sum of \`<name>\` lengths in ${methodsPhrase} is ${nameBytes} which exceeds the allowed limit of ${exportedMethodNameBytes}.`,
      adviceFor('Try using shorter method names.', 'wasm-module-sum-of-exported-name-lengths-too-large'),
    );
  }
}

function systemExports(kept: readonly ExportEntry[]): SystemExports {
  const names = new Set(kept.map(({ name }) => name));
  return {
    init: names.has('canister_init'),
    inspectMessage: names.has('canister_inspect_message'),
    preUpgrade: names.has('canister_pre_upgrade'),
    postUpgrade: names.has('canister_post_upgrade'),
    heartbeat: names.has('canister_heartbeat'),
    onLowWasmMemory: names.has('canister_on_low_wasm_memory'),
    globalTimer: names.has('canister_global_timer'),
  };
}
