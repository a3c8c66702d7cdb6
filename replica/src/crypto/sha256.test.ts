import { sha224 as nobleSha224, sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binaryToBytes, bytesToBinary, createSha256Stream, sha224, sha256, sha256Binary } from './sha256.ts';

describe('SHA-2', () => {
  // FIPS 180-4 examples.
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('of %j is the known value', (message, hex) => {
    expect(bytesToHex(sha256(message))).toBe(hex);
    expect(bytesToHex(sha256(textToBytes(message)))).toBe(hex);
  });

  it('agrees with another implementation, in every form, also for views into larger buffers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(5), (bytes, start) => {
        const view = bytes.subarray(Math.min(start, bytes.length));
        expect(sha256(view)).toEqual(nobleSha256(view));
        expect(sha224(view)).toEqual(nobleSha224(view));
        expect(binaryToBytes(sha256Binary(view))).toEqual(nobleSha256(view));
        expect(bytesToBinary(sha256(view))).toBe(sha256Binary(view));
        const stream = createSha256Stream();
        stream.update(view.subarray(0, 3));
        stream.update(view.subarray(3));
        expect(stream.digest()).toEqual(nobleSha256(view));
      }),
    );
  });

  it('of text hashes its UTF-8', () => {
    expect(sha256('grün ☃')).toEqual(nobleSha256(textToBytes('grün ☃')));
  });
});
