// The BLS signature of a certificate, by the same curve library as the client library's own check. The key of a network is read from its
// bytes once: that it is a point of the curve takes a sixth of the time of the whole check.
import { bls12_381 } from '@noble/curves/bls12-381';
import { bytesToHex } from '@tamc/base/bytes';

type KeyPoint = ReturnType<typeof bls12_381.G2.ProjectivePoint.fromHex>;

const points = new Map<string, KeyPoint>();
/** The root key, and those of subnets whose delegations it signs. */
const pointsKeptMax = 64;

export function isCertificateSigned(key: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  return bls12_381.verifyShortSignature(signature, message, pointOf(key));
}

function pointOf(key: Uint8Array): KeyPoint {
  const name = bytesToHex(key);
  const known = points.get(name);
  if (known !== undefined) return known;
  const point = bls12_381.G2.ProjectivePoint.fromHex(name);
  if (points.size >= pointsKeptMax) points.clear();
  points.set(name, point);
  return point;
}
