// Calls and the ways out of a function: the fuel goes along as last argument and comes back as last result.

import { popFuel, pushFuel, pushFuelLeaving, spillFuel } from './fuel.ts';
import { type FunctionState, pushUnknown, scratchKinds, scratchLocal, writeIndexed } from './function-state.ts';
import { op } from './instructions.ts';
import { givenBy, opcodes, takenBy } from './opcodes.ts';
import { writeUnsigned } from './output.ts';
import { fuelledTypeIndex, helperIndex, movedFunction, typeOfFunction } from './rewrite-context.ts';
import { copyInstruction } from './rewrite-values.ts';

export function ruleReturn(state: FunctionState, index: number): void {
  pushFuelLeaving(state);
  copyInstruction(state, index);
}

export function ruleUnreachable(state: FunctionState, index: number): void {
  // After a call that never returns, the fuel has been shown where it stopped.
  const previous = index > 0 ? state.code.opcode[index - 1] : -1;
  if (previous !== op.call && previous !== op.callIndirect) spillFuel(state);
  copyInstruction(state, index);
}

function takeAndGive(state: FunctionState, type: number): void {
  const { takes, gives } = state.context.types;
  state.operands.height -= takes[type]!;
  pushUnknown(state.operands, gives[type]!);
}

function noteCall({ callees, context }: FunctionState, target: number): void {
  if (target >= context.importCount) callees.push(target - context.importCount);
}

export function ruleCall(state: FunctionState, index: number): void {
  const target = state.code.immediate[index]!;
  noteCall(state, target);
  pushFuel(state);
  writeIndexed(state.out, op.call, movedFunction(state.context, target));
  popFuel(state);
  takeAndGive(state, typeOfFunction(state.context, target));
}

export function ruleReturnCall(state: FunctionState, index: number): void {
  const target = state.code.immediate[index]!;
  noteCall(state, target);
  pushFuelLeaving(state);
  writeIndexed(state.out, opcodes.get('return_call')!, movedFunction(state.context, target));
}

export function ruleCallIndirect(state: FunctionState, index: number): void {
  writeIndirect(state, index);
  popFuel(state);
  state.operands.height--;
  takeAndGive(state, state.code.immediate[index]!);
}

/** The fuel goes between the arguments and the table index. */
export function writeIndirect(state: FunctionState, index: number): void {
  const { code, context, out } = state;
  const table = tableOf(state, index);
  state.isOpen = true;
  if (!state.fuelPushed) {
    const kept = scratchLocal(state, context.shape.tables[table]!.width === 64 ? scratchKinds.i64 : scratchKinds.i32);
    writeIndexed(out, op.localSet, kept);
    if (code.opcode[index] === op.callIndirect) pushFuel(state);
    else pushFuelLeaving(state);
    writeIndexed(out, op.localGet, kept);
  }
  state.fuelPushed = false;
  writeIndexed(out, code.opcode[index]!, fuelledTypeIndex(context.types, code.immediate[index]!));
  writeUnsigned(out, table);
}

/** The second immediate of an indirect call. */
function tableOf({ code, context }: FunctionState, index: number): number {
  let at = code.at[index]! + 1;
  while (context.bytes[at]! >= 0x80) at++;
  at++;
  let table = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = context.bytes[at++]!;
    table += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return table;
  }
}

/** Operations that take their length from the stack, and `memory.grow`, are functions of ours. */
export function ruleHelper(key: (index: number) => string): (state: FunctionState, index: number) => void {
  return (state, index) => {
    pushFuel(state);
    writeIndexed(state.out, op.call, helperIndex(state.context, key(state.code.immediate[index]!)));
    popFuel(state);
    const opcode = state.code.opcode[index]!;
    state.operands.height -= takenBy[opcode]!;
    pushUnknown(state.operands, givenBy[opcode]!);
  };
}
