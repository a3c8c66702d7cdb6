// What the head of a Candid message may hold before the library decodes it: a few bytes can declare values without end, and whoever
// receives them pays. Reads the table of types only, throws when it is refused, and takes time in proportion to at most 4 KiB.

/** The largest table of our own interfaces has 21 types in 446 bytes; those of the ledgers that we ask are no larger. */
const typesMax = 256;
const tableBytesMax = 4096;
/** No method of ours has more than three arguments; a caller of a later version may send some more. */
const argumentsMax = 8;
/** Only callbacks of ledgers are functions on the wire; they have one argument, one answer and one annotation. */
const functionPartsMax = 4;
/** A field's hash has 32 bits: five bytes. Indexes and counts are smaller. */
const tableNumberBytesMax = 5;

const nullCode = -1;
const reservedCode = -16;
const emptyCode = -17;
const optCode = -18;
const vecCode = -19;
const recordCode = -20;
const variantCode = -21;
const functionCode = -22;
const withoutBytes: readonly number[] = [nullCode, reservedCode, emptyCode];

const magicBytes = 4;

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
}

/** Of each type, what decides whether its values take bytes: a record its fields, a vector its element, others nothing. */
interface Shape {
  readonly code: number;
  readonly parts: readonly number[];
}

export function refuseCandid(what: string): never {
  throw new Error(`the Candid is refused: ${what}. Encode the method's own types and send it again`);
}

/** The bytes begin with the four of the magic word. */
export function assertBoundedCandid(bytes: Uint8Array): void {
  const reader = { bytes, at: magicBytes, end: Math.min(bytes.length, magicBytes + tableBytesMax) };
  const count = readCount(reader);
  if (count > typesMax) refuseCandid(`it declares ${count} types, at most ${typesMax} are read`);
  const shapes: Shape[] = [];
  for (let index = 0; index < count; index++) shapes.push(readShape(reader));
  const given = readCount(reader);
  if (given > argumentsMax) refuseCandid(`it has ${given} arguments, at most ${argumentsMax} are read`);
  for (let index = 0; index < given; index++) readSigned(reader);
  refuseEmptyElements(shapes);
}

function refuseEmptyElements(shapes: readonly Shape[]): void {
  const known = new Map<number, boolean>();
  const takesNone = (type: number): boolean => {
    if (type < 0) return withoutBytes.includes(type);
    const found = known.get(type);
    if (found !== undefined) return found;
    // A record within itself and nothing else: no value of it ends, so it counts as one without bytes.
    known.set(type, true);
    const shape = shapes[type];
    const none = shape !== undefined && shape.code === recordCode && shape.parts.every(takesNone);
    known.set(type, none);
    return none;
  };
  for (const { code, parts } of shapes) {
    if (code === vecCode && parts.some(takesNone)) refuseCandid('a vector of values that take no bytes has no bound');
  }
}

function readShape(reader: Reader): Shape {
  const code = readSigned(reader);
  if (code === optCode || code === vecCode) return { code, parts: [readSigned(reader)] };
  if (code === recordCode || code === variantCode) return { code, parts: readFields(reader) };
  if (code === functionCode) return readFunction(reader);
  return refuseCandid(`a declared type has the code ${code}, which no method here takes`);
}

function readFields(reader: Reader): number[] {
  const parts: number[] = [];
  for (let left = readCount(reader); left > 0; left--) {
    skipHash(reader);
    parts.push(readSigned(reader));
  }
  return parts;
}

/** A hash of a field mostly has five bytes, and its value decides nothing here. */
function skipHash(reader: Reader): void {
  const { bytes, at } = reader;
  let last = at;
  while ((bytes[last] ?? 0) >= 0x80) if (++last - at >= tableNumberBytesMax) readCount(reader);
  reader.at = last + 1;
}

function readFunction(reader: Reader): Shape {
  for (const read of [readSigned, readSigned, readCount]) {
    const count = readCount(reader);
    if (count > functionPartsMax) refuseCandid(`a function has ${count} parts of a kind, at most ${functionPartsMax}`);
    for (let index = 0; index < count; index++) read(reader);
  }
  return { code: functionCode, parts: [] };
}

function readCount(reader: Reader): number {
  const { bytes, end } = reader;
  // Most are one byte, and this is read before every message.
  const first = bytes[reader.at] ?? 0x80;
  if (first < 0x80 && reader.at < end) {
    reader.at++;
    return first;
  }
  let value = 0;
  let scale = 1;
  for (let length = 1; length <= tableNumberBytesMax; length++) {
    if (reader.at >= end) refuseCandid(`its table of types does not end within ${tableBytesMax} bytes`);
    const byte = bytes[reader.at++] ?? 0;
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) return value;
  }
  return refuseCandid(`a number in its table of types has more than ${tableNumberBytesMax} bytes`);
}

function readSigned(reader: Reader): number {
  const from = reader.at;
  const first = reader.bytes[from] ?? 0x80;
  if (first < 0x80 && from < reader.end) {
    reader.at++;
    return first < 0x40 ? first : first - 128;
  }
  const value = readCount(reader);
  const isNegative = ((reader.bytes[reader.at - 1] ?? 0) & 0x40) !== 0;
  return isNegative ? value - 128 ** (reader.at - from) : value;
}
