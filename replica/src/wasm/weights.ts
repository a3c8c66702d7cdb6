// What each instruction costs, and how much it adds to a function's complexity: DFINITY's published numbers
// (dfinity/ic rs/embedders/src/wasm_utils/{instrumentation,validation}.rs), as data. What is not listed is 1.

import { assert } from '@tamc/base/assert';
import { nameOf, opcodeCount } from './opcodes.ts';

/** Charged on top of a function's first block, so that even an empty function costs something. */
export const functionEntryCost = 1;

type Weights = readonly (readonly [weight: number, names: string])[];

const costs: Weights = [
  [0, 'block loop else end'],
  [2, 'if br br_if br_table global.get global.set'],
  [5, 'call ref.is_null table.get table.set'],
  [10, 'call_indirect'],
  [3, 'return_call'],
  [60, 'return_call_indirect'],
  [130, 'ref.func'],
  [10, 'i32.div_s i32.div_u i32.rem_s i32.rem_u i64.div_s i64.div_u i64.rem_s i64.rem_u'],
  [2, 'f32.add f32.sub f32.mul f32.ceil f32.floor f32.trunc f32.nearest f32.copysign'],
  [2, 'f64.add f64.sub f64.mul f64.ceil f64.floor f64.trunc f64.nearest'],
  [3, 'f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.eq f64.ne f64.lt f64.gt f64.le f64.ge'],
  [3, 'f32.div f64.copysign'],
  [5, 'f64.div f32.sqrt'],
  [8, 'f64.sqrt'],
  [18, 'f32.min f32.max f64.min f64.max'],
  [3, 'f32.convert_i32_s f32.convert_i64_s f64.convert_i32_s f64.convert_i64_s'],
  [16, 'f32.convert_i32_u f32.convert_i64_u f64.convert_i32_u f64.convert_i64_u'],
  [20, 'i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u'],
  [20, 'i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u'],
  [20, 'i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u'],
  [20, 'i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u'],
  [300, 'memory.grow table.grow data.drop elem.drop'],
  [20, 'memory.size'],
  [100, 'table.size memory.fill memory.copy memory.init table.fill table.copy table.init'],
  [3, 'i8x16.shuffle i8x16.shl i8x16.shr_s i8x16.popcnt i64x2.shr_s i32x4.extadd_pairwise_i16x8_u'],
  [2, 'i8x16.lt_u i8x16.gt_u i16x8.lt_u i16x8.gt_u i32x4.lt_u i32x4.gt_u i8x16.shr_u'],
  [2, 'i16x8.shl i16x8.shr_s i16x8.shr_u i32x4.shl i32x4.shr_s i32x4.shr_u i64x2.shl i64x2.shr_u'],
  [2, 'i32x4.mul i16x8.extmul_high_i8x16_s i16x8.extmul_high_i8x16_u i16x8.extadd_pairwise_i8x16_u'],
  [2, 'i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_u'],
  [4, 'i64x2.mul'],
  [2, 'f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest f32x4.abs f32x4.neg f32x4.add f32x4.sub f32x4.mul'],
  [2, 'f64x2.ceil f64x2.floor f64x2.trunc f64x2.nearest f64x2.abs f64x2.neg f64x2.add f64x2.sub f64x2.mul'],
  [5, 'f32x4.sqrt f64x2.max'],
  [10, 'f32x4.div'],
  [4, 'f32x4.min f32x4.max f64x2.min i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_u'],
  [12, 'f64x2.div'],
  [14, 'f64x2.sqrt'],
  [2, 'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f64x2_s_zero'],
  [3, 'i32x4.trunc_sat_f64x2_u_zero'],
];

const complexities: Weights = [
  [50, 'block loop if br br_if br_table call call_indirect memory.grow'],
  [14, 'table.get'],
  [8, 'ref.func'],
  [6, 'ref.is_null'],
  [5, 'i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u i64.extend_i32_s i64.extend_i32_u'],
  [5, 'i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u f32.demote_f64'],
  [5, 'f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u'],
  [5, 'f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u'],
  [4, 'f32.neg f32.abs f64.neg f64.abs memory.copy'],
  [3, 'f32.copysign f64.copysign f64.eq memory.fill'],
  [3, 'i32.rem_u i32.rem_s i64.rem_u i64.rem_s i32.div_u i32.div_s i64.div_u i64.div_s'],
  [3, 'i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u'],
  [3, 'i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u'],
  [3, 'i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u'],
  [3, 'i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u'],
  [2, 'global.get i32.popcnt i64.popcnt select memory.size'],
  [2, 'i32.store i32.store16 i32.store8 i64.store i64.store32 i64.store16 i64.store8 f64.store f32.store'],
  [2, 'i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u'],
  [2, 'i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u'],
  [2, 'f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.ne f64.lt f64.gt f64.le f64.ge'],
  [2, 'f32.ceil f64.ceil f32.floor f64.floor f32.sqrt f64.sqrt f32.trunc f64.trunc'],
  [2, 'i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64 i32.wrap_i64'],
  [2, 'i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s f64.promote_f32'],
];

/** Instructions charged per opcode, for a 32-bit and a 64-bit memory; loads and stores cost double in the latter. */
export const costOf: { readonly 32: Uint16Array; readonly 64: Uint16Array } = {
  32: weigh(costs),
  64: weigh([...costs, [2, nameOf.filter((name) => /\.(load|store)/.test(name)).join(' ')]]),
};

export const complexityOf: Uint16Array = weigh(complexities);

function weigh(weights: Weights): Uint16Array {
  const table = new Uint16Array(opcodeCount).fill(1);
  for (const [weight, names] of weights) {
    for (const name of names.split(' ')) {
      const opcode = nameOf.indexOf(name);
      assert(opcode >= 0, `no instruction ${name}`);
      table[opcode] = weight;
    }
  }
  return table;
}
