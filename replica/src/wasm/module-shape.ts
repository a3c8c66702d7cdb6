// A parsed module: what each section says, with function bodies and data left in place as ranges of its bytes.

import type { FunctionType } from './value-types.ts';

export interface ModuleShape {
  readonly bytes: Uint8Array;
  readonly types: FunctionType[];
  readonly imports: ImportEntry[];
  /** Type index of each defined function. */
  readonly functions: number[];
  readonly tables: TableEntry[];
  readonly memories: MemoryEntry[];
  readonly globals: GlobalEntry[];
  readonly exports: ExportEntry[];
  start: number | null;
  readonly elements: ElementEntry[];
  dataCount: number | null;
  readonly bodies: Range[];
  /** Length of the code section without its count. */
  codeBytes: number;
  readonly data: DataEntry[];
  readonly customSections: { readonly name: string; readonly content: Range }[];
}

/** Offsets in `ModuleShape.bytes`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export type ExternalKind = 'function' | 'table' | 'memory' | 'global' | 'tag';

export interface ImportEntry {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
  /** Only for functions. */
  readonly typeIndex: number;
}

export interface TableEntry {
  readonly referenceType: number;
  readonly width: 32 | 64;
  readonly initial: number;
  /** As it stands in the section. */
  readonly encoded: Range;
}

export interface MemoryEntry {
  readonly width: 32 | 64;
  readonly initial: number;
  readonly maximum: number | null;
}

export interface GlobalEntry {
  readonly type: number;
  readonly isMutable: boolean;
  readonly initial: Constant;
}

export interface ExportEntry {
  readonly name: string;
  readonly kind: ExternalKind;
  readonly index: number;
}

/** A constant expression: one instruction. */
export type Constant =
  | { readonly kind: 'i32' | 'i64'; readonly value: bigint; readonly encoded: Range }
  | { readonly kind: 'f32' | 'f64' | 'v128'; readonly bits: Uint8Array; readonly encoded: Range }
  | { readonly kind: 'null'; readonly encoded: Range }
  | { readonly kind: 'function'; readonly index: number; readonly encoded: Range };

export interface ElementEntry {
  readonly mode: 'active' | 'passive' | 'declarative';
  readonly table: number;
  readonly offset: Constant | null;
  readonly referenceType: number;
  /** Function index, -1 for null. */
  readonly items: Int32Array;
}

export interface DataEntry {
  /** Null for a passive segment. */
  readonly offset: Constant | null;
  readonly content: Range;
}
