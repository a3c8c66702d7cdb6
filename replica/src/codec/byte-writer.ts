// A growing byte buffer for encoders. The bytes it hands out are a copy of exactly the bytes written.

export interface ByteWriter {
  byte(value: number): void;
  bytes(value: Uint8Array): void;
  /** UTF-8, without a length. Returns the number of bytes written. */
  text(value: string): number;
  uint16BE(value: number): void;
  uint32BE(value: number): void;
  uint64BE(value: bigint): void;
  /** Any width up to 8 bytes, least significant first, two's complement. */
  littleEndian(value: bigint, byteCount: number): void;
  float64BE(value: number): void;
  floatLE(value: number, byteCount: 4 | 8): void;
  readonly length: number;
  finish(): Uint8Array;
}

const textEncoder = new TextEncoder();

export function createByteWriter(capacity = 256): ByteWriter {
  let buffer = new Uint8Array(capacity);
  let view = new DataView(buffer.buffer);
  let length = 0;

  /** Makes room and returns the offset where the next `count` bytes go. */
  const claim = (count: number): number => {
    const offset = length;
    length += count;
    if (length > buffer.length) {
      const grown = new Uint8Array(Math.max(length, buffer.length * 2));
      grown.set(buffer.subarray(0, offset));
      buffer = grown;
      view = new DataView(buffer.buffer);
    }
    return offset;
  };

  return {
    byte: (value) => {
      const offset = claim(1);
      buffer[offset] = value;
    },
    bytes: (value) => {
      const offset = claim(value.length);
      buffer.set(value, offset);
    },
    text: (value) => {
      // Three bytes are the most that UTF-8 needs for one UTF-16 unit.
      const offset = claim(value.length * 3);
      const { written } = textEncoder.encodeInto(value, buffer.subarray(offset));
      length = offset + written;
      return written;
    },
    uint16BE: (value) => {
      const offset = claim(2);
      view.setUint16(offset, value);
    },
    uint32BE: (value) => {
      const offset = claim(4);
      view.setUint32(offset, value);
    },
    uint64BE: (value) => {
      const offset = claim(8);
      view.setBigUint64(offset, value);
    },
    littleEndian: (value, byteCount) => {
      const offset = claim(byteCount);
      let rest = BigInt.asUintN(64, value);
      for (let i = 0; i < byteCount; i++) {
        buffer[offset + i] = Number(rest & 0xffn);
        rest >>= 8n;
      }
    },
    float64BE: (value) => {
      const offset = claim(8);
      view.setFloat64(offset, value);
    },
    floatLE: (value, byteCount) => {
      const offset = claim(byteCount);
      if (byteCount === 4) view.setFloat32(offset, value, true);
      else view.setFloat64(offset, value, true);
    },
    get length() {
      return length;
    },
    finish: () => buffer.slice(0, length),
  };
}
