// BLS signatures of subnets: ciphersuite BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_, signatures in G1 (48 bytes), keys in
// G2 (96 bytes). The curve library is loaded on first use, because it takes longer to load than the rest of the replica.

import { assert } from '@tamc/base/assert';
import { createBoundedCache } from '../codec/bounded-cache.ts';
import { g1ToBytes, g2ToBytes } from './bls-points.ts';
import { deriveBlsSecret } from './bls-secret.ts';
import { parseDerPublicKey, publicKeyToDer } from './der.ts';
import { bytesToBinary } from './sha256.ts';

export interface BlsKey {
  readonly publicKey: Uint8Array;
  readonly publicKeyDer: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface Bls {
  /**
   * Key generation of the BLS draft (KeyGen, 32 bytes of seed or more). Who has kept the public key passes it on and
   * saves the multiplication; it must be the one of this seed.
   */
  createKey(seed: Uint8Array, publicKey?: Uint8Array): BlsKey;
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
  const { bls12_381 } = await import('@noble/curves/bls12-381.js');
  const scheme = bls12_381.shortSignatures;
  const { Point: KeyPoint } = bls12_381.G2;
  // Importing a key checks that it is in the right subgroup: a tenth of a verification.
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

  const derivePublicKey = (secret: bigint) => {
    // A copy of the base point: the library would first fill a table for its own one, which takes ten times as long as
    // this single multiplication.
    const base = KeyPoint.fromAffine(KeyPoint.BASE.toAffine());
    return g2ToBytes(base.multiply(secret).toAffine());
  };

  return {
    createKey: (seed, knownPublicKey) => {
      assert(seed.length >= 32, 'a BLS seed has at least 32 bytes');
      const secret = deriveBlsSecret(seed, bls12_381.fields.Fr.ORDER);
      const publicKey = knownPublicKey ?? derivePublicKey(secret);
      return {
        publicKey,
        publicKeyDer: blsKeyToDer(publicKey),
        sign: (message) => g1ToBytes(scheme.hash(message, domain).multiply(secret).toAffine()),
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
