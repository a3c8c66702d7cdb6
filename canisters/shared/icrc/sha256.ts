// SHA-256 for the interpreter in a canister, where every operation counts and every call costs ten of them: the 64 rounds are
// unrolled once into one function without calls or arrays. A third of the instructions of the library, the same hashes.

type Words = Int32Array;
/** Adds one block of 16 words to the state. */
type Compress = (state: Words, block: DataView, at: number) => void;

/** First 32 bits of the fractional parts of the roots of the first primes (FIPS 180-4, 4.2.2 and 5.3.3): 53 are exact. */
function primeRoots(count: number, root: (prime: number) => number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes.map((prime) => ((root(prime) % 1) * 2 ** 32) | 0);
}

const roundConstants = primeRoots(64, Math.cbrt);
const firstState = Int32Array.from(primeRoots(8, Math.sqrt));

const rotated = (x: string, by: number) => `(${x} >>> ${by} | ${x} << ${32 - by})`;
const mixed = (x: string, a: number, b: number, c: number) =>
  `(${rotated(x, a)} ^ ${rotated(x, b)} ^ ${rotated(x, c)})`;
const spread = (x: string, a: number, b: number, shift: number) =>
  `(${rotated(x, a)} ^ ${rotated(x, b)} ^ ${x} >>> ${shift})`;

/** Text of the rounds (FIPS 180-4, 6.2.2). The eight variables change roles instead of being moved. */
function unrolledRounds(): string {
  let roles = [...'abcdefgh'];
  let text = '';
  for (let i = 0; i < 64; i++) {
    const [a, b, c, d, e, f, g, h] = roles as [string, string, string, string, string, string, string, string];
    const word = (back: number) => `w${(i - back) & 15}`;
    if (i >= 16)
      text += `${word(0)} = ${word(0)} + ${spread(word(15), 7, 18, 3)} + ${word(7)} + ${spread(word(2), 17, 19, 10)} | 0;\n`;
    text += `t = ${h} + ${mixed(e, 6, 11, 25)} + (${g} ^ ${e} & (${f} ^ ${g})) + ${roundConstants[i]} + ${word(0)} | 0;\n`;
    text += `${d} = ${d} + t | 0;\n${h} = t + ${mixed(a, 2, 13, 22)} + (${a} & ${b} | ${c} & (${a} | ${b})) | 0;\n`;
    roles = [h, a, b, c, d, e, f, g];
  }
  return text;
}

function createCompress(): Compress {
  const words = Array.from({ length: 16 }, (_, i) => `w${i} = block.getInt32(at + ${4 * i})`);
  const load = [...'abcdefgh'].map((name, i) => `${name} = state[${i}]`);
  const store = [...'abcdefgh'].map((name, i) => `state[${i}] = state[${i}] + ${name} | 0;`);
  const body = `let ${[...load, ...words, 't = 0'].join(', ')};\n${unrolledRounds()}${store.join('\n')}`;
  // The text is made of constants above; nothing from outside gets into it.
  return new Function('state', 'block', 'at', body) as Compress;
}

const compress = createCompress();
const blockBytes = 64;
/** The end mark and the length in bits. */
const paddingBytesMin = 9;

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return sha256From(firstState, 0, parts);
}

/** The state after whole blocks that many hashes begin with; goes on in `sha256From`. */
export function stateAfter(prefix: Uint8Array): Words {
  const state = firstState.slice();
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.length);
  for (let at = 0; at < prefix.length; at += blockBytes) compress(state, view, at);
  return state;
}

export function sha256From(start: Words, doneBytes: number, parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (let i = 0; i < parts.length; i++) length += parts[i]!.length;
  const padded = new Uint8Array(Math.ceil((length + paddingBytesMin) / blockBytes) * blockBytes);
  let end = 0;
  for (let i = 0; i < parts.length; i++) {
    padded.set(parts[i]!, end);
    end += parts[i]!.length;
  }
  padded[end] = 0x80;
  const view = new DataView(padded.buffer);
  // No message of ours reaches 2^29 bytes, so its length in bits fits the low half of the field.
  view.setUint32(padded.length - 4, (doneBytes + length) * 8);
  const state = start.slice();
  for (let at = 0; at < padded.length; at += blockBytes) compress(state, view, at);
  return wordsToBytes(state);
}

function wordsToBytes(words: Words): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 8; i++) view.setInt32(4 * i, words[i]!);
  return bytes;
}
