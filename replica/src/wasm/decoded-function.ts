// One function body as flat arrays: what decoding finds out and rewriting looks at.

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
  /** Whether vectors may stand in its locals or on its operand stack. */
  hasVectors: boolean;
}

export const flags = { isTarget: 1, isTableTarget: 2, hasElse: 4 } as const;

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
    hasVectors: false,
  };
}

export function growDecodedFunction(into: DecodedFunction): void {
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
