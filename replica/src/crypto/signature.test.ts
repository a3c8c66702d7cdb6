import { generateKeyPairSync, sign } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToHex, concatBytes, parseHex, textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publicKeyToDer } from './der.ts';
import { createEd25519Key } from './ed25519.ts';
import { parsePublicKey, verifySignature } from './signature.ts';

function keyOf(der: Uint8Array) {
  const parsed = parsePublicKey(der);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const message = textToBytes('message');

// RFC 8032, section 7.1: seed, public key, message, signature.
const ed25519Vectors = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
] as const;

describe('Ed25519', () => {
  it.each(ed25519Vectors)('signs as RFC 8032 says with seed %s', (seed, publicKey, text, signature) => {
    const key = createEd25519Key(parseHex(seed)!);
    expect(bytesToHex(key.publicKey)).toBe(publicKey);
    expect(bytesToHex(key.sign(parseHex(text)!))).toBe(signature);
    expect(verifySignature(keyOf(key.publicKeyDer), parseHex(text)!, parseHex(signature)!)).toBe(true);
  });

  it('agrees with another implementation', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array(), (seed, bytes) => {
        const key = createEd25519Key(seed);
        expect(key.sign(bytes)).toEqual(ed25519.sign(bytes, seed));
        expect(verifySignature(keyOf(key.publicKeyDer), bytes, ed25519.sign(bytes, seed))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses an S that is not reduced, which would make a second signature out of a valid one', () => {
    const key = createEd25519Key(new Uint8Array(32).fill(5));
    const signature = key.sign(message);
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${bytesToHex(signature.slice(32).reverse())}`) + order;
    const raised = parseHex(s.toString(16).padStart(64, '0'))!.reverse();
    const changed = concatBytes(signature.subarray(0, 32), raised);
    expect(verifySignature(keyOf(key.publicKeyDer), message, changed)).toBe(false);
  });
});

describe('ECDSA', () => {
  it.each([
    ['ecdsa-p256', p256],
    ['ecdsa-secp256k1', secp256k1],
  ] as const)('on %s takes r and s as made by another implementation, low and high s', (scheme, curve) => {
    const secret = new Uint8Array(32).fill(9);
    const key = keyOf(publicKeyToDer({ scheme, key: curve.getPublicKey(secret, false) }));
    for (const lowS of [true, false]) {
      const signature = curve.sign(message, secret, { lowS });
      expect(signature.length).toBe(64);
      expect(verifySignature(key, message, signature)).toBe(true);
      expect(verifySignature(key, textToBytes('other'), signature)).toBe(false);
    }
  });

  it.each(['P-256', 'secp256k1'])('on %s refuses the DER form of a signature', (namedCurve) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    const key = keyOf(publicKey.export({ format: 'der', type: 'spki' }));
    expect(verifySignature(key, message, sign('sha256', message, privateKey))).toBe(false);
    const plain = sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    expect(verifySignature(key, message, plain)).toBe(true);
  });

  it('refuses a point that is not on the curve', () => {
    const key = new Uint8Array(65).fill(1);
    key[0] = 4;
    for (const scheme of ['ecdsa-p256', 'ecdsa-secp256k1'] as const) {
      expect(parsePublicKey(publicKeyToDer({ scheme, key }))).toMatchObject({ ok: false });
    }
  });
});

describe('a signature', () => {
  it('of any other length or content is not valid and never throws', () => {
    const der = createEd25519Key(new Uint8Array(32)).publicKeyDer;
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });
    fc.assert(
      fc.property(fc.constantFrom(der, ec), fc.uint8Array({ maxLength: 80 }), (one, signature) => {
        expect(verifySignature(keyOf(one), message, signature)).toBe(false);
      }),
    );
    for (const zeros of [der, ec]) expect(verifySignature(keyOf(zeros), message, new Uint8Array(64))).toBe(false);
  });

  it.each([
    ['webauthn-cose', 'WebAuthn signatures are not supported yet'],
    ['canister-signature', 'canister signatures are not supported yet'],
    ['bls12-381', 'a BLS key cannot sign requests'],
  ] as const)('by a key of %s is refused with a clear sentence [auth.schemes]', (scheme, error) => {
    expect(parsePublicKey(publicKeyToDer({ scheme, key: new Uint8Array(96) }))).toEqual({ ok: false, error });
  });

  it('by a key longer than any key is refused', () => {
    expect(parsePublicKey(new Uint8Array(10_000))).toMatchObject({ ok: false, error: 'public key is too long' });
  });
});
