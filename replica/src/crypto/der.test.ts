import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { bytesToHex, concatBytes, parseHex } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KeyScheme, parseDerPublicKey, publicKeyToDer } from './der.ts';

// The prefixes of the four fixed forms; what follows is the key.
const prefixes: [KeyScheme, string, number][] = [
  ['ed25519', '302a300506032b6570032100', 32],
  ['ecdsa-p256', '3059301306072a8648ce3d020106082a8648ce3d030107034200', 65],
  ['ecdsa-secp256k1', '3056301006072a8648ce3d020106052b8104000a034200', 65],
  ['bls12-381', '308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100', 96],
];

function keyBytes(byteCount: number): Uint8Array {
  const key = new Uint8Array(byteCount).fill(7);
  key[0] = 4;
  return key;
}

describe('a DER public key', () => {
  it.each(prefixes)('of %s has its prefix and its length [encoding.der]', (scheme, prefix, byteCount) => {
    const key = keyBytes(byteCount);
    const der = publicKeyToDer({ scheme, key });
    expect(bytesToHex(der)).toBe(prefix + bytesToHex(key));
    expect(parseDerPublicKey(der)).toEqual({ ok: true, value: { scheme, key } });
  });

  it('of BLS has 133 bytes [encoding.der]', () => {
    expect(publicKeyToDer({ scheme: 'bls12-381', key: keyBytes(96) }).length).toBe(133);
  });

  it.each([
    ['ed25519', () => generateKeyPairSync('ed25519')],
    ['ecdsa-p256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['ecdsa-secp256k1', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
  ] as const)('made by OpenSSL for %s is read and written alike [encoding.der]', (scheme, generate) => {
    const der = new Uint8Array(generate().publicKey.export({ format: 'der', type: 'spki' }));
    const parsed = parseDerPublicKey(der);
    expect(parsed).toMatchObject({ ok: true, value: { scheme } });
    if (parsed.ok) expect(publicKeyToDer(parsed.value)).toEqual(der);
  });

  it('with the COSE key of the worked example is recognised [encoding.der]', () => {
    const der = parseHex(
      '305e300c060a2b0601040183b8430101034e00a50102032620012158207ffd83632072fd1bfeaf3fbaa43146e0ef95c3f55e3994a41bbf2b5174d771da22582032497eed0a7f6f000928765b8318162cfd80a94e525a6a368c2363063d04e6ed',
    )!;
    expect(parseDerPublicKey(der)).toMatchObject({ ok: true, value: { scheme: 'webauthn-cose' } });
  });

  it('of a canister signature gives the canister and the seed [encoding.der]', () => {
    const key = concatBytes(Uint8Array.of(3), parseHex('abcd01')!, new Uint8Array(200).fill(9));
    const der = publicKeyToDer({ scheme: 'canister-signature', key });
    expect(bytesToHex(der)).toContain('060a2b0601040183b8430102');
    expect(parseDerPublicKey(der)).toEqual({ ok: true, value: { scheme: 'canister-signature', key } });
  });

  it.each([
    ['', 'not DER'],
    ['30', 'not DER'],
    ['3080', 'not DER'],
    [`302a300506032b6570032100${'07'.repeat(31)}`, 'not DER'],
    [`302a300506032b6570032100${'07'.repeat(33)}`, 'not DER'],
    [`3029300506032b6570032000${'07'.repeat(31)}`, '32 bytes'],
    [`302a300506032b6571032100${'07'.repeat(32)}`, 'unknown scheme'],
    [`302a300506032b6570032101${'07'.repeat(32)}`, 'whole bytes'],
    [`30812a300506032b6570032100${'07'.repeat(32)}`, 'not DER'],
    [`302c300706032b65700500032100${'07'.repeat(32)}`, 'unknown scheme'],
    [`3039301306072a8648ce3d020106082a8648ce3d03010703220002${'07'.repeat(32)}`, '65 bytes'],
    [`3059301306072a8648ce3d020106082a8648ce3d03010703420006${'07'.repeat(64)}`, 'uncompressed'],
  ])('%s is refused: %s [encoding.der]', (hex, reason) => {
    expect(parseDerPublicKey(parseHex(hex)!)).toMatchObject({ ok: false, error: expect.stringContaining(reason) });
  });

  it('of any bytes at all is a key or a refusal, and a key has one form only [encoding.der]', () => {
    const spoiled = fc
      .tuple(fc.constantFrom(...prefixes), fc.nat(), fc.nat(255))
      .map(([[scheme, , byteCount], at, byte]) => {
        const der = publicKeyToDer({ scheme, key: keyBytes(byteCount) });
        der[at % der.length] = byte;
        return der;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), spoiled), (der) => {
        const parsed = parseDerPublicKey(der);
        if (parsed.ok) expect(publicKeyToDer(parsed.value)).toEqual(der);
      }),
      { numRuns: 3000 },
    );
  });

  it('of Ed25519 is one that OpenSSL takes', () => {
    const der = publicKeyToDer({ scheme: 'ed25519', key: new Uint8Array(32).fill(1) });
    expect(createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' }).asymmetricKeyType).toBe('ed25519');
  });
});
