// A small assembler for the functions we add: instructions as an array, numbers in their shortest form.

import { opcodeOf } from './instructions.ts';
import { createOutput, outputBytes, reserve, writeByte, writeSigned, writeUnsigned } from './output.ts';

/** Name of an instruction, and its immediates: `['i32.const', -1]`, `['local.get', 0]`, `['call', 7]`. */
export type Instruction = readonly [name: string, ...immediates: number[]];

/** Constants and block types are signed, everything else is unsigned. */
const signedNames: ReadonlySet<string> = new Set(['i32.const', 'i64.const', 'block', 'loop', 'if']);

/** A function body with its length in front, as it stands in the code section. */
export function assembleFunction(locals: readonly number[], instructions: readonly Instruction[]): Uint8Array {
  const body = createOutput(256);
  writeUnsigned(body, locals.length);
  for (const type of locals) {
    writeByte(body, 1);
    writeByte(body, type);
  }
  for (const instruction of instructions) assembleInstruction(body, instruction);
  writeByte(body, 0x0b);
  const framed = createOutput(body.length + 5);
  writeUnsigned(framed, body.length);
  framed.bytes.set(body.bytes.subarray(0, body.length), framed.length);
  framed.length += body.length;
  return outputBytes(framed);
}

function assembleInstruction(body: ReturnType<typeof createOutput>, [name, ...immediates]: Instruction): void {
  reserve(body, 32 + 10 * immediates.length);
  const opcode = opcodeOf(name);
  if (opcode >= 0x100) writeByte(body, opcode >= 0x200 ? 0xfd : 0xfc);
  if (opcode >= 0x200) writeUnsigned(body, opcode - 0x200);
  else writeByte(body, opcode & 0xff);
  for (const immediate of immediates) {
    if (signedNames.has(name)) writeSigned(body, immediate);
    else writeUnsigned(body, immediate);
  }
}
