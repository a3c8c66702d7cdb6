// All that is random or secret in the town follows from one seed and names: a town that is started again has the same keys and
// comes to the same decisions, without having kept anything.
import { textToBytes } from '@tamc/base/bytes';
import { createRandom, type Random } from '@tamc/base/random';
import { type Ed25519KeyIdentity, identityFromSeed } from '@tamc/client';
import { sha256 } from '@tamc/protocol/hash';

/** Keys of a simulation: whoever knows the seed has them. They hold nothing but simulated money. */
export function keyOf(seed: string, role: 'operator' | 'device' | 'customer', name: string): Ed25519KeyIdentity {
  return identityFromSeed(digestOf('key', seed, role, name));
}

/** The enrolment code of a device. */
export function codeOf(seed: string, name: string): Uint8Array {
  return digestOf('code', seed, name);
}

/** The same words give the same numbers, whatever was drawn before. */
export function randomOf(seed: string, ...words: readonly (string | number | bigint)[]): Random {
  const digest = digestOf('random', seed, ...words);
  return createRandom(new DataView(digest.buffer, digest.byteOffset).getUint32(0));
}

function digestOf(...words: readonly (string | number | bigint)[]): Uint8Array {
  return sha256(textToBytes(JSON.stringify(['simulated town', ...words.map(String)])));
}
