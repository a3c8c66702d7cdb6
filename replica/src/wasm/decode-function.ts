// Decodes one function body into flat arrays, once, so that rewriting can look ahead. V8 has found the module valid by
// then; what is still refused here are instructions the Internet Computer does not have, and functions beyond its limits.

import { type Cursor, decodeImmediate, readUnsigned } from './decode-immediates.ts';
import { type DecodedFunction, flags, growDecodedFunction } from './decoded-function.ts';
import { hostLimits, moduleLimits } from './limits.ts';
import { immediateOf, nameOf, opcodes, prefixPages } from './opcodes.ts';
import { adviceFor, refuseInvalid, refuseModule } from './refusal.ts';
import { isValueType, nameOfType, valueTypes } from './value-types.ts';
import { complexityOf, functionEntryCost } from './weights.ts';

export interface DecodeContext {
  readonly bytes: Uint8Array;
  readonly costs: Uint16Array;
  readonly importCount: number;
  /** Whether vectors may come from elsewhere: they stand in a global or in a function's type. */
  readonly sharesVectors: boolean;
}

const code = (name: string): number => opcodes.get(name)!;
const ELSE = code('else');
const END = code('end');
const IF = code('if');

/** After these a new basic block begins. */
const endsBlock = tableOf('loop if else end br br_if br_table return unreachable return_call return_call_indirect');
const isCall = tableOf('call_indirect return_call_indirect');
const isDirectCall = tableOf('call return_call');
const isAssignment = tableOf('local.set local.tee');
/** Tables do not survive an execution on the Internet Computer, so it refuses to change them. */
const isUnsupported = tableOf('table.set table.grow table.fill table.copy table.init');

function tableOf(names: string): Uint8Array {
  const table = new Uint8Array(nameOf.length);
  for (const name of names.split(' ')) table[code(name)] = 1;
  return table;
}

export function decodeFunction(
  context: DecodeContext,
  into: DecodedFunction,
  index: number,
  start: number,
  end: number,
  paramCount: number,
): void {
  const cursor = { bytes: context.bytes, offset: start, end };
  into.hasVectors = context.sharesVectors;
  decodeLocals(cursor, into, paramCount);
  decodeInstructions(context, cursor, into, index);
}

function decodeLocals(cursor: Cursor, into: DecodedFunction, paramCount: number): void {
  const groupCount = readUnsigned(cursor);
  const start = cursor.offset;
  let localCount = paramCount;
  for (let i = 0; i < groupCount; i++) {
    localCount += readUnsigned(cursor);
    const type = cursor.bytes[cursor.offset++]!;
    if (!isValueType(type)) refuseInvalid(`unsupported value type ${nameOfType(type)}`, cursor.offset - 1);
    if (type === valueTypes.v128) into.hasVectors = true;
    if (localCount > hostLimits.locals) refuseInvalid('too many locals', cursor.offset);
  }
  into.localGroups = { count: groupCount, start, end: cursor.offset };
  into.localCount = localCount;
  if (into.assignments.length < localCount) into.assignments = new Int32Array(localCount * 2);
  into.assignments.fill(0, 0, localCount);
}

function decodeInstructions(context: DecodeContext, cursor: Cursor, into: DecodedFunction, index: number): void {
  const { bytes, costs, importCount } = context;
  const open: number[] = [];
  let complexity = 0;
  let blockStart = 0;
  let blockCost = functionEntryCost;
  let totalCost = 0;
  let i = 0;
  into.bodyFlags = 0;
  into.hasCalls = false;
  while (cursor.offset < cursor.end) {
    if (i >= into.opcode.length) growFor(into, index);
    const at = cursor.offset++;
    let opcode = bytes[at]!;
    if (opcode >= 0xfc) {
      opcode = decodePrefixed(cursor, opcode, at);
      if (opcode >= prefixPages[0xfd]) into.hasVectors = true;
    }
    into.opcode[i] = opcode;
    into.at[i] = at;
    if (nameOf[opcode] === '') refuseUnknown(opcode, at);
    const immediate = immediateOf[opcode]!;
    const value = immediate === 0 ? 0 : decodeImmediate(cursor, into, immediate, open);
    into.immediate[i] = value;
    blockCost += costs[opcode]!;
    complexity += complexityOf[opcode]!;
    if (opcode <= 0x13) {
      if (opcode >= 0x02 && opcode <= IF) {
        into.flags[i] = 0;
        into.innerCost[i] = -(totalCost + blockCost);
        open.push(i);
      } else if (opcode === END) {
        const opened = open.pop();
        if (opened !== undefined) into.innerCost[opened]! += totalCost + blockCost;
      } else if (opcode === ELSE) {
        into.flags[open[open.length - 1]!]! |= flags.hasElse;
      } else if (isCall[opcode] === 1 || (isDirectCall[opcode] === 1 && value >= importCount)) {
        into.hasCalls = true;
      }
      if (endsBlock[opcode] === 1) {
        into.blockCost[blockStart] = blockCost;
        totalCost += blockCost;
        blockStart = i + 1;
        blockCost = 0;
      }
    } else if (isAssignment[opcode] === 1) {
      into.assignments[value]!++;
    } else if (isUnsupported[opcode] === 1) {
      refuseUnsupported(index, opcode);
    }
    i++;
  }
  into.at[i] = cursor.offset;
  into.count = i;
  into.totalCost = totalCost;
  assertFunctionLimits(index, i, complexity);
}

function decodePrefixed(cursor: Cursor, prefix: number, at: number): number {
  const sub = readUnsigned(cursor);
  if ((prefix !== 0xfc && prefix !== 0xfd) || sub > 0xff) return refuseUnknown(prefix, at, sub);
  return prefixPages[prefix] + sub;
}

function growFor(into: DecodedFunction, index: number): void {
  // Already beyond the limit: do not take more memory only to count the rest.
  if (into.opcode.length > moduleLimits.instructionsPerFunction) assertFunctionLimits(index, into.opcode.length, 0);
  growDecodedFunction(into);
}

function refuseUnknown(opcode: number, at: number, sub?: number): never {
  const shown = sub === undefined ? opcode.toString(16) : `${opcode.toString(16)} ${sub.toString(16)}`;
  refuseInvalid(`unsupported instruction 0x${shown}`, at);
}

function refuseUnsupported(index: number, opcode: number): never {
  refuseModule(`Wasm module contains a function at index ${index} with unsupported instruction ${nameOf[opcode]}.`);
}

function assertFunctionLimits(index: number, count: number, complexity: number): void {
  const { complexityPerFunction, instructionsPerFunction } = moduleLimits;
  const advice = 'Try breaking large functions up into multiple smaller functions.';
  if (complexity > complexityPerFunction) {
    refuseModule(
      `Wasm module contains a function at index ${index} with complexity ${complexity} which exceeds the maximum complexity allowed ${complexityPerFunction}.`,
      adviceFor(advice, 'wasm-module-function-complexity-too-high'),
    );
  }
  if (count > instructionsPerFunction) {
    refuseModule(
      `Wasm module contains a function at index ${index} of size ${count} that exceeds the maximum allowed size of ${instructionsPerFunction}.`,
      adviceFor(advice, 'wasm-module-function-too-large'),
    );
  }
}
