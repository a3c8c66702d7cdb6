import { bls12_381 } from '@noble/curves/bls12-381';
import { expect, it } from 'vitest';
import { isCertificateSigned } from './certificate-signature.ts';

it('a certificate is signed by its key over its message, and by nothing else, however often the key was seen', () => {
  const secrets = [bls12_381.utils.randomPrivateKey(), bls12_381.utils.randomPrivateKey()] as const;
  const [key, other] = secrets.map((secret) => bls12_381.getPublicKeyForShortSignatures(secret)) as [
    Uint8Array,
    Uint8Array,
  ];
  const message = Uint8Array.of(13, 1, 2, 3);
  const signature = bls12_381.signShortSignature(message, secrets[0]);
  for (let times = 0; times < 3; times++) {
    expect(isCertificateSigned(key, signature, message)).toBe(true);
    expect(isCertificateSigned(other, signature, message)).toBe(false);
    expect(isCertificateSigned(key, signature, Uint8Array.of(13, 1, 2, 4))).toBe(false);
    expect(isCertificateSigned(key, bls12_381.signShortSignature(message, secrets[1]), message)).toBe(false);
  }
  expect(() => isCertificateSigned(new Uint8Array(96), signature, message)).toThrow();
});
