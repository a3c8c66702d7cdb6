// Splits an interface description in Candid into tokens. Comments and white space separate and are otherwise nothing.
// It also runs inside a canister, so it leans on what an interpreter does natively: one regular expression per token.
import { parseText, textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';

export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign';
  readonly text: string;
  /** Where it begins in the source. */
  readonly at: number;
}

/** Space; a name; a quoted text; a number; a sign. */
const pattern =
  /(\s+|\/\/[^\n]*)|([A-Za-z_]\w*)|"((?:[^"\\]|\\.)*)"|(0x[\da-fA-F][\da-fA-F_]*|\d[\d_]*)|(->|[{}():;,=])/y;

export function parseTokens(source: string): Result<Token[], string> {
  const tokens: Token[] = [];
  for (let at = 0; at < source.length; ) {
    const comment = source.startsWith('/*', at) ? blockCommentEnd(source, at) : null;
    pattern.lastIndex = at;
    const match = comment === null ? pattern.exec(source) : null;
    if (match === null && comment === null) return refuse(unreadable(source, at));
    const token = match === null ? null : matchToToken(match, at);
    if (token === 'unreadable') return refuse(unreadable(source, at));
    if (token !== null) tokens.push(token);
    at = comment ?? pattern.lastIndex;
  }
  return ok(tokens);
}

function unreadable(source: string, at: number): string {
  const [character] = source.slice(at, at + 2);
  return `line ${lineOf(source, at)}: ${JSON.stringify(character)} is not Candid`;
}

/** Lines are counted only when someone asks, which is when something is wrong. */
export function lineOf(source: string, at: number): number {
  return source.slice(0, at).split('\n').length;
}

function matchToToken(match: RegExpExecArray, at: number): Token | null | 'unreadable' {
  const [, , name, text, number, sign] = match;
  if (name !== undefined) return { kind: 'name', text: name, at };
  if (sign !== undefined) return { kind: 'sign', text: sign, at };
  if (number !== undefined) return { kind: 'number', text: number.replaceAll('_', ''), at };
  if (text === undefined) return null;
  const read = text.includes('\\') ? parseEscapes(text) : text;
  return read === null ? 'unreadable' : { kind: 'text', text: read, at };
}

/** Block comments nest. Null when one never ends. */
function blockCommentEnd(source: string, start: number): number | null {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  for (let depth = 0; ; ) {
    const match = edge.exec(source);
    if (match === null) return null;
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
}

const shortEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', '"': '"', "'": "'" };
const codePointMax = 0x10ffff;

/** Two hexadecimal digits stand for a byte of UTF-8, so the whole is put together as bytes. Null when it is no text. */
function parseEscapes(text: string): string | null {
  const parts: Uint8Array[] = [];
  for (const [piece, point, byte, short] of text.matchAll(/\\u\{([\da-fA-F_]+)\}|\\([\da-fA-F]{2})|\\(.)|[^\\]+/g)) {
    const part = point !== undefined ? pointToBytes(point) : byte !== undefined ? hexToByte(byte) : plain(piece, short);
    if (part === null) return null;
    parts.push(part);
  }
  const bytes = parts.flatMap((part) => [...part]);
  return parseText(Uint8Array.from(bytes));
}

function pointToBytes(digits: string): Uint8Array | null {
  const point = Number.parseInt(digits.replaceAll('_', ''), 16);
  return point <= codePointMax ? textToBytes(String.fromCodePoint(point)) : null;
}

function hexToByte(digits: string): Uint8Array {
  return Uint8Array.of(Number.parseInt(digits, 16));
}

function plain(piece: string, short: string | undefined): Uint8Array | null {
  if (short === undefined) return textToBytes(piece);
  const character = shortEscapes[short];
  return character === undefined ? null : textToBytes(character);
}
