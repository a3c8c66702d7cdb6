// A growing byte buffer for encoders: plain data and functions, because creating one is on the path of every request.

export interface ByteWriter {
  buffer: Uint8Array;
  view: DataView;
  length: number;
}

const textEncoder = new TextEncoder();

// Up to here a loop over the characters is quicker than the encoder.
const shortTextLength = 64;

export function createByteWriter(capacity = 256): ByteWriter {
  const buffer = new Uint8Array(capacity);
  return { buffer, view: new DataView(buffer.buffer), length: 0 };
}

/** A copy of exactly the bytes written. */
export function writtenBytes(writer: ByteWriter): Uint8Array {
  return writer.buffer.slice(0, writer.length);
}

export function putByte(writer: ByteWriter, value: number): void {
  const offset = claim(writer, 1);
  writer.buffer[offset] = value;
}

export function putBytes(writer: ByteWriter, value: Uint8Array): void {
  const offset = claim(writer, value.length);
  writer.buffer.set(value, offset);
}

/** The text when it is short and ASCII; otherwise false, and nothing is written. */
export function putShortASCII(writer: ByteWriter, text: string): boolean {
  const { length } = text;
  if (length > shortTextLength) return false;
  const offset = claim(writer, length);
  const { buffer } = writer;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) {
      writer.length = offset;
      return false;
    }
    buffer[offset + i] = unit;
  }
  return true;
}

export function putText(writer: ByteWriter, text: string): void {
  // Three bytes are the most that UTF-8 needs for one UTF-16 unit.
  const offset = claim(writer, text.length * 3);
  const { written } = textEncoder.encodeInto(text, writer.buffer.subarray(offset));
  writer.length = offset + written;
}

export function putUint16BE(writer: ByteWriter, value: number): void {
  const offset = claim(writer, 2);
  writer.view.setUint16(offset, value);
}

export function putUint32BE(writer: ByteWriter, value: number): void {
  const offset = claim(writer, 4);
  writer.view.setUint32(offset, value);
}

export function putUint64BE(writer: ByteWriter, value: bigint): void {
  const offset = claim(writer, 8);
  writer.view.setBigUint64(offset, value);
}

export function putUint64LE(writer: ByteWriter, value: bigint): void {
  const offset = claim(writer, 8);
  writer.view.setBigUint64(offset, value, true);
}

/** Up to 4 bytes, least significant first, two's complement. */
export function putLittleEndian(writer: ByteWriter, value: number, byteCount: number): void {
  const offset = claim(writer, byteCount);
  for (let i = 0; i < byteCount; i++) writer.buffer[offset + i] = value >> (8 * i);
}

export function putFloat64BE(writer: ByteWriter, value: number): void {
  const offset = claim(writer, 8);
  writer.view.setFloat64(offset, value);
}

export function putFloat32LE(writer: ByteWriter, value: number): void {
  const offset = claim(writer, 4);
  writer.view.setFloat32(offset, value, true);
}

export function putFloat64LE(writer: ByteWriter, value: number): void {
  const offset = claim(writer, 8);
  writer.view.setFloat64(offset, value, true);
}

/** Makes room and returns the offset where the next `count` bytes go. */
function claim(writer: ByteWriter, count: number): number {
  const offset = writer.length;
  writer.length = offset + count;
  if (writer.length > writer.buffer.length) grow(writer, offset);
  return offset;
}

function grow(writer: ByteWriter, usedCount: number): void {
  const grown = new Uint8Array(Math.max(writer.length, writer.buffer.length * 2));
  grown.set(writer.buffer.subarray(0, usedCount));
  writer.buffer = grown;
  writer.view = new DataView(grown.buffer);
}
