// The canister's environment variables, by index and by name.
import { parseText, textToBytes } from '@tamc/base/bytes';
import { type Execution, Trap } from '../execution/execution.ts';
import { copyIn, copyOut } from './heap.ts';
import { environmentVariableNameBytesMax } from './limits.ts';

export function envVarCount({ environment }: Execution): number {
  return environment.environmentVariables.length;
}

function nameAt({ environment }: Execution, index: number): Uint8Array {
  const variables = environment.environmentVariables;
  const variable = variables[index];
  if (variable !== undefined) return textToBytes(variable.name);
  const count = `The number of environment variables is ${variables.length}.`;
  throw new Trap('misuse', `Environment variable index ${index} is out of bounds. ${count}`);
}

export function envVarNameSize(execution: Execution, index: number): number {
  return nameAt(execution, index).length;
}

export function envVarNameCopy(execution: Execution, index: number, dst: number, offset: number, size: number): void {
  copyOut(execution, 'env_var_name_copy', 'name', nameAt(execution, index), dst, offset, size);
}

function readName(execution: Execution, api: string, src: number, size: number): string {
  if (size > environmentVariableNameBytesMax) {
    throw new Trap('contractViolation', `ic0.${api}: Variable name is too large`);
  }
  const name = parseText(copyIn(execution, `ic0.${api} heap`, src, size));
  if (name === null) throw new Trap('contractViolation', `ic0.${api}: Variable name is not a valid UTF-8 string`);
  return name;
}

function find({ environment }: Execution, name: string): string | null {
  return environment.environmentVariables.find((variable) => variable.name === name)?.value ?? null;
}

export function envVarNameExists(execution: Execution, nameSrc: number, nameSize: number): number {
  return find(execution, readName(execution, 'env_var_name_exists', nameSrc, nameSize)) === null ? 0 : 1;
}

function variableNamed(execution: Execution, api: string, nameSrc: number, nameSize: number): Uint8Array {
  const name = readName(execution, api, nameSrc, nameSize);
  const value = find(execution, name);
  if (value === null) throw new Trap('misuse', `Environment variable ${name} not found.`);
  return textToBytes(value);
}

export function envVarValueSize(execution: Execution, nameSrc: number, nameSize: number): number {
  return variableNamed(execution, 'env_var_value_size', nameSrc, nameSize).length;
}

export function envVarValueCopy(
  execution: Execution,
  nameSrc: number,
  nameSize: number,
  dst: number,
  offset: number,
  size: number,
): void {
  const value = variableNamed(execution, 'env_var_value_copy', nameSrc, nameSize);
  copyOut(execution, 'env_var_value_copy', 'value', value, dst, offset, size);
}
