// Public keys as DER (SubjectPublicKeyInfo): strict reading, and writing. Which schemes exist: SPEC/index, "Signatures".

import { bytesToHex, concatBytes, parseHex } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';

export type KeyScheme =
  | 'ed25519'
  | 'ecdsa-p256'
  | 'ecdsa-secp256k1'
  | 'bls12-381'
  | 'webauthn-cose'
  | 'canister-signature';

export interface RawPublicKey {
  readonly scheme: KeyScheme;
  /** What the BIT STRING holds: a point, a COSE key, or a canister id with its seed. */
  readonly key: Uint8Array;
}

/** Content of the AlgorithmIdentifier sequence, in hexadecimal. */
const algorithmOfScheme: Readonly<Record<KeyScheme, string>> = {
  // 1.3.101.112 (RFC 8410)
  ed25519: '06032b6570',
  // 1.2.840.10045.2.1 with 1.2.840.10045.3.1.7 (RFC 5480)
  'ecdsa-p256': '06072a8648ce3d020106082a8648ce3d030107',
  // 1.2.840.10045.2.1 with 1.3.132.0.10
  'ecdsa-secp256k1': '06072a8648ce3d020106052b8104000a',
  // 1.3.6.1.4.1.44668.5.3.1.2.1 with 1.3.6.1.4.1.44668.5.3.2.1
  'bls12-381': '060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201',
  // 1.3.6.1.4.1.56387.1.1
  'webauthn-cose': '060a2b0601040183b8430101',
  // 1.3.6.1.4.1.56387.1.2
  'canister-signature': '060a2b0601040183b8430102',
};

const schemeOfAlgorithm = new Map(
  Object.entries(algorithmOfScheme).map(([scheme, algorithm]) => [algorithm, scheme as KeyScheme]),
);

/** Bytes of a key where the scheme fixes them. ECDSA points are uncompressed: 04, x, y. */
const byteCountOfKey: Partial<Record<KeyScheme, number>> = {
  ed25519: 32,
  'ecdsa-p256': 65,
  'ecdsa-secp256k1': 65,
  'bls12-381': 96,
};

const tagSequence = 0x30;
const tagBitString = 0x03;

export function parseDerPublicKey(der: Uint8Array): Result<RawPublicKey, string> {
  const outer = readElement(der, 0, tagSequence);
  if (outer === null || outer.end !== der.length) return refuse('public key is not DER');
  const algorithm = readElement(der, outer.start, tagSequence);
  const bits = algorithm === null ? null : readElement(der, algorithm.end, tagBitString);
  if (algorithm === null || bits === null || bits.end !== outer.end) return refuse('public key is not DER');
  const scheme = schemeOfAlgorithm.get(bytesToHex(der.subarray(algorithm.start, algorithm.end)));
  if (scheme === undefined) return refuse('public key of an unknown scheme');
  // The first byte counts unused bits; keys are whole bytes.
  if (bits.start === bits.end || der[bits.start] !== 0) return refuse('public key is not whole bytes');
  return checkKey({ scheme, key: der.subarray(bits.start + 1, bits.end) });
}

export function publicKeyToDer({ scheme, key }: RawPublicKey): Uint8Array {
  const algorithm = element(tagSequence, parseHex(algorithmOfScheme[scheme])!);
  return element(tagSequence, concatBytes(algorithm, element(tagBitString, concatBytes(Uint8Array.of(0), key))));
}

function checkKey(raw: RawPublicKey): Result<RawPublicKey, string> {
  const byteCount = byteCountOfKey[raw.scheme];
  if (byteCount !== undefined && raw.key.length !== byteCount) {
    return refuse(`${raw.scheme} public key must have ${byteCount} bytes, not ${raw.key.length}`);
  }
  if (byteCount === 65 && raw.key[0] !== 4) return refuse(`${raw.scheme} public key must be an uncompressed point`);
  return ok(raw);
}

interface DerElement {
  readonly start: number;
  readonly end: number;
}

/** Null unless an element with that tag and a shortest-form length lies within the bytes. */
function readElement(der: Uint8Array, offset: number, tag: number): DerElement | null {
  const first = der[offset + 1];
  if (der[offset] !== tag || first === undefined) return null;
  if (first < 0x80) return within(der, offset + 2, first);
  // 0x81 or 0x82 and one or two bytes of length: no key is longer.
  const lengthByteCount = first & 0x7f;
  if (lengthByteCount < 1 || lengthByteCount > 2 || offset + 2 + lengthByteCount > der.length) return null;
  let length = 0;
  for (let i = 0; i < lengthByteCount; i++) length = length * 256 + der[offset + 2 + i]!;
  const isShortest = length >= (lengthByteCount === 1 ? 0x80 : 0x100);
  return isShortest ? within(der, offset + 2 + lengthByteCount, length) : null;
}

function within(der: Uint8Array, start: number, length: number): DerElement | null {
  return start + length <= der.length ? { start, end: start + length } : null;
}

function element(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatBytes(Uint8Array.of(tag, ...head), content);
}
