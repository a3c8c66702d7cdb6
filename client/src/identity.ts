// Keys of people, hosts and devices: Ed25519, made here, kept sealed by a passphrase or in the clear. Runs in browser and Node. An
// identity knows who it is without the client library, which is large and loaded when a first request is signed.
import type { HttpAgentRequest, Identity } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { assert } from '@tamc/base/assert';
import { bytesToHex, concatBytes, parseHex, textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { curve } from '#curve';
import { createKeyPair, type KeyPair } from './native-crypto.ts';

/** As the client library takes one. Its seed is got by `seedOf` only, and is not shown when it is printed. */
export interface Ed25519KeyIdentity extends Identity {
  /** DER. */
  readonly publicKey: Uint8Array;
}

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

const seeds = new WeakMap<Ed25519KeyIdentity, Uint8Array>();

/** What stands before the 32 bytes of a public key in DER. */
const publicKeyPrefix = parseHex('302a300506032b6570032100')!;

export function identityFromSeed(seed: Uint8Array): Ed25519KeyIdentity {
  assert(seed.length === seedBytes, `a seed has ${seedBytes} bytes`);
  const { publicKey, sign } = createKeyPair(seed) ?? createCurveKeyPair(seed);
  const principal = Principal.selfAuthenticating(publicKey);
  const identity: Ed25519KeyIdentity = {
    publicKey,
    getPrincipal: () => principal,
    transformRequest: async (request) => await signRequest(request, publicKey, sign),
  };
  seeds.set(identity, Uint8Array.from(seed));
  return identity;
}

function createCurveKeyPair(seed: Uint8Array): KeyPair {
  const { getPublicKey, sign } = curve ?? {};
  assert(getPublicKey && sign, 'the curve is loaded where the machine has no cryptography of its own');
  return { publicKey: concatBytes(publicKeyPrefix, getPublicKey(seed)), sign: (message) => sign(message, seed) };
}

/** The envelope of the HTTPS interface. */
async function signRequest(request: HttpAgentRequest, publicKey: Uint8Array, sign: KeyPair['sign']) {
  const { IC_REQUEST_DOMAIN_SEPARATOR, requestIdOf } = await import('@dfinity/agent');
  const { body: content, ...fields } = request;
  const signature = sign(concatBytes(IC_REQUEST_DOMAIN_SEPARATOR, requestIdOf(content)));
  return { ...fields, body: { content, sender_pubkey: publicKey, sender_sig: signature } };
}

export function seedOf(identity: Ed25519KeyIdentity): Uint8Array {
  const seed = seeds.get(identity);
  assert(seed !== undefined, 'an identity of ours has a seed');
  return Uint8Array.from(seed);
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
  const [salt, nonce, sealed] = [key.salt, key.nonce, key.sealed].map(parseField);
  if (key.form !== 'tamc-sealed-key-1' || !salt || !nonce || !sealed)
    return refuse('This is not a sealed key of ours.');
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

/** A file may hold anything, or nothing. */
function parseField(field: unknown): Uint8Array | null {
  return typeof field === 'string' ? parseHex(field) : null;
}

async function keyOf(passphrase: string, salt: Uint8Array) {
  const text = concatBytes(textToBytes(passphrase.normalize('NFKC')));
  const material = await crypto.subtle.importKey('raw', text, 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: concatBytes(salt), iterations: rounds };
  return await crypto.subtle.deriveKey(how, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}
