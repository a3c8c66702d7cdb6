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

it('what the curve library says is wrong is wrong: other points, the neutral one, one beside the group', () => {
  const secret = bls12_381.utils.randomPrivateKey();
  const key = bls12_381.getPublicKeyForShortSignatures(secret);
  const { ProjectivePoint } = bls12_381.G1;
  for (let i = 0; i < 5; i++) {
    const message = Uint8Array.of(13, i);
    const signature = bls12_381.signShortSignature(message, secret);
    const point = ProjectivePoint.fromHex(signature);
    const others = [point.negate(), point.double(), point.add(ProjectivePoint.BASE), ProjectivePoint.BASE];
    for (const one of [point, ...others]) {
      const bytes = one.toRawBytes(true);
      const verdict = bls12_381.verifyShortSignature(bytes, message, key);
      expect(isCertificateSigned(key, bytes, message)).toBe(verdict);
      expect(verdict).toBe(one === point);
    }
    expect(isCertificateSigned(key, ProjectivePoint.ZERO.toRawBytes(true), message)).toBe(false);
  }
  // x = 4 is on the curve, and not in the group of prime order.
  const beside = new Uint8Array(48);
  beside.set([0x80]);
  beside.set([4], 47);
  expect(() => isCertificateSigned(key, beside, Uint8Array.of(1))).toThrow();
});
