// Base32 (RFC 4648 §6) in lower case and without padding, as the text form of principals uses it.

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const valueOfCharacter = new Map([...alphabet].map((character, value) => [character, value]));

export function bytesToBase32(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bitCount = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    for (bitCount += 8; bitCount >= 5; bitCount -= 5) text += alphabet[(buffer >>> (bitCount - 5)) & 31];
    buffer &= (1 << bitCount) - 1;
  }
  return bitCount === 0 ? text : text + alphabet[(buffer << (5 - bitCount)) & 31];
}

/** Null on a character outside the alphabet. Left-over bits are ignored: the caller compares with the canonical text. */
export function base32ToBytes(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let buffer = 0;
  let bitCount = 0;
  let length = 0;
  for (const character of text) {
    const value = valueOfCharacter.get(character);
    if (value === undefined) return null;
    buffer = ((buffer << 5) | value) & 0xfff;
    bitCount += 5;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[length++] = buffer >>> bitCount;
  }
  return bytes;
}
