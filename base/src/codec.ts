// Typed values as compact JSON bytes and back: equal values give equal bytes, and the shape of what is written is itself data.
// Native JSON does the heavy part, because in a canister every byte that a loop of ours touches costs hundreds of instructions.
import { ok, type Result, refuse } from './result.ts';
import { type Codec, CodecError, type Json } from './shape.ts';
import { bytesToText, textToBytesQuickly } from './utf8.ts';

/** No shape of ours nests deeper; a parser that recurses must not be led further down by a stranger. */
export const depthMax = 32;

export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  return codec.direct ? codec.direct.toBytes(value) : textToBytesQuickly(JSON.stringify(codec.toJson(value)));
}

/** For bytes that we wrote ourselves; throws `CodecError` when they are not. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  if (codec.direct) return codec.direct.fromBytes(bytes);
  const text = bytesToText(bytes);
  if (text === null) throw new CodecError('not UTF-8');
  return codec.fromJson(textToJson(text));
}

/** For bytes from outside: never throws, and does no more work than their length allows. */
export function parse<T>(codec: Codec<T>, bytes: Uint8Array): Result<T, string> {
  try {
    if (codec.direct) return ok(codec.direct.fromBytes(bytes));
    const text = bytesToText(bytes);
    if (text === null) return refuse('not UTF-8');
    if (isDeeperThan(text, depthMax)) return refuse(`nested deeper than ${depthMax}`);
    return ok(codec.fromJson(textToJson(text)));
  } catch (error) {
    if (error instanceof CodecError) return refuse(error.message);
    throw error;
  }
}

function textToJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new CodecError('not JSON');
  }
}

/** Brackets inside of strings do not count. Few brackets in all need no walk. */
function isDeeperThan(text: string, limit: number): boolean {
  if (text.split('[').length + text.split('{').length - 2 <= limit) return false;
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (isInString) {
      if (char === 0x5c) i++;
      else if (char === 0x22) isInString = false;
    } else if (char === 0x22) isInString = true;
    else if (char === 0x5b || char === 0x7b) depth++;
    else if (char === 0x5d || char === 0x7d) depth--;
    if (depth > limit) return true;
  }
  return false;
}

export {
  added,
  bytes,
  choice,
  count,
  flag,
  int,
  list,
  nat,
  optional,
  raw,
  record,
  text,
  textAs,
  tuple,
  variant,
} from './codecs.ts';
export {
  type Codec,
  CodecError,
  type FieldShape,
  type Json,
  type Shape,
  type ValueOf,
  type VariantShape,
} from './shape.ts';
