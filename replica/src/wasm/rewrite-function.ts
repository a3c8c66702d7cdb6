// Rewrites one decoded function: the text in order, each instruction by its own small rule.

import type { DecodedFunction } from './decoded-function.ts';
import { checkAndShowFuel, enterBasicBlock, takeFrame } from './fuel.ts';
import { createFunctionState, type FunctionState, resetFunctionState } from './function-state.ts';
import { op } from './instructions.ts';
import { openNaN } from './not-a-number.ts';
import { opcodeCount, opcodes } from './opcodes.ts';
import { reserve } from './output.ts';
import * as call from './rewrite-calls.ts';
import type { RewriteContext } from './rewrite-context.ts';
import * as control from './rewrite-control.ts';
import * as value from './rewrite-values.ts';
import { rewriteStore, storedKind } from './stores.ts';

type Rule = (state: FunctionState, index: number) => void;

/** Rewrites one function after the other with the same state. */
export interface FunctionRewriter {
  readonly state: FunctionState;
  /** The body, without locals, in `state.out`. */
  rewrite(typeIndex: number): void;
}

export function createFunctionRewriter(context: RewriteContext, code: DecodedFunction): FunctionRewriter {
  const state = createFunctionState(context, code);
  return { state, rewrite: (typeIndex) => rewriteBody(state, typeIndex) };
}

function rewriteBody(state: FunctionState, typeIndex: number): void {
  const { code, context } = state;
  resetFunctionState(state, context.types.takes[typeIndex]!);
  control.openLabel(state, op.block, code.bodyFlags, typeIndex);
  enterBasicBlock(state, 0);
  if (code.hasCalls) {
    checkAndShowFuel(state, code.totalCost);
    takeFrame(state);
  }
  for (let index = 0; index < code.count; index++) {
    reserve(state.out, 128);
    const rule = rules[code.opcode[index]!]!;
    rule(state, index);
    if (isLeaving[code.opcode[index]!] === 1) index = skipUnreachable(state, index);
  }
}

const isLeaving = new Uint8Array(opcodeCount);
for (const name of 'br br_table return unreachable return_call return_call_indirect'.split(' ')) {
  isLeaving[opcodes.get(name)!] = 1;
}

/** Goes to the end of the block, whose text is never reached from above: it was neither charged nor run. */
function skipUnreachable(state: FunctionState, left: number): number {
  const { opcode } = state.code;
  let nested = 0;
  for (let index = left + 1; ; index++) {
    const each = opcode[index]!;
    if (each >= op.block && each <= op.if) nested++;
    else if (nested === 0 && (each === op.else || each === op.end)) {
      closeUnreached(state, index);
      return index;
    } else if (each === op.end) nested--;
  }
}

function closeUnreached(state: FunctionState, index: number): void {
  reserve(state.out, 128);
  if (state.code.opcode[index] === op.else) control.beginElse(state, index);
  else control.closeLabel(state, index, false);
}

const rules: Rule[] = Array.from({ length: opcodeCount }, () => value.ruleCopy);
for (const [opcode, kind] of openNaN.entries()) if (kind > 0) rules[opcode] = value.ruleOpenNaN;
for (const [opcode, kind] of storedKind.entries()) if (kind > 0) rules[opcode] = rewriteStore;
for (const [name, opcode] of opcodes) if (/\.load/.test(name)) rules[opcode] = value.ruleLoad;

const namedRules: readonly (readonly [string, Rule])[] = [
  ['i32.const i64.const', value.ruleConstant],
  ['f32.const f64.const v128.const', value.ruleOtherConstant],
  ['local.get', value.ruleLocalGet],
  ['local.set', value.ruleLocalSet],
  ['local.tee', value.ruleLocalTee],
  ['global.get', value.ruleGlobalGet],
  ['global.set', value.ruleGlobalSet],
  ['i32.add i64.add', value.ruleAdd],
  ['block', control.ruleBlock],
  ['loop', control.ruleLoop],
  ['if', control.ruleIf],
  ['else', control.ruleElse],
  ['end', control.ruleEnd],
  ['br', control.ruleBr],
  ['br_if', control.ruleBrIf],
  ['br_table', control.ruleBrTable],
  ['return', call.ruleReturn],
  ['unreachable', call.ruleUnreachable],
  ['call', call.ruleCall],
  ['return_call', call.ruleReturnCall],
  ['call_indirect', call.ruleCallIndirect],
  ['return_call_indirect', call.writeIndirect],
  ['memory.size', value.ruleMemorySize],
  ['memory.grow', call.ruleHelper(() => 'grow')],
  ['memory.fill', call.ruleHelper(() => 'fill')],
  ['memory.copy', call.ruleHelper(() => 'copy')],
  ['memory.init', call.ruleHelper((segment) => `init ${segment}`)],
  ['data.drop', value.ruleDataDrop],
  ['elem.drop', value.ruleNothing],
  ['ref.func', value.ruleRefFunc],
];
for (const [names, rule] of namedRules) for (const name of names.split(' ')) rules[opcodes.get(name)!] = rule;
