// What a codec is, and the description of what it writes: plain data, kept beside stored bytes and compared when code is replaced.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type Shape =
  | 'nat'
  | 'int'
  | 'count'
  | 'text'
  | 'flag'
  | 'bytes'
  | 'raw'
  | { readonly choice: readonly string[] }
  | { readonly optional: Shape }
  /** Bytes in which a value of this shape is written. */
  | { readonly encoded: Shape }
  | { readonly list: Shape }
  | { readonly tuple: readonly Shape[] }
  | { readonly record: readonly FieldShape[] }
  | { readonly variant: readonly VariantShape[] };

export interface FieldShape {
  readonly name: string;
  readonly shape: Shape;
  /** It came later than the first bytes and has a default for them. */
  readonly isAdded: boolean;
}

export interface VariantShape {
  readonly kind: string;
  readonly shape: Shape;
}

export interface Codec<T> {
  toJson(value: T): Json;
  /** Throws `CodecError` when the JSON has another shape. */
  fromJson(json: Json): T;
  readonly shape: Shape;
  /** Set where a value is bytes already: then no JSON is made of it. */
  readonly direct?: { toBytes(value: T): Uint8Array; fromBytes(bytes: Uint8Array): T };
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never;

export class CodecError extends Error {
  override readonly name = 'CodecError';
}
