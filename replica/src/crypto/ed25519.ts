// Ed25519 (RFC 8032) through Node: keys from a 32-byte seed, signing, verifying. Signatures are 64 bytes.
// OpenSSL refuses an S that is not reduced, so a signature cannot be changed into another valid one.

import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { assert } from '@tamc/base/assert';
import { concatBytes } from '@tamc/base/bytes';
import { publicKeyToDer } from './der.ts';

export const ed25519SignatureByteCount = 64;

export interface Ed25519Key {
  readonly publicKey: Uint8Array;
  readonly publicKeyDer: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

// PrivateKeyInfo of RFC 8410 up to the seed.
const privateKeyPrefix = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32);

export function createEd25519Key(seed: Uint8Array): Ed25519Key {
  assert(seed.length === 32, 'an Ed25519 seed has 32 bytes');
  const der = Buffer.from(concatBytes(privateKeyPrefix, seed));
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKeyDer = new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }));
  return {
    publicKey: publicKeyDer.slice(-32),
    publicKeyDer,
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

export function ed25519KeyToDer(publicKey: Uint8Array): Uint8Array {
  return publicKeyToDer({ scheme: 'ed25519', key: publicKey });
}

export function verifyEd25519(publicKey: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === ed25519SignatureByteCount && verify(null, message, publicKey, signature);
}
