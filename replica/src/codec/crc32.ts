// CRC-32 (ISO 3309, as in PNG and gzip): the check sequence in the text form of principals.

const polynomialReversed = 0xedb88320;

const remainderOfByte = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? polynomialReversed : 0);
  return remainder;
});

export function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = (remainder >>> 8) ^ remainderOfByte[(remainder ^ byte) & 0xff]!;
  return ~remainder >>> 0;
}
