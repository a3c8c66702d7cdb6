import { createHash } from 'node:crypto';
import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256, sha256From, stateAfter } from './sha256.ts';

const hex = (text: string) => bytesToHex(sha256(textToBytes(text)));

describe('SHA-256 for canisters', () => {
  it('[icrc.sha256] gives the examples of FIPS 180-4', () => {
    expect(hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hex('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    );
    expect(hex('a'.repeat(1_000_000))).toBe('cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0');
  });

  it('[icrc.sha256] agrees with another implementation on bytes in any parts', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 5 }), (parts) => {
        const expected = createHash('sha256');
        for (const part of parts) expected.update(part);
        expect(bytesToHex(sha256(...parts))).toBe(expected.digest('hex'));
      }),
    );
  });

  it('[icrc.sha256] goes on from the state after a prefix', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.uint8Array({ maxLength: 150 }), (blocks, rest) => {
        const prefix = new Uint8Array(64 * blocks).fill(blocks);
        expect(sha256From(stateAfter(prefix), prefix.length, [rest])).toEqual(sha256(prefix, rest));
      }),
    );
  });
});
