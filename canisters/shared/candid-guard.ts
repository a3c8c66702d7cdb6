// Bounds what decoding costs, for every message and reply that the library reads in a canister: the table of types is checked before
// it is built, and values, numbers and lengths while they are read. What is refused throws, so the message traps and changes nothing.
import { IDL, PipeArrayBuffer } from '@dfinity/candid';
import { assertBoundedCandid, refuseCandid } from './candid-bounds.ts';

/**
 * Values of one message that need not take a byte, and elements of its vectors. The fullest messages of ours hold some hundreds; one
 * costs up to thirty thousand instructions, so all that fits stays near a hundred million.
 */
const valuesMax = 5_000;
/** A value that no method asked for is read only to be passed over, and an optional one perhaps repeatedly: 500 of them at most. */
const unaskedWeight = 10;
/** An attempt to read an optional value may be repeated, so bytes count too, but little: two megabytes are 2,048 of them. */
const bytesOfValue = 1024;
/** 280 bits: more than any amount, and more than the 256 of other chains. Longer ones take time as the square of their length. */
const numberBytesMax = 40;
const lengthBytesMax = 10;
const principalBytesMax = 29;

/** The library's reader: what is left of the message. */
interface Pipe {
  _view: Uint8Array;
  isBounded?: boolean;
  read(length: number): Uint8Array;
}

interface Wire {
  readonly _type?: unknown;
}

interface Decoder extends Wire {
  decodeValue(pipe: Pipe, type: Wire): unknown;
}

const magicBytes = 4;
let valuesLeft = 0;
let checkLength: (bytes: number) => void = () => {};

/** `check` throws when a message is too long to be decoded at all. */
export function checkLengths(check: (bytes: number) => void): void {
  checkLength = check;
}

/** Once refused, always refused: an optional value that fails is tried anew, and must fail again at once. */
function spend(values: number): void {
  valuesLeft -= values;
  if (valuesLeft < 0)
    refuseCandid(
      `it holds more than ${valuesMax} values, or more than ${valuesMax / unaskedWeight} that nobody asked for`,
    );
}

/** Where the number at the front ends, or the message. */
function numberEnd(view: Uint8Array, bytesMax: number, from = 0): number {
  const end = Math.min(view.length, from + bytesMax);
  for (let at = from; at < end; at++) if ((view[at] ?? 0) < 0x80) return at + 1;
  if (end < view.length) refuseCandid(`a number has more than ${bytesMax} bytes`);
  return end;
}

/** The length at the front, never more than the bytes that follow it. */
function lengthOf(view: Uint8Array): number {
  const end = numberEnd(view, lengthBytesMax);
  let length = 0;
  for (let at = end - 1; at >= 0; at--) length = length * 128 + ((view[at] ?? 0) & 0x7f);
  if (length > view.length - end)
    refuseCandid(`a length of ${length} is more than the ${view.length - end} bytes left`);
  return length;
}

function guardReader(prototype: Pipe): void {
  const read = prototype.read;
  prototype.read = function (this: Pipe, length: number) {
    // The first that decoding reads of any message is its magic word.
    if (length === magicBytes && this.isBounded !== true && this._view.byteOffset === 0) {
      this.isBounded = true;
      checkLength(this._view.length);
      valuesLeft = valuesMax;
      if (this._view.length >= magicBytes) assertBoundedCandid(this._view);
    }
    return read.call(this, length);
  };
  const buffer = Object.getOwnPropertyDescriptor(prototype, 'buffer')?.get;
  if (buffer === undefined) return;
  Object.defineProperty(prototype, 'buffer', {
    configurable: true,
    // Reading a signed number looks at a copy of all that is left; what it looks for is the number alone.
    get(this: Pipe) {
      return this.isBounded === true ? this._view.slice(0, numberEnd(this._view, numberBytesMax)) : buffer.call(this);
    },
  });
}

type Check = (view: Uint8Array, decoder: Decoder, weight: number) => void;

function guard(sample: object, check: Check): void {
  const prototype: Decoder = Object.getPrototypeOf(sample);
  const decodeValue = prototype.decodeValue;
  prototype.decodeValue = function (this: Decoder, pipe: Pipe, type: Wire) {
    // What is passed over is decoded as the type that it has on the wire, itself or by its place in the table.
    check(pipe._view, this, type === this || type?._type === this ? unaskedWeight : 1);
    return decodeValue.call(this, pipe, type);
  };
}

const checkVector: Check = (view, { _type: element }, weight) => {
  const length = lengthOf(view);
  if (!isFixed(element)) return spend(length * weight);
  const bytes = (length * element._bits) / 8;
  if (bytes > view.length) refuseCandid(`a vector of ${bytes} bytes is longer than the message`);
  spend(Math.floor(bytes / bytesOfValue) * weight);
};

function isFixed(type: unknown): type is IDL.FixedNatClass | IDL.FixedIntClass {
  return type instanceof IDL.FixedNatClass || type instanceof IDL.FixedIntClass;
}

function checkPrincipal(view: Uint8Array, at = 0): number {
  const length = view[at + 1] ?? 0;
  if (length > principalBytesMax) refuseCandid(`a principal has more than ${principalBytesMax} bytes`);
  return at + 2 + length;
}

guardReader(Object.getPrototypeOf(new PipeArrayBuffer()));
for (const sample of [IDL.Null, IDL.Reserved]) guard(sample, () => spend(1));
for (const sample of [IDL.Record({ a: IDL.Null }), IDL.Tuple(IDL.Null), IDL.Opt(IDL.Null)]) {
  guard(sample, (_view, _decoder, weight) => spend(weight));
}
guard(IDL.Vec(IDL.Null), checkVector);
guard(IDL.Text, (view) => spend(Math.floor(lengthOf(view) / bytesOfValue)));
guard(IDL.Nat, (view) => void numberEnd(view, numberBytesMax));
guard(IDL.Variant({ a: IDL.Null }), (view) => void numberEnd(view, lengthBytesMax));
guard(IDL.Principal, (view) => void checkPrincipal(view));
guard(IDL.Func([], []), (view) => {
  spend(1);
  numberEnd(view, lengthBytesMax, checkPrincipal(view, 1));
});
