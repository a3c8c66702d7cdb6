// Writes Candid values quickly: the library makes an array of bytes for every field of every record, and of numbers one for every
// byte; here all of a value goes into one buffer, in the same bytes. Values were held against their types before (`covariant`).
import { IDL } from '@dfinity/candid';

interface Output {
  bytes: Uint8Array<ArrayBuffer>;
  length: number;
}

/** What a value is has been checked; each writer knows its own. */
type Write = (output: Output, value: never) => void;

interface Writable {
  encodeValue(value: unknown): Uint8Array;
}

interface Shaped extends Writable {
  readonly _fields: readonly (readonly [name: string, type: Writable])[];
  readonly _components: readonly Writable[];
  readonly _type: Writable;
  readonly _bits: number;
  getType(): Writable;
}

const writers = new WeakMap<object, Write>();

export function writerOf(type: Writable): Write {
  const known = writers.get(type);
  if (known !== undefined) return known;
  const compile = compilers.get(Object.getPrototypeOf(type)) ?? compileForeign;
  // A recursive type is looked up again when a value comes, so this ends.
  const write = compile(type as Shaped);
  writers.set(type, write);
  return write;
}

const firstBytes = 256;

function room(output: Output, count: number): void {
  if (output.length + count <= output.bytes.length) return;
  const larger = new Uint8Array(2 * output.length + count);
  larger.set(output.bytes);
  output.bytes = larger;
}

function append(output: Output, bytes: ArrayLike<number>): void {
  room(output, bytes.length);
  output.bytes.set(bytes, output.length);
  output.length += bytes.length;
}

function writeByte(output: Output, byte: number): void {
  room(output, 1);
  output.bytes[output.length++] = byte;
}

function writeLength(output: Output, length: number): void {
  room(output, 8);
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) output.bytes[output.length++] = (rest % 0x80) + 0x80;
  output.bytes[output.length++] = rest;
}

/** Beyond it a JavaScript number is not exact. */
const exactMax = BigInt(Number.MAX_SAFE_INTEGER);

function writeNat(output: Output, value: bigint | number): void {
  let rest = BigInt(value);
  for (; rest > exactMax; rest >>= 7n) writeByte(output, Number(rest & 0x7fn) + 0x80);
  writeLength(output, Number(rest));
}

function writeText(output: Output, text: string): void {
  const start = output.length;
  writeLength(output, text.length);
  if (writeAscii(output, text)) return;
  output.length = start;
  const encoded = new TextEncoder().encode(text);
  writeLength(output, encoded.length);
  append(output, encoded);
}

/** False when there is something else in it: then what was written means nothing. */
function writeAscii(output: Output, text: string): boolean {
  room(output, text.length);
  const { bytes } = output;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return false;
    bytes[output.length++] = code;
  }
  return true;
}

function writePrincipal(output: Output, principal: { toUint8Array(): Uint8Array }): void {
  const bytes = principal.toUint8Array();
  writeByte(output, 1);
  writeLength(output, bytes.length);
  append(output, bytes);
}

function compileFixed({ _bits }: Shaped): Write {
  const count = _bits / 8;
  if (_bits === 64) return (output, value: bigint | number) => writeWords(output, BigInt.asUintN(64, BigInt(value)));
  return (output, value: bigint | number) => writeSmall(output, Number(value), count);
}

function writeWords(output: Output, value: bigint): void {
  writeSmall(output, Number(value & 0xffff_ffffn), 4);
  writeSmall(output, Number(value >> 32n), 4);
}

function writeSmall(output: Output, value: number, count: number): void {
  room(output, count);
  for (let i = 0; i < count; i++) output.bytes[output.length++] = (value >> (8 * i)) & 0xff;
}

function compileRecord({ _fields }: Shaped): Write {
  const fields = _fields.map(([name, type]) => ({ name, write: writerOf(type) }));
  return (output, value: Readonly<Record<string, never>>) => {
    for (const { name, write } of fields) write(output, value[name]!);
  };
}

function compileTuple({ _components }: Shaped): Write {
  const parts = _components.map(writerOf);
  return (output, value: readonly never[]) => {
    for (let i = 0; i < parts.length; i++) parts[i]!(output, value[i]!);
  };
}

function compileVariant({ _fields }: Shaped): Write {
  const choices = new Map(_fields.map(([name, type], index) => [name, { index, write: writerOf(type) }]));
  return (output, value: Readonly<Record<string, never>>) => {
    for (const name in value) {
      const choice = choices.get(name)!;
      writeLength(output, choice.index);
      return choice.write(output, value[name]!);
    }
  };
}

function compileOptional({ _type }: Shaped): Write {
  const write = writerOf(_type);
  return (output, value: readonly never[]) => {
    writeByte(output, value.length);
    if (value.length > 0) write(output, value[0]!);
  };
}

function compileVector({ _type }: Shaped): Write {
  const write = writerOf(_type);
  const isBlob = _type instanceof IDL.FixedNatClass && _type._bits === 8;
  return (output, value: ArrayLike<never>) => {
    writeLength(output, value.length);
    if (isBlob) return append(output, value);
    for (let i = 0; i < value.length; i++) write(output, value[i]!);
  };
}

/** Types that hardly ever come: the library's own bytes. */
function compileForeign(type: Writable): Write {
  return (output, value) => append(output, type.encodeValue(value));
}

const prototypeOf = (type: object): Writable & object => Object.getPrototypeOf(type);

const wholes: readonly (readonly [object, (type: Shaped) => Write])[] = [
  [IDL.Record({ a: IDL.Null }), compileRecord],
  [IDL.Tuple(IDL.Null), compileTuple],
  [IDL.Variant({ a: IDL.Null }), compileVariant],
  [IDL.Opt(IDL.Null), compileOptional],
  [IDL.Vec(IDL.Null), compileVector],
];

const compilers = new Map<object, (type: Shaped) => Write>([
  ...wholes.map(([sample, compile]): [object, (type: Shaped) => Write] => [prototypeOf(sample), compile]),
  [prototypeOf(IDL.Null), () => () => {}],
  [prototypeOf(IDL.Reserved), () => () => {}],
  [prototypeOf(IDL.Bool), () => (output: Output, value: boolean) => writeByte(output, value ? 1 : 0)],
  [prototypeOf(IDL.Text), () => writeText],
  [prototypeOf(IDL.Nat), () => writeNat],
  [prototypeOf(IDL.Nat64), compileFixed],
  [prototypeOf(IDL.Int64), compileFixed],
  [prototypeOf(IDL.Principal), () => writePrincipal],
  [prototypeOf(IDL.Rec()), (type) => (output, value) => writerOf(type.getType())(output, value)],
]);

for (const [sample] of wholes) {
  prototypeOf(sample).encodeValue = function (this: Writable, value: unknown) {
    const output = { bytes: new Uint8Array(firstBytes), length: 0 };
    writerOf(this)(output, value as never);
    return output.bytes.slice(0, output.length);
  };
}
