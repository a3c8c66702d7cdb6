// A growing buffer for WebAssembly code. Call `reserve` before a group of small writes: they do not check the room.

export interface Output {
  bytes: Uint8Array;
  length: number;
}

export function createOutput(capacity: number): Output {
  // What is not written is never read, so it need not be cleared.
  return { bytes: new Uint8Array(Buffer.allocUnsafeSlow(capacity).buffer), length: 0 };
}

export function reserve(output: Output, room: number): void {
  if (output.length + room <= output.bytes.length) return;
  const larger = new Uint8Array(Math.max(output.bytes.length * 2, output.length + room));
  larger.set(output.bytes.subarray(0, output.length));
  output.bytes = larger;
}

export function writeByte(output: Output, byte: number): void {
  output.bytes[output.length++] = byte;
}

export function writeBytes(output: Output, bytes: Uint8Array): void {
  reserve(output, bytes.length);
  output.bytes.set(bytes, output.length);
  output.length += bytes.length;
}

/** For short ranges, where a call to copy costs more than the copy. */
export function copyRange(output: Output, source: Uint8Array, start: number, end: number): void {
  if (end - start > 64) {
    writeBytes(output, source.subarray(start, end));
    reserve(output, 64);
    return;
  }
  const { bytes } = output;
  let to = output.length;
  for (let from = start; from < end; from++) bytes[to++] = source[from]!;
  output.length = to;
}

/** At most 2^53. */
export function writeUnsigned(output: Output, value: number): void {
  const { bytes } = output;
  let rest = value;
  while (rest >= 0x80) {
    bytes[output.length++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[output.length++] = rest;
}

/** A number from 0 to 2^27 in exactly `paddedBytes` bytes, for one that is known later than its place. */
export function setPadded({ bytes }: Output, place: number, value: number): void {
  for (let i = 0; i < paddedBytes - 1; i++) bytes[place + i] = ((value >>> (7 * i)) & 0x7f) | 0x80;
  bytes[place + paddedBytes - 1] = value >>> (7 * (paddedBytes - 1));
}

const paddedBytes = 4;

/** Leaves room for it; gives its place. */
export function skipPadded(output: Output): number {
  output.length += paddedBytes;
  return output.length - paddedBytes;
}

/** A 32-bit number; also the shortest form of a small 64-bit one. */
export function writeSigned(output: Output, value: number): void {
  const { bytes } = output;
  let rest = value;
  while (rest < -0x40 || rest > 0x3f) {
    bytes[output.length++] = (rest & 0x7f) | 0x80;
    rest >>= 7;
  }
  bytes[output.length++] = rest & 0x7f;
}

export function outputBytes(output: Output): Uint8Array<ArrayBuffer> {
  return toCompilable(output.bytes.slice(0, output.length));
}

/** V8 does not take bytes in shared memory. */
export function toCompilable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = bytes;
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, length) : new Uint8Array(bytes);
}
