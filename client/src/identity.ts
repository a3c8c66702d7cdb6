// Keys of people, hosts and devices: Ed25519, made here, kept sealed by a passphrase or in the clear. Runs in browser and Node.
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { bytesToHex, concatBytes, parseHex, textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';

import { createSigner } from './native-crypto.ts';

export type { Ed25519KeyIdentity } from '@dfinity/identity';

/** What may lie on a disk: the seed under AES-256-GCM, the key from the passphrase by PBKDF2. All bytes in hexadecimal. */
export interface SealedKey {
  readonly form: 'tamc-sealed-key-1';
  readonly salt: string;
  readonly nonce: string;
  readonly sealed: string;
}

/** The number that OWASP names for PBKDF2-HMAC-SHA-256: some tenths of a second for us, much for who guesses. */
const rounds = 600_000;
const seedBytes = 32;

export function createIdentity(): Ed25519KeyIdentity {
  return identityFromSeed(crypto.getRandomValues(new Uint8Array(seedBytes)));
}

export function identityFromSeed(seed: Uint8Array): Ed25519KeyIdentity {
  const identity = Ed25519KeyIdentity.generate(seed);
  const sign = createSigner(seed);
  if (sign !== null) identity.sign = async (message) => Object.assign(sign(message), { __signature__: undefined });
  return identity;
}

export function seedOf(identity: Ed25519KeyIdentity): Uint8Array {
  return new Uint8Array(identity.getKeyPair().secretKey).slice(0, seedBytes);
}

export async function sealIdentity(identity: Ed25519KeyIdentity, passphrase: string): Promise<SealedKey> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const key = await keyOf(passphrase, salt);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, concatBytes(seedOf(identity)));
  const hex = { salt: bytesToHex(salt), nonce: bytesToHex(nonce), sealed: bytesToHex(new Uint8Array(sealed)) };
  return { form: 'tamc-sealed-key-1', ...hex };
}

/** Refuses a wrong passphrase and a changed file alike: nobody can tell which it was. */
export async function openIdentity(key: SealedKey, passphrase: string): Promise<Result<Ed25519KeyIdentity, string>> {
  const [salt, nonce, sealed] = [key.salt, key.nonce, key.sealed].map(parseHex);
  if (!salt || !nonce || !sealed) return refuse('This is not a sealed key of ours.');
  try {
    const opened = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: concatBytes(nonce) },
      await keyOf(passphrase, salt),
      concatBytes(sealed),
    );
    return ok(identityFromSeed(new Uint8Array(opened)));
  } catch {
    return refuse('The passphrase is wrong, or the file of the key was changed.');
  }
}

async function keyOf(passphrase: string, salt: Uint8Array) {
  const text = concatBytes(textToBytes(passphrase.normalize('NFKC')));
  const material = await crypto.subtle.importKey('raw', text, 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: concatBytes(salt), iterations: rounds };
  return await crypto.subtle.deriveKey(how, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}
