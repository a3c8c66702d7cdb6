// Bytes meant to break us: nothing crashes, hangs or takes memory beyond what was uploaded, and what is accepted compiles.

import { gzipSync } from 'node:zlib';
import { createRandom } from '@tamc/base/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandomModule } from './random-module.ts';
import { parseWat, prepareBytes } from './testing.ts';

const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

function reasonOf(bytes: Uint8Array): string {
  const prepared = prepareBytes(bytes);
  return prepared.ok ? 'accepted' : prepared.error.message;
}

describe('what is no module', () => {
  it.each([
    ['nothing', []],
    ['a text', [...Buffer.from('hello')]],
    ['half the magic number', [0, 0x61]],
    ['an ELF file', [0x7f, 0x45, 0x4c, 0x46]],
  ])('[module.format] is refused: %s', (_, bytes) => {
    expect(reasonOf(Uint8Array.from(bytes))).toBe(
      "Canister's Wasm module is not valid: Failed to decode wasm module: unsupported canister module format",
    );
  });

  it('[module.format] of another version is refused', () => {
    expect(reasonOf(Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0))).toContain('unsupported WebAssembly version');
    expect(reasonOf(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0))).toContain('unsupported WebAssembly version');
  });
});

describe('a compressed module', () => {
  const module = Uint8Array.from(magic);

  it('[module.gzip] is the module it holds, under the hash of the bytes as uploaded', () => {
    const plain = prepareBytes(module);
    const packed = prepareBytes(gzipSync(module));
    if (!plain.ok || !packed.ok) throw new Error('refused');
    expect(Buffer.compare(packed.value.rewritten, plain.value.rewritten)).toBe(0);
    expect(packed.value.key).not.toBe(plain.value.key);
  });

  it('[module.gzip] is refused when it is cut off, broken, or lies about its size', () => {
    const packed = gzipSync(Buffer.alloc(5000, 7));
    expect(reasonOf(packed.subarray(0, 12))).toContain('gzip stream is too short');
    expect(reasonOf(packed.subarray(0, packed.length - 4))).toMatch(
      /failed to decode compressed|exceeds the maximum|does not match/,
    );
    const smaller = Buffer.from(packed);
    smaller.writeUInt32LE(100, packed.length - 4);
    expect(reasonOf(smaller)).toContain('Failed to decode wasm module: ');
    const larger = Buffer.from(packed);
    larger.writeUInt32LE(90_000, packed.length - 4);
    expect(reasonOf(larger)).toMatch(/failed to decode compressed|does not match/);
  });

  it('[module.gzip] is not inflated beyond 100 MiB, nor beyond the size it states', () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(300_000);
    expect(reasonOf(bomb)).toBe(
      "Canister's Wasm module is not valid: Wasm module size of 209715200 exceeds the maximum allowed size of 104857600.",
    );
    bomb.writeUInt32LE(1_000_000, bomb.length - 4);
    const before = process.memoryUsage().rss;
    expect(reasonOf(bomb)).toContain('does not match extracted size');
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('a declared count', () => {
  const huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
  const sections = {
    types: 1,
    imports: 2,
    functions: 3,
    tables: 4,
    memories: 5,
    globals: 6,
    exports: 7,
    elements: 9,
    bodies: 10,
    data: 11,
  };

  it.each(Object.entries(sections))('[module.hostile] of %s is not believed beyond the bytes there are', (_, id) => {
    const started = process.memoryUsage().arrayBuffers;
    expect(reasonOf(Uint8Array.from([...magic, id, 5, ...huge]))).toMatch(
      /count \d+ (is beyond|exceeds)|multiple memories|exceeds the maximum/,
    );
    expect(process.memoryUsage().arrayBuffers - started).toBeLessThan(16 * 1024 * 1024);
  });

  it.each([
    ['a section longer than the file', [1, ...huge]],
    ['a name longer than its section', [0, 3, 50, 1, 1]],
    ['a number that never ends', [1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]],
    ['a section twice', [1, 1, 0, 1, 1, 0]],
    ['sections in the wrong order', [3, 1, 0, 1, 1, 0]],
    ['an unknown section', [77, 1, 0]],
    ['functions without bodies', [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0]],
    ['locals without end', [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 12, 1, 10, 1, ...huge, 0x7f, 11, 0, 0]],
  ])('[module.hostile] is refused: %s', (_, bytes) => {
    expect(reasonOf(Uint8Array.from([...magic, ...bytes]))).toContain('not valid');
  });

  it('[module.hostile] of a long module of tiny sections costs little', () => {
    const sections = Buffer.alloc(3_000_000, Buffer.from([0, 1, 0]));
    expect(reasonOf(Buffer.concat([Buffer.from(magic), sections]))).toBe('accepted');
  });
});

describe('a module with bytes changed at random', () => {
  it('[module.hostile] is refused with a reason, or accepted and compiles', async () => {
    const originals = await Promise.all(
      [1, 2, 3, 4].map(async (seed) => parseWat(createRandomModule(createRandom(seed)).plain)),
    );
    let accepted = 0;
    const property = fc.property(fc.integer(), (seed) => {
      const random = createRandom(seed);
      const bytes = mutate(random.pick(originals), random);
      const prepared = prepareBytes(bytes);
      if (!prepared.ok) {
        expect(prepared.error.message).toMatch(
          /^(Canister's Wasm module is not valid|Could not instrument wasm module)/,
        );
        return;
      }
      accepted++;
      expect(WebAssembly.validate(new Uint8Array(prepared.value.rewritten))).toBe(true);
    });
    fc.assert(property, { numRuns: 4000 });
    expect(accepted).toBeGreaterThan(100);
  });
});

function mutate(original: Uint8Array, random: ReturnType<typeof createRandom>): Uint8Array {
  const bytes = Uint8Array.from(original);
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(bytes.length);
    const kind = random.below(4);
    if (kind === 0) bytes[at] = random.below(256);
    else if (kind === 1) bytes[at] = bytes[at]! ^ (1 << random.below(8));
    else if (kind === 2) bytes.copyWithin(at, random.below(bytes.length), random.below(bytes.length));
    else return bytes.slice(0, at);
  }
  return bytes;
}
