// BLS signatures of subnets: ciphersuite BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_, signatures in G1 (48 bytes), keys in
// G2 (96 bytes). The curve library is loaded on first use, because it takes longer to load than the rest of the replica.

import { assert } from '@tamc/base/assert';
import { createBoundedCache } from '../codec/bounded-cache.ts';
import { parseDerPublicKey, publicKeyToDer } from './der.ts';
import { bytesToBinary } from './sha256.ts';

export interface BlsKey {
  readonly publicKey: Uint8Array;
  readonly publicKeyDer: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface Bls {
  /** Key generation of the BLS draft (KeyGen, 32 bytes of seed or more). */
  createKey(seed: Uint8Array): BlsKey;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

const domain = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';

let loading: Promise<Bls> | null = null;

/** Loads the curve library once. */
export function loadBls(): Promise<Bls> {
  loading ??= createBls();
  return loading;
}

export function blsKeyToDer(publicKey: Uint8Array): Uint8Array {
  return publicKeyToDer({ scheme: 'bls12-381', key: publicKey });
}

/** Null when the DER is not that of a BLS key. */
export function parseBlsDer(der: Uint8Array): Uint8Array | null {
  const raw = parseDerPublicKey(der);
  return raw.ok && raw.value.scheme === 'bls12-381' ? raw.value.key : null;
}

async function createBls(): Promise<Bls> {
  const [{ bls12_381 }, { deriveBlsSecret }] = await Promise.all([
    import('@noble/curves/bls12-381.js'),
    import('./bls-secret.ts'),
  ]);
  const scheme = bls12_381.shortSignatures;
  const { Point: KeyPoint } = bls12_381.G2;
  // Importing a key checks that it is in the right subgroup, which costs as much as a tenth of a verification.
  const pointOfKey = createBoundedCache<string, InstanceType<typeof KeyPoint>>(64);

  const parsePoint = (publicKey: Uint8Array) => {
    const cacheKey = bytesToBinary(publicKey);
    const known = pointOfKey.get(cacheKey);
    if (known !== undefined) return known;
    const point = KeyPoint.fromBytes(publicKey);
    point.assertValidity();
    pointOfKey.set(cacheKey, point);
    return point;
  };

  return {
    createKey: (seed) => {
      assert(seed.length >= 32, 'a BLS seed has at least 32 bytes');
      const secret = deriveBlsSecret(seed, bls12_381.fields.Fr.ORDER);
      const publicKey = scheme.getPublicKey(secret).toBytes();
      return {
        publicKey,
        publicKeyDer: blsKeyToDer(publicKey),
        sign: (message) => scheme.Signature.toBytes(scheme.sign(scheme.hash(message, domain), secret)),
      };
    },
    verify: (publicKey, message, signature) => {
      try {
        return scheme.verify(signature, scheme.hash(message, domain), parsePoint(publicKey));
      } catch {
        // Bytes that are no point of the group.
        return false;
      }
    },
  };
}
