// Every instruction a canister may contain: name, immediate operands, and how many values it takes and gives.
// An opcode that is not listed is refused (atomics, exceptions, GC, typed references, relaxed SIMD).

/** What follows the opcode. `memarg` = alignment and offset, `lane` = one byte. */
export const immediates = [
  'none',
  'block',
  'label',
  'labels',
  'function',
  'typeTable',
  'local',
  'global',
  'table',
  'memarg',
  'memargLane',
  'memoryByte',
  'memoryBytes',
  'i32',
  'i64',
  'bytes4',
  'bytes8',
  'bytes16',
  'lane',
  'data',
  'dataMemory',
  'element',
  'elementTable',
  'tableTable',
  'referenceType',
  'selectTypes',
] as const;
export type Immediate = (typeof immediates)[number];

/** Codes behind a prefix byte: 0xfc nn is 0x100 + nn, 0xfd nn is 0x200 + nn. */
export const prefixPages = { 252: 0x100, 253: 0x200 } as const;
export const opcodeCount = 0x300;

interface Row {
  readonly first: number;
  readonly immediate: Immediate;
  /** Values taken and given; calls and control are counted by type instead. */
  readonly takes: number;
  readonly gives: number;
  /** Names of consecutive opcodes; `-` leaves one out. */
  readonly names: string;
}

function row(first: number, immediate: Immediate, takes: number, gives: number, names: string): Row {
  return { first, immediate, takes, gives, names };
}

const control: Row[] = [
  row(0x00, 'none', 0, 0, 'unreachable nop'),
  row(0x02, 'block', 0, 0, 'block loop'),
  row(0x04, 'block', 1, 0, 'if'),
  row(0x05, 'none', 0, 0, 'else'),
  row(0x0b, 'none', 0, 0, 'end'),
  row(0x0c, 'label', 0, 0, 'br'),
  row(0x0d, 'label', 1, 0, 'br_if'),
  row(0x0e, 'labels', 1, 0, 'br_table'),
  row(0x0f, 'none', 0, 0, 'return'),
  row(0x10, 'function', 0, 0, 'call'),
  row(0x11, 'typeTable', 1, 0, 'call_indirect'),
  row(0x12, 'function', 0, 0, 'return_call'),
  row(0x13, 'typeTable', 1, 0, 'return_call_indirect'),
];

const variables: Row[] = [
  row(0x1a, 'none', 1, 0, 'drop'),
  row(0x1b, 'none', 3, 1, 'select'),
  row(0x1c, 'selectTypes', 3, 1, 'select_typed'),
  row(0x20, 'local', 0, 1, 'local.get'),
  row(0x21, 'local', 1, 0, 'local.set'),
  row(0x22, 'local', 1, 1, 'local.tee'),
  row(0x23, 'global', 0, 1, 'global.get'),
  row(0x24, 'global', 1, 0, 'global.set'),
  row(0x25, 'table', 1, 1, 'table.get'),
  row(0x26, 'table', 2, 0, 'table.set'),
  row(0x41, 'i32', 0, 1, 'i32.const'),
  row(0x42, 'i64', 0, 1, 'i64.const'),
  row(0x43, 'bytes4', 0, 1, 'f32.const'),
  row(0x44, 'bytes8', 0, 1, 'f64.const'),
  row(0xd0, 'referenceType', 0, 1, 'ref.null'),
  row(0xd1, 'none', 1, 1, 'ref.is_null'),
  row(0xd2, 'function', 0, 1, 'ref.func'),
];

const memory: Row[] = [
  row(0x28, 'memarg', 1, 1, 'i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u'),
  row(0x30, 'memarg', 1, 1, 'i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u'),
  row(0x36, 'memarg', 2, 0, 'i32.store i64.store f32.store f64.store i32.store8 i32.store16 i64.store8 i64.store16'),
  row(0x3e, 'memarg', 2, 0, 'i64.store32'),
  row(0x3f, 'memoryByte', 0, 1, 'memory.size'),
  row(0x40, 'memoryByte', 1, 1, 'memory.grow'),
  row(0x108, 'dataMemory', 3, 0, 'memory.init'),
  row(0x109, 'data', 0, 0, 'data.drop'),
  row(0x10a, 'memoryBytes', 3, 0, 'memory.copy'),
  row(0x10b, 'memoryByte', 3, 0, 'memory.fill'),
  row(0x10c, 'elementTable', 3, 0, 'table.init'),
  row(0x10d, 'element', 0, 0, 'elem.drop'),
  row(0x10e, 'tableTable', 3, 0, 'table.copy'),
  row(0x10f, 'table', 2, 1, 'table.grow'),
  row(0x110, 'table', 0, 1, 'table.size'),
  row(0x111, 'table', 3, 0, 'table.fill'),
];

const arithmetic: Row[] = [
  row(0x45, 'none', 1, 1, 'i32.eqz'),
  row(0x46, 'none', 2, 1, 'i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u'),
  row(0x50, 'none', 1, 1, 'i64.eqz'),
  row(0x51, 'none', 2, 1, 'i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u'),
  row(0x5b, 'none', 2, 1, 'f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.eq f64.ne f64.lt f64.gt f64.le f64.ge'),
  row(0x67, 'none', 1, 1, 'i32.clz i32.ctz i32.popcnt'),
  row(0x6a, 'none', 2, 1, 'i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u i32.and i32.or i32.xor'),
  row(0x74, 'none', 2, 1, 'i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr'),
  row(0x79, 'none', 1, 1, 'i64.clz i64.ctz i64.popcnt'),
  row(0x7c, 'none', 2, 1, 'i64.add i64.sub i64.mul i64.div_s i64.div_u i64.rem_s i64.rem_u i64.and i64.or i64.xor'),
  row(0x86, 'none', 2, 1, 'i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr'),
  row(0x8b, 'none', 1, 1, 'f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt'),
  row(0x92, 'none', 2, 1, 'f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign'),
  row(0x99, 'none', 1, 1, 'f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt'),
  row(0xa0, 'none', 2, 1, 'f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign'),
  row(0xa7, 'none', 1, 1, 'i32.wrap_i64 i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u'),
  row(0xac, 'none', 1, 1, 'i64.extend_i32_s i64.extend_i32_u i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s'),
  row(0xb1, 'none', 1, 1, 'i64.trunc_f64_u f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u'),
  row(0xb6, 'none', 1, 1, 'f32.demote_f64 f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u'),
  row(0xbb, 'none', 1, 1, 'f64.promote_f32 i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32'),
  row(
    0xbf,
    'none',
    1,
    1,
    'f64.reinterpret_i64 i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s',
  ),
  row(0x100, 'none', 1, 1, 'i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u'),
  row(0x104, 'none', 1, 1, 'i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u'),
];

const vectorMemory: Row[] = [
  row(0x200, 'memarg', 1, 1, 'v128.load v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u'),
  row(0x205, 'memarg', 1, 1, 'v128.load32x2_s v128.load32x2_u v128.load8_splat v128.load16_splat v128.load32_splat'),
  row(0x20a, 'memarg', 1, 1, 'v128.load64_splat'),
  row(0x20b, 'memarg', 2, 0, 'v128.store'),
  row(0x20c, 'bytes16', 0, 1, 'v128.const'),
  row(0x20d, 'bytes16', 2, 1, 'i8x16.shuffle'),
  row(0x254, 'memargLane', 2, 1, 'v128.load8_lane v128.load16_lane v128.load32_lane v128.load64_lane'),
  row(0x258, 'memargLane', 2, 0, 'v128.store8_lane v128.store16_lane v128.store32_lane v128.store64_lane'),
  row(0x25c, 'memarg', 1, 1, 'v128.load32_zero v128.load64_zero'),
];

const lanes: Row[] = [
  row(0x20e, 'none', 2, 1, 'i8x16.swizzle'),
  row(0x20f, 'none', 1, 1, 'i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat'),
  row(0x215, 'lane', 1, 1, 'i8x16.extract_lane_s i8x16.extract_lane_u'),
  row(0x217, 'lane', 2, 1, 'i8x16.replace_lane'),
  row(0x218, 'lane', 1, 1, 'i16x8.extract_lane_s i16x8.extract_lane_u'),
  row(0x21a, 'lane', 2, 1, 'i16x8.replace_lane'),
  row(0x21b, 'lane', 1, 1, 'i32x4.extract_lane'),
  row(0x21c, 'lane', 2, 1, 'i32x4.replace_lane'),
  row(0x21d, 'lane', 1, 1, 'i64x2.extract_lane'),
  row(0x21e, 'lane', 2, 1, 'i64x2.replace_lane'),
  row(0x21f, 'lane', 1, 1, 'f32x4.extract_lane'),
  row(0x220, 'lane', 2, 1, 'f32x4.replace_lane'),
  row(0x221, 'lane', 1, 1, 'f64x2.extract_lane'),
  row(0x222, 'lane', 2, 1, 'f64x2.replace_lane'),
];

const vectorCompare: Row[] = [
  row(0x223, 'none', 2, 1, 'i8x16.eq i8x16.ne i8x16.lt_s i8x16.lt_u i8x16.gt_s i8x16.gt_u i8x16.le_s i8x16.le_u'),
  row(0x22b, 'none', 2, 1, 'i8x16.ge_s i8x16.ge_u i16x8.eq i16x8.ne i16x8.lt_s i16x8.lt_u i16x8.gt_s i16x8.gt_u'),
  row(0x233, 'none', 2, 1, 'i16x8.le_s i16x8.le_u i16x8.ge_s i16x8.ge_u i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u'),
  row(0x23b, 'none', 2, 1, 'i32x4.gt_s i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u'),
  row(0x241, 'none', 2, 1, 'f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge'),
  row(0x247, 'none', 2, 1, 'f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge'),
  row(0x24d, 'none', 1, 1, 'v128.not'),
  row(0x24e, 'none', 2, 1, 'v128.and v128.andnot v128.or v128.xor'),
  row(0x252, 'none', 3, 1, 'v128.bitselect'),
  row(0x253, 'none', 1, 1, 'v128.any_true'),
];

const vectorSmall: Row[] = [
  row(0x25e, 'none', 1, 1, 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4'),
  row(0x260, 'none', 1, 1, 'i8x16.abs i8x16.neg i8x16.popcnt i8x16.all_true i8x16.bitmask'),
  row(0x265, 'none', 2, 1, 'i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u'),
  row(0x267, 'none', 1, 1, 'f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest'),
  row(0x26b, 'none', 2, 1, 'i8x16.shl i8x16.shr_s i8x16.shr_u i8x16.add i8x16.add_sat_s i8x16.add_sat_u i8x16.sub'),
  row(0x272, 'none', 2, 1, 'i8x16.sub_sat_s i8x16.sub_sat_u'),
  row(0x274, 'none', 1, 1, 'f64x2.ceil f64x2.floor'),
  row(0x276, 'none', 2, 1, 'i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u'),
  row(0x27a, 'none', 1, 1, 'f64x2.trunc'),
  row(0x27b, 'none', 2, 1, 'i8x16.avgr_u'),
  row(0x27c, 'none', 1, 1, 'i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u'),
  row(0x27e, 'none', 1, 1, 'i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u i16x8.abs i16x8.neg'),
  row(0x282, 'none', 2, 1, 'i16x8.q15mulr_sat_s'),
  row(0x283, 'none', 1, 1, 'i16x8.all_true i16x8.bitmask'),
  row(0x285, 'none', 2, 1, 'i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u'),
  row(0x287, 'none', 1, 1, 'i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s'),
  row(0x289, 'none', 1, 1, 'i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u'),
  row(0x28b, 'none', 2, 1, 'i16x8.shl i16x8.shr_s i16x8.shr_u i16x8.add i16x8.add_sat_s i16x8.add_sat_u i16x8.sub'),
  row(0x292, 'none', 2, 1, 'i16x8.sub_sat_s i16x8.sub_sat_u'),
  row(0x294, 'none', 1, 1, 'f64x2.nearest'),
  row(0x295, 'none', 2, 1, 'i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u - i16x8.avgr_u'),
  row(0x29c, 'none', 2, 1, 'i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s'),
  row(0x29e, 'none', 2, 1, 'i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u'),
];

const vectorLarge: Row[] = [
  row(0x2a0, 'none', 1, 1, 'i32x4.abs i32x4.neg - i32x4.all_true i32x4.bitmask'),
  row(0x2a7, 'none', 1, 1, 'i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s'),
  row(0x2a9, 'none', 1, 1, 'i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u'),
  row(0x2ab, 'none', 2, 1, 'i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add - - i32x4.sub - - - i32x4.mul i32x4.min_s'),
  row(0x2b7, 'none', 2, 1, 'i32x4.min_u i32x4.max_s i32x4.max_u i32x4.dot_i16x8_s'),
  row(0x2bc, 'none', 2, 1, 'i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s'),
  row(0x2be, 'none', 2, 1, 'i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_u'),
  row(0x2c0, 'none', 1, 1, 'i64x2.abs i64x2.neg - i64x2.all_true i64x2.bitmask'),
  row(0x2c7, 'none', 1, 1, 'i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s'),
  row(0x2c9, 'none', 1, 1, 'i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u'),
  row(0x2cb, 'none', 2, 1, 'i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add - - i64x2.sub - - - i64x2.mul'),
  row(0x2d6, 'none', 2, 1, 'i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s'),
  row(0x2dc, 'none', 2, 1, 'i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s'),
  row(0x2de, 'none', 2, 1, 'i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u'),
  row(0x2e0, 'none', 1, 1, 'f32x4.abs f32x4.neg - f32x4.sqrt'),
  row(0x2e4, 'none', 2, 1, 'f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax'),
  row(0x2ec, 'none', 1, 1, 'f64x2.abs f64x2.neg - f64x2.sqrt'),
  row(0x2f0, 'none', 2, 1, 'f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax'),
  row(0x2f8, 'none', 1, 1, 'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s'),
  row(0x2fb, 'none', 1, 1, 'f32x4.convert_i32x4_u i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero'),
  row(0x2fe, 'none', 1, 1, 'f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u'),
];

const allRows = [
  ...control,
  ...variables,
  ...memory,
  ...arithmetic,
  ...vectorMemory,
  ...lanes,
  ...vectorCompare,
  ...vectorSmall,
  ...vectorLarge,
];

/** Empty for an opcode that is refused. */
export const nameOf: readonly string[] = allRows.reduce<string[]>(
  (names, { first, names: list }) => {
    for (const [index, name] of list.split(' ').entries()) if (name !== '-') names[first + index] = name;
    return names;
  },
  Array.from({ length: opcodeCount }, () => ''),
);

/** Index into `immediates`. */
export const immediateOf: Uint8Array = spread(({ immediate }) => immediates.indexOf(immediate));
export const takenBy: Uint8Array = spread(({ takes }) => takes);
export const givenBy: Uint8Array = spread(({ gives }) => gives);

/** Opcode numbers by name, for code that generates instructions. */
export const opcodes: ReadonlyMap<string, number> = new Map(
  nameOf.flatMap((name, code): [string, number][] => (name === '' ? [] : [[name, code]])),
);

function spread(columnOf: (entry: Row) => number): Uint8Array {
  const table = new Uint8Array(opcodeCount);
  for (const entry of allRows) {
    for (const index of entry.names.split(' ').keys()) table[entry.first + index] = columnOf(entry);
  }
  return table;
}
