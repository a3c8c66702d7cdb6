// ECDSA with SHA-256 on P-256 and secp256k1, verified through Node. A signature is r and s, 32 bytes each, big endian.

import { type KeyObject, verify } from 'node:crypto';

export const ecdsaSignatureByteCount = 64;

/** The curve is the key's. OpenSSL has checked that the key's point lies on it when the key was imported. */
export function verifyECDSA(publicKey: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== ecdsaSignatureByteCount) return false;
  return verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}
