// What a module may import: functions of the System API with their right types, nothing else.

import type { ModuleShape } from './module-shape.ts';
import type { ApiSignature, ApiSignatures } from './prepared-module.ts';
import { refuseSection, refuseSignature } from './refusal.ts';
import { type FunctionType, typesToText, valueTypes } from './value-types.ts';

/** An imported function of the System API: what it is called, its type and its price. */
export interface ApiImport {
  readonly name: string;
  readonly typeIndex: number;
  readonly overhead: number;
}

const apiModule = 'ic0';

export function validateImports(shape: ModuleShape, width: 32 | 64, signatures: ApiSignatures): ApiImport[] {
  return shape.imports.map(({ module, name, kind, typeIndex }) => {
    if (kind !== 'function')
      return refuseSection('import', `Importing ${kind === 'memory' ? 'memory' : `${kind}s`} is not allowed.`);
    const signature = signatures(name, width);
    if (signature === null) return refuseUnknown(name, module);
    if (module !== apiModule) return refuseOrigin(name, module);
    assertSignature(name, shape.types[typeIndex]!, signature);
    return { name, typeIndex, overhead: signature.overhead };
  });
}

function refuseUnknown(name: string, module: string): never {
  refuseSection('import', `Module imports function '${name}' from '${module}' that is not exported by the runtime.`);
}

function refuseOrigin(name: string, module: string): never {
  const quoted = `${JSON.stringify(name)} from ${JSON.stringify(module)}`;
  refuseSection('import', `Module imports function ${quoted}, expected to be imported from one of ["ic0"] instead.`);
}

function assertSignature(name: string, type: FunctionType, wanted: ApiSignature): void {
  assertFunctionType(name, type, codesOf(wanted.params), codesOf(wanted.results));
}

function codesOf(names: readonly ('i32' | 'i64')[]): Uint8Array {
  return Uint8Array.from(names, (name) => valueTypes[name]);
}

export function assertFunctionType(name: string, type: FunctionType, params: Uint8Array, results: Uint8Array): void {
  const wantedParams = typesToText(params);
  const wantedResults = typesToText(results);
  const actualParams = typesToText(type.params);
  const actualResults = typesToText(type.results);
  if (wantedParams !== actualParams)
    refuseSignature(`Expected input params ${wantedParams} for '${name}', got ${actualParams}.`);
  if (wantedResults !== actualResults)
    refuseSignature(`Expected return type ${wantedResults} for '${name}', got ${actualResults}.`);
}
