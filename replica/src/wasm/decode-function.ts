// Decodes one function body into flat arrays, once, so that rewriting can look ahead. V8 has found the module valid by
// then; what is still refused here are instructions the Internet Computer does not have, and functions beyond its limits.

import { hostLimits, moduleLimits } from './limits.ts';
import { immediateOf, immediates, nameOf, opcodes, prefixPages } from './opcodes.ts';
import { adviceFor, refuseInvalid, refuseModule } from './refusal.ts';
import { isValueType, nameOfType, valueTypes } from './value-types.ts';
import { complexityOf, functionEntryCost } from './weights.ts';

/** The arrays are reused from function to function and grow as needed. */
export interface DecodedFunction {
  /** Instructions, the final `end` included. */
  count: number;
  opcode: Uint16Array;
  /** Where the instruction begins; one entry more than instructions. */
  at: Int32Array;
  /** First immediate: index, label, block type (-64 empty, other negatives a value type), or 0. */
  immediate: Int32Array;
  /** Where a basic block begins: what all of it costs. Only valid at such places. */
  blockCost: Int32Array;
  /** Only for block, loop, if: what all the text inside costs. */
  innerCost: Int32Array;
  /** Only for block, loop, if: see `flags`. */
  flags: Uint8Array;
  /** How often each local is assigned in the text of the function. */
  assignments: Int32Array;
  localCount: number;
  /** The declarations of locals as they stand, without their count. */
  localGroups: { count: number; start: number; end: number };
  /** What all the text of the function costs. */
  totalCost: number;
  /** Flags of the function's own label. */
  bodyFlags: number;
  /** Whether it calls another defined function, directly or through a table. */
  hasCalls: boolean;
}

export const flags = { isTarget: 1, isTableTarget: 2, hasElse: 4 } as const;

export interface DecodeContext {
  readonly bytes: Uint8Array;
  readonly costs: Uint16Array;
  readonly importCount: number;
}

export function createDecodedFunction(): DecodedFunction {
  return {
    count: 0,
    opcode: new Uint16Array(4096),
    at: new Int32Array(4097),
    immediate: new Int32Array(4096),
    blockCost: new Int32Array(4097),
    innerCost: new Int32Array(4096),
    flags: new Uint8Array(4096),
    assignments: new Int32Array(1024),
    localCount: 0,
    localGroups: { count: 0, start: 0, end: 0 },
    totalCost: 0,
    bodyFlags: 0,
    hasCalls: false,
  };
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
  decodeLocals(cursor, into, paramCount);
  decodeInstructions(context, cursor, into, index);
}

interface Cursor {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;
}

function decodeLocals(cursor: Cursor, into: DecodedFunction, paramCount: number): void {
  const groupCount = readUnsigned(cursor);
  const start = cursor.offset;
  let localCount = paramCount;
  for (let i = 0; i < groupCount; i++) {
    localCount += readUnsigned(cursor);
    const type = cursor.bytes[cursor.offset++]!;
    if (!isValueType(type)) refuseInvalid(`unsupported value type ${nameOfType(type)}`, cursor.offset - 1);
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
    if (i >= into.opcode.length) growArrays(into, index);
    const at = cursor.offset++;
    let opcode = bytes[at]!;
    if (opcode >= 0xfc) opcode = decodePrefixed(cursor, opcode, at);
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

const kind = (name: (typeof immediates)[number]): number => immediates.indexOf(name);
const LABEL = kind('label');
const LABELS = kind('labels');
const BLOCK = kind('block');
const MEMARG = kind('memarg');
const MEMARG_LANE = kind('memargLane');
const TYPE_TABLE = kind('typeTable');
const I32 = kind('i32');
const I64 = kind('i64');
const BYTES4 = kind('bytes4');
const BYTES8 = kind('bytes8');
const BYTES16 = kind('bytes16');
const LANE = kind('lane');
const DATA_MEMORY = kind('dataMemory');
const MEMORY_BYTES = kind('memoryBytes');
const REFERENCE_TYPE = kind('referenceType');
const SELECT_TYPES = kind('selectTypes');

function decodeImmediate(cursor: Cursor, into: DecodedFunction, immediate: number, open: number[]): number {
  switch (immediate) {
    case LABEL:
      return decodeLabel(cursor, into, open, flags.isTarget);
    case LABELS:
      return decodeLabels(cursor, into, open);
    case BLOCK:
      return decodeBlockType(cursor);
    case MEMARG:
      return decodeMemarg(cursor);
    case MEMARG_LANE:
      decodeMemarg(cursor);
      cursor.offset++;
      return 0;
    case I32:
      return decodeInt32(cursor);
    case I64:
      return decodeInt64(cursor);
    case BYTES4:
      return skip(cursor, 4);
    case BYTES8:
      return skip(cursor, 8);
    case BYTES16:
      return skip(cursor, 16);
    case LANE:
      return skip(cursor, 1);
    case TYPE_TABLE:
    case DATA_MEMORY:
    case MEMORY_BYTES: {
      const first = readUnsigned(cursor);
      readUnsigned(cursor);
      return first;
    }
    case REFERENCE_TYPE:
      return decodeReferenceType(cursor);
    case SELECT_TYPES:
      return decodeSelectTypes(cursor);
    default:
      return readUnsigned(cursor);
  }
}

function skip(cursor: Cursor, length: number): number {
  cursor.offset += length;
  return 0;
}

function decodeLabel(cursor: Cursor, into: DecodedFunction, open: readonly number[], flag: number): number {
  const depth = readUnsigned(cursor);
  if (depth === open.length) into.bodyFlags |= flag;
  else into.flags[open[open.length - 1 - depth]!]! |= flag;
  return depth;
}

/** Gives the number of labels before the default one. */
function decodeLabels(cursor: Cursor, into: DecodedFunction, open: readonly number[]): number {
  const count = readUnsigned(cursor);
  for (let i = 0; i <= count; i++) decodeLabel(cursor, into, open, flags.isTarget | flags.isTableTarget);
  return count;
}

function decodeBlockType(cursor: Cursor): number {
  const first = cursor.bytes[cursor.offset]!;
  if (first === 0x40 || isValueType(first)) {
    cursor.offset++;
    return first - 0x80;
  }
  if ((first & 0xc0) === 0x40) refuseInvalid(`unsupported block type 0x${first.toString(16)}`, cursor.offset);
  return readUnsigned(cursor);
}

/** The offset is read again when it is rewritten: it may need more than 32 bits. */
function decodeMemarg(cursor: Cursor): number {
  const alignment = readUnsigned(cursor);
  if (alignment >= 64) refuseInvalid('multiple memories', cursor.offset);
  while (cursor.bytes[cursor.offset]! >= 0x80) cursor.offset++;
  cursor.offset++;
  return 0;
}

function decodeReferenceType(cursor: Cursor): number {
  const type = cursor.bytes[cursor.offset++]!;
  if (type !== valueTypes.funcref && type !== valueTypes.externref) {
    refuseInvalid(`unsupported reference type 0x${type.toString(16)}`, cursor.offset - 1);
  }
  return type;
}

function decodeSelectTypes(cursor: Cursor): number {
  for (let left = readUnsigned(cursor); left > 0; left--) {
    const type = cursor.bytes[cursor.offset++]!;
    if (!isValueType(type)) refuseInvalid(`unsupported value type 0x${type.toString(16)}`, cursor.offset - 1);
  }
  return 0;
}

function decodeInt32(cursor: Cursor): number {
  const { bytes } = cursor;
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[cursor.offset++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return shift < 25 ? (value << (25 - shift)) >> (25 - shift) : value | 0;
  }
}

/** A constant of more than four bytes is given as 0: nobody asks for its value. */
function decodeInt64(cursor: Cursor): number {
  const start = cursor.offset;
  while (cursor.bytes[cursor.offset]! >= 0x80) cursor.offset++;
  cursor.offset++;
  if (cursor.offset - start > 4) return 0;
  cursor.offset = start;
  return decodeInt32(cursor);
}

function readUnsigned(cursor: Cursor): number {
  const { bytes } = cursor;
  let byte = bytes[cursor.offset++]!;
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  for (let shift = 7; ; shift += 7) {
    byte = bytes[cursor.offset++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80 || shift >= 28) return value >>> 0;
  }
}

function growArrays(into: DecodedFunction, index: number): void {
  // Already beyond the limit: do not take more memory only to count the rest.
  if (into.opcode.length > moduleLimits.instructionsPerFunction) assertFunctionLimits(index, into.opcode.length, 0);
  const size = into.opcode.length * 2;
  into.opcode = copyInto(new Uint16Array(size), into.opcode);
  into.at = copyInto(new Int32Array(size + 1), into.at);
  into.immediate = copyInto(new Int32Array(size), into.immediate);
  into.blockCost = copyInto(new Int32Array(size + 1), into.blockCost);
  into.innerCost = copyInto(new Int32Array(size), into.innerCost);
  into.flags = copyInto(new Uint8Array(size), into.flags);
}

function copyInto<T extends Uint8Array | Uint16Array | Int32Array>(target: T, source: T): T {
  target.set(source);
  return target;
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
