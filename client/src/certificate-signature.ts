// Certificates, checked by the client library but for the BLS signature: that by the same curve library, with the key of a network read
// from its bytes once. That it is a point of the curve takes a sixth of the time of the whole check.
import { Certificate, type HttpAgent } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { bls12_381 } from '@noble/curves/bls12-381';
import { bytesToHex } from '@tamc/base/bytes';

type KeyPoint = ReturnType<typeof bls12_381.G2.ProjectivePoint.fromHex>;

const points = new Map<string, KeyPoint>();
/** The root key, and those of subnets whose delegations it signs. */
const pointsKeptMax = 64;

/** Of a canister's subnet. Throws what is wrong with it. */
export async function checkCertificate(
  agent: HttpAgent,
  canisterId: Principal,
  certificate: Uint8Array,
): Promise<Certificate> {
  const { rootKey } = agent;
  if (rootKey === null) throw new Error('the root key of the network is not known');
  return await Certificate.create({ certificate, rootKey, canisterId, blsVerify: isCertificateSigned, agent });
}

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
