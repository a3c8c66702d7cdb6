// TextEncoder and TextDecoder for canisters, UTF-8 only. Azle's own choice carries 622 KB of tables for legacy encodings
// into every canister's heap; these follow the WHATWG Encoding Standard for the one encoding that canisters use.

interface DecoderOptions {
  readonly fatal?: boolean;
  readonly ignoreBOM?: boolean;
}

type Bytes = ArrayBuffer | ArrayBufferView;

const replacement = 0xfffd;
const byteOrderMark = 0xfeff;
/** Characters per call of `String.fromCharCode`: an interpreter limits the number of arguments. */
const chunkLength = 4096;

export class TextEncoder {
  readonly encoding = 'utf-8';

  encode(input: unknown = ''): Uint8Array {
    const text = `${input}`;
    // Three bytes are the most that one UTF-16 unit can take.
    const buffer = new Uint8Array(text.length * 3);
    const { written } = this.encodeInto(text, buffer);
    return buffer.slice(0, written);
  }

  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    const length = text.length;
    let read = 0;
    let written = 0;
    while (read < length) {
      const unit = text.charCodeAt(read);
      if (unit < 0x80) {
        if (written === target.length) break;
        target[written++] = unit;
        read++;
        continue;
      }
      const point = codePoint(text, read);
      const size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (written + size > target.length) break;
      writePoint(target, written, point, size);
      written += size;
      read += size === 4 ? 2 : 1;
    }
    return { read, written };
  }
}

/** A lone surrogate becomes the replacement character. */
function codePoint(text: string, at: number): number {
  const point = text.codePointAt(at) ?? replacement;
  return point >= 0xd800 && point <= 0xdfff ? replacement : point;
}

function writePoint(target: Uint8Array, at: number, point: number, size: number): void {
  const lead = size === 2 ? 0xc0 : size === 3 ? 0xe0 : 0xf0;
  target[at] = lead | (point >> (6 * (size - 1)));
  for (let i = 1; i < size; i++) target[at + i] = 0x80 | ((point >> (6 * (size - 1 - i))) & 0x3f);
}

export class TextDecoder {
  readonly encoding = 'utf-8';
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  #decode = createDecoder();
  #isStreaming = false;

  constructor(label = 'utf-8', options: DecoderOptions = {}) {
    if (!/^\s*(unicode-1-1-utf-8|unicode11utf8|unicode20utf8|utf-?8|x-unicode20utf8)\s*$/i.test(label)) {
      throw new RangeError(`TextDecoder in a canister knows only utf-8, not "${label}"`);
    }
    this.fatal = options.fatal === true;
    this.ignoreBOM = options.ignoreBOM === true;
  }

  decode(input?: Bytes, options: { readonly stream?: boolean } = {}): string {
    if (!this.#isStreaming) this.#decode = createDecoder();
    this.#isStreaming = options.stream === true;
    return this.#decode(toBytes(input), this.#isStreaming, this.fatal, this.ignoreBOM);
  }
}

function toBytes(input: Bytes | undefined): Uint8Array {
  if (input === undefined) return new Uint8Array(0);
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  return new Uint8Array(input);
}

type Decode = (bytes: Uint8Array, isStreaming: boolean, isFatal: boolean, keepsMark: boolean) => string;

/** The state machine of the standard's "UTF-8 decoder": what is missing of a character waits for the next piece. */
function createDecoder(): Decode {
  let missing = 0;
  let point = 0;
  let lower = 0x80;
  let upper = 0xbf;
  let isAtStart = true;

  const startCharacter = (lead: number): boolean => {
    missing =
      lead >= 0xc2 && lead <= 0xdf ? 1 : lead >= 0xe0 && lead <= 0xef ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
    if (missing === 0) return false;
    point = lead & (0x3f >> missing);
    // Overlong forms, surrogates and numbers past U+10FFFF are excluded by the second byte's range.
    lower = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    upper = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    return true;
  };

  return (bytes, isStreaming, isFatal, keepsMark) => {
    let text = '';
    let units: number[] = [];
    const flush = () => {
      text += String.fromCharCode.apply(null, units);
      units = [];
    };
    const put = (found: number) => {
      if (isAtStart && found === byteOrderMark && !keepsMark) {
        isAtStart = false;
        return;
      }
      isAtStart = false;
      if (found < 0x10000) units.push(found);
      else units.push(0xd7c0 + (found >> 10), 0xdc00 + (found & 0x3ff));
      if (units.length >= chunkLength) flush();
    };
    const refuse = () => {
      missing = 0;
      if (isFatal) throw new TypeError('The encoded data was not valid utf-8');
      put(replacement);
    };
    for (let i = 0; i < bytes.length; ) {
      const byte = bytes[i]!;
      if (missing === 0) {
        i++;
        if (byte < 0x80) put(byte);
        else if (!startCharacter(byte)) refuse();
      } else if (byte < lower || byte > upper) {
        // The byte that does not continue the character may start the next one, so it is looked at again.
        refuse();
      } else {
        i++;
        point = (point << 6) | (byte & 0x3f);
        lower = 0x80;
        upper = 0xbf;
        missing--;
        if (missing === 0) put(point);
      }
    }
    if (!isStreaming && missing > 0) refuse();
    flush();
    return text;
  };
}
