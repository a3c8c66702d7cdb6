// SHA-256 for the interpreter in a canister, where every operation counts and a call costs ten of them: the 64 rounds become one
// function without calls, arrays or moves. A third of the instructions of the library, the same hashes.

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
const big = (x: string, a: number, b: number, c: number) => `(${rotated(x, a)} ^ ${rotated(x, b)} ^ ${rotated(x, c)})`;
const small = (x: string, a: number, b: number, shift: number) =>
  `(${rotated(x, a)} ^ ${rotated(x, b)} ^ ${x} >>> ${shift})`;

const roles = [...'abcdefgh'];

/** Text of one round (FIPS 180-4, 6.2.2). The eight variables change roles instead of being moved. */
function roundText(i: number): string {
  const role = (n: number) => roles[(n - i + 64) % 8]!;
  const [a, b, c, d] = [role(0), role(1), role(2), role(3)];
  const [e, f, g, h] = [role(4), role(5), role(6), role(7)];
  const word = (back: number) => `w${(i - back + 16) % 16}`;
  const fresh = `${word(0)} + ${small(word(15), 7, 18, 3)} + ${word(7)} + ${small(word(2), 17, 19, 10)}`;
  const schedule = i < 16 ? '' : `${word(0)} = ${fresh} | 0;\n`;
  const choice = `(${g} ^ ${e} & (${f} ^ ${g}))`;
  const majority = `(${a} & ${b} | ${c} & (${a} | ${b}))`;
  return `${schedule}t = ${h} + ${big(e, 6, 11, 25)} + ${choice} + ${roundConstants[i]} + ${word(0)} | 0;
${d} = ${d} + t | 0;
${h} = t + ${big(a, 2, 13, 22)} + ${majority} | 0;\n`;
}

/** The text is made of the constants above; nothing from outside gets into it. */
function createCompress(): Compress {
  const load = roles.map((name, i) => `${name} = state[${i}]`);
  const words = Array.from({ length: 16 }, (_, i) => `w${i} = block.getInt32(at + ${4 * i})`);
  const rounds = Array.from({ length: 64 }, (_, i) => roundText(i)).join('');
  const store = roles.map((name, i) => `state[${i}] = state[${i}] + ${name} | 0;`).join('\n');
  return new Function(
    'state',
    'block',
    'at',
    `let ${[...load, ...words, 't = 0'].join()};\n${rounds}${store}`,
  ) as Compress;
}

const compress = createCompress();
const blockBytes = 64;
/** The end mark and the length in bits. */
const paddingBytesMin = 9;

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return sha256From(firstState, 0, parts);
}

/** The state after whole blocks that many hashes begin with; `sha256From` goes on there. */
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
