// Text and UTF-8, with a quick way for ASCII: in a canister the library's coder is interpreted, and nearly all of what is stored is ASCII.
import { parseText, textToBytes } from './bytes.ts';

/** Arguments of one call; engines refuse some tens of thousands. */
const chunkLength = 8192;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
const notAscii = /[^\x00-\x7f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range itself
const special = /[\x00-\x1f\x7f\ud800-\udfff]/;

type TextToBytes = (text: string) => Uint8Array;

let longTextToBytes: TextToBytes | null = null;
/** From here on a call of a native coder is cheaper than a loop. */
const longTextLength = 16;

/**
 * A canister's shell names the native coder of its engine once, at start. It gets no control characters and no
 * surrogates, which coders escape in different ways.
 */
export function setTextCoder(coder: TextToBytes): void {
  longTextToBytes = coder;
}

export function textToBytesQuickly(text: string): Uint8Array {
  if (longTextToBytes !== null && text.length >= longTextLength && !special.test(text)) return longTextToBytes(text);
  if (notAscii.test(text)) return textToBytes(text);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Null when the bytes are not UTF-8. */
export function bytesToText(bytes: Uint8Array): string | null {
  const text = bytesToLatin1(bytes);
  return notAscii.test(text) ? parseText(bytes) : text;
}

/** One character for each byte: compares as the bytes do. */
export function bytesToLatin1(bytes: Uint8Array): string {
  if (bytes.length <= chunkLength) return fromCharCodes(bytes);
  let text = '';
  for (let at = 0; at < bytes.length; at += chunkLength) text += fromCharCodes(bytes.subarray(at, at + chunkLength));
  return text;
}

function fromCharCodes(bytes: Uint8Array): string {
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

/** Eight bytes at a time through a big integer: native work instead of a loop over digits. */
export function bytesToHexQuickly(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const wholeEnd = bytes.length & ~7;
  let hex = '';
  for (let at = 0; at < wholeEnd; at += 8) hex += view.getBigUint64(at).toString(16).padStart(16, '0');
  for (let at = wholeEnd; at < bytes.length; at++) hex += (bytes[at]! + 0x100).toString(16).slice(1);
  return hex;
}

const hexDigits = /^(?:[0-9a-f]{2})*$/;

/** Null when it is not an even number of lower-case hexadecimal digits. */
export function parseHexQuickly(hex: string): Uint8Array | null {
  if (hex.length % 2 !== 0 || !hexDigits.test(hex)) return null;
  const bytes = new Uint8Array(hex.length / 2);
  const view = new DataView(bytes.buffer);
  const wholeEnd = bytes.length & ~7;
  for (let at = 0; at < wholeEnd; at += 8) view.setBigUint64(at, BigInt(`0x${hex.slice(2 * at, 2 * at + 16)}`));
  for (let at = wholeEnd; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}
