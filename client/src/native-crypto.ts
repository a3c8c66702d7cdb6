// Ed25519 by the machine's own cryptography, where there is one: it takes a tenth of a millisecond, the libraries' JavaScript two.
// Browsers have none that answers at once; there everything stays with the libraries.
import { concatBytes, parseHex } from '@tamc/base/bytes';

const crypto = builtIn();

function builtIn() {
  return typeof process === 'undefined' ? null : (process.getBuiltinModule?.('crypto') ?? null);
}

/** What stands before the 32 bytes of a seed in PKCS #8. */
const seedPrefix = parseHex('302e020100300506032b657004220420')!;

export interface KeyPair {
  /** DER. */
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** Null where the machine offers none. */
export function createKeyPair(seed: Uint8Array): KeyPair | null {
  if (crypto === null) return null;
  const { createPrivateKey, createPublicKey, sign } = crypto;
  const der = Buffer.from(concatBytes(seedPrefix, seed));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    publicKey: new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' })),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

/** Checks messages against one key in DER; null where the machine offers none. Throws on what is no key of Ed25519. */
export function createVerifier(
  publicKeyDer: Uint8Array,
): ((message: Uint8Array, signature: Uint8Array) => boolean) | null {
  if (crypto === null) return null;
  const { createPublicKey, verify } = crypto;
  const key = createPublicKey({ key: Buffer.from(publicKeyDer), format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`a node has a key of ${key.asymmetricKeyType}, not Ed25519`);
  return (message, signature) => verify(null, message, key, signature);
}

export const hasNativeCrypto: boolean = crypto !== null;
