// Takes a Wasm module apart into its sections and puts it together again; knows only as much of each as adding
// functions, exports and data needs. The input is Azle's own template, so a malformed one is a bug, not a refusal.
import { assert } from '@tamc/base/assert';
import { concatBytes, textToBytes } from '@tamc/base/bytes';

export interface Section {
  readonly id: number;
  readonly body: Uint8Array;
}

export const sectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  export: 7,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

const headerLength = 8;

export function parseSections(wasm: Uint8Array): { readonly header: Uint8Array; readonly sections: Section[] } {
  const reader = createReader(wasm.subarray(headerLength));
  const sections: Section[] = [];
  while (!reader.isAtEnd()) sections.push({ id: reader.byte(), body: reader.bytes(reader.unsigned()) });
  return { header: wasm.subarray(0, headerLength), sections };
}

export function sectionsToWasm(header: Uint8Array, sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  return concatBytes(header, ...sections.flatMap(({ id, body }) => [Uint8Array.of(id), withLength(body)]));
}

export function customSection(name: string, content: Uint8Array): Section {
  return { id: sectionId.custom, body: concatBytes(withLength(textToBytes(name)), content) };
}

/** A vector whose entries stay as they are, with `added` behind them. */
export function appendToVector(body: Uint8Array, added: readonly Uint8Array[]): Uint8Array {
  const reader = createReader(body);
  const count = reader.unsigned();
  return concatBytes(unsigned(count + added.length), reader.rest(), ...added);
}

export function withLength(bytes: Uint8Array): Uint8Array {
  return concatBytes(unsigned(bytes.length), bytes);
}

/** LEB128, as Wasm writes lengths and indexes. */
export function unsigned(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest === 0 ? low : low | 128);
  } while (rest !== 0);
  return Uint8Array.from(bytes);
}

/** Signed LEB128, as Wasm writes constants. */
export function signed(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    const isLast = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
    bytes.push(isLast ? low : low | 128);
    if (isLast) return Uint8Array.from(bytes);
  }
}

export interface Reader {
  byte(): number;
  unsigned(): number;
  bytes(length: number): Uint8Array;
  rest(): Uint8Array;
  isAtEnd(): boolean;
}

export function createReader(source: Uint8Array): Reader {
  let at = 0;
  const byte = () => {
    assert(at < source.length, 'the module ends in the middle of a section');
    return source[at++]!;
  };
  const bytes = (length: number) => {
    assert(length <= source.length - at, 'a length in the module is larger than the module');
    at += length;
    return source.subarray(at - length, at);
  };
  const readUnsigned = () => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const next = byte();
      value += (next & 127) * factor;
      if (next < 128) return value;
    }
  };
  return {
    byte,
    bytes,
    unsigned: readUnsigned,
    rest: () => bytes(source.length - at),
    isAtEnd: () => at === source.length,
  };
}
