// One way to check any user's signature: parse the DER key, then verify. Parsed keys are kept, because importing a key
// costs as much as checking a signature and clients send the same key with every request.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { ok, type Result, refuse } from '@tamc/base/result';
import { createBoundedCache } from '../codec/bounded-cache.ts';
import { parseDerPublicKey } from './der.ts';
import { verifyECDSA } from './ecdsa.ts';
import { verifyEd25519 } from './ed25519.ts';
import { bytesToBinary } from './sha256.ts';

export interface PublicKey {
  readonly scheme: VerifiableScheme;
  readonly der: Uint8Array;
  readonly keyObject: KeyObject;
}

export type VerifiableScheme = keyof typeof verifierOfScheme;

const verifierOfScheme = {
  ed25519: verifyEd25519,
  'ecdsa-p256': verifyECDSA,
  'ecdsa-secp256k1': verifyECDSA,
} as const;

// Some 2 KB each inside OpenSSL: at most a few megabytes.
const publicKeyOfDer = createBoundedCache<string, PublicKey>(2048);

// The longest key that is supported has 91 bytes; COSE and canister-signature keys stay far below this.
const derByteCountMax = 4096;

export function parsePublicKey(der: Uint8Array): Result<PublicKey, string> {
  if (der.length > derByteCountMax) return refuse('public key is too long');
  const cacheKey = bytesToBinary(der);
  const known = publicKeyOfDer.get(cacheKey);
  if (known !== undefined) return ok(known);
  const imported = importPublicKey(der);
  if (imported.ok) publicKeyOfDer.set(cacheKey, imported.value);
  return imported;
}

export function verifySignature(publicKey: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  return verifierOfScheme[publicKey.scheme](publicKey.keyObject, message, signature);
}

function importPublicKey(der: Uint8Array): Result<PublicKey, string> {
  const raw = parseDerPublicKey(der);
  if (!raw.ok) return raw;
  const { scheme } = raw.value;
  if (!isVerifiable(scheme)) return refuse(unsupportedReason[scheme]);
  try {
    const keyObject = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
    return ok({ scheme, der: der.slice(), keyObject });
  } catch {
    // OpenSSL refuses points that are not on the curve.
    return refuse(`${scheme} public key is not valid`);
  }
}

function isVerifiable(scheme: string): scheme is VerifiableScheme {
  return Object.hasOwn(verifierOfScheme, scheme);
}

const unsupportedReason = {
  'webauthn-cose': 'WebAuthn signatures are not supported yet',
  'canister-signature': 'canister signatures are not supported yet',
  'bls12-381': 'a BLS key cannot sign requests',
} as const;
