// Splits a Candid interface description into tokens. Comments and white space separate and are otherwise nothing.
import { ok, type Result, refuse } from '@tamc/base/result';

export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'sign';
  readonly text: string;
  readonly line: number;
}

const pattern =
  /(?<space>\s+|\/\/[^\n]*)|(?<name>[A-Za-z_]\w*)|"(?<text>(?:[^"\\]|\\.)*)"|(?<number>\d[\d_]*|0x[\da-fA-F_]+)|(?<sign>->|[{}():;,=])/y;

export function parseTokens(source: string): Result<Token[], string> {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < source.length; ) {
    const comment = source.startsWith('/*', at) ? blockCommentEnd(source, at) : null;
    pattern.lastIndex = at;
    const match = comment === null ? pattern.exec(source) : null;
    const end = comment ?? (match === null ? null : pattern.lastIndex);
    if (end === null) return refuse(`line ${line}: ${JSON.stringify(source[at])} is not Candid`);
    const { name, text, number, sign } = match?.groups ?? {};
    if (name !== undefined) tokens.push({ kind: 'name', text: name, line });
    else if (text !== undefined) tokens.push({ kind: 'text', text: readEscapes(text), line });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number.replaceAll('_', ''), line });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, line });
    line += source.slice(at, end).split('\n').length - 1;
    at = end;
  }
  return ok(tokens);
}

/** Block comments nest. Null when one never ends. */
function blockCommentEnd(source: string, start: number): number | null {
  let depth = 0;
  for (let at = start; at < source.length; ) {
    if (source.startsWith('/*', at)) {
      depth++;
      at += 2;
    } else if (source.startsWith('*/', at)) {
      depth--;
      at += 2;
      if (depth === 0) return at;
    } else {
      at++;
    }
  }
  return null;
}

const shortEscapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function readEscapes(text: string): string {
  return text.replaceAll(/\\(u\{([\da-fA-F_]+)\}|.)/g, (_, body: string, point: string | undefined) =>
    point === undefined
      ? (shortEscapes[body] ?? body)
      : String.fromCodePoint(Number.parseInt(point.replaceAll('_', ''), 16)),
  );
}
