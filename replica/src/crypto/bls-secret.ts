// The secret scalar of a BLS key from a seed: KeyGen of draft-irtf-cfrg-bls-signature-05, §2.3 (HKDF with SHA-256).

import { hkdfSync } from 'node:crypto';
import { concatBytes, textToBytes } from '@tamc/base/bytes';
import { sha256 } from './sha256.ts';

// ceil((3 * ceil(log2(r))) / 16)
const outputByteCount = 48;

/** Never zero. */
export function deriveBlsSecret(seed: Uint8Array, groupOrder: bigint): bigint {
  let salt = textToBytes('BLS-SIG-KEYGEN-SALT-');
  for (;;) {
    salt = sha256(salt);
    const input = concatBytes(seed, Uint8Array.of(0));
    const info = Uint8Array.of(0, outputByteCount);
    const output = Buffer.from(hkdfSync('sha256', input, salt, info, outputByteCount));
    const scalar = BigInt(`0x${output.toString('hex')}`) % groupOrder;
    if (scalar !== 0n) return scalar;
  }
}
