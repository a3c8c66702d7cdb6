// Principals: blobs of at most 29 bytes, held as lower-case hexadecimal text so that they compare, sort and key maps as strings.
// The order of the hexadecimal text is the order of the bytes.

import { assert } from '@tamc/base/assert';
import { sha224 } from '../crypto/sha256.ts';
import { base32ToBytes, bytesToBase32 } from './base32.ts';
import { createBoundedCache } from './bounded-cache.ts';
import { crc32 } from './crc32.ts';

declare const principalBrand: unique symbol;
export type Principal = string & { readonly [principalBrand]: true };

/** An identifier is at most a SHA-224 and one class byte. */
export const principalByteCountMax = 29;

// Enough for every canister and user that is active at once; a miss costs well under a microsecond.
const cacheEntryCountMax = 8192;
const bytesOfPrincipal = createBoundedCache<Principal, Uint8Array>(cacheEntryCountMax);
const textOfPrincipal = createBoundedCache<Principal, string>(cacheEntryCountMax);
const principalOfText = createBoundedCache<string, Principal>(cacheEntryCountMax);

export const managementCanister: Principal = brandPrincipal('');
export const anonymous: Principal = brandPrincipal('04');

/** The bytes are shared with other callers: do not write to them. */
export function principalToBytes(principal: Principal): Uint8Array {
  const known = bytesOfPrincipal.get(principal);
  if (known !== undefined) return known;
  const bytes = new Uint8Array(Buffer.from(principal, 'hex'));
  bytesOfPrincipal.set(principal, bytes);
  return bytes;
}

/** Null when there are more than 29 bytes. */
export function parsePrincipalBytes(bytes: Uint8Array): Principal | null {
  return bytes.length > principalByteCountMax ? null : brandPrincipal(bytesToHexText(bytes));
}

/** Null when the text is not the hexadecimal form of a principal, as stored in keys and files. */
export function parsePrincipalHex(hex: string): Principal | null {
  return /^(?:[0-9a-f]{2}){0,29}$/.test(hex) ? brandPrincipal(hex) : null;
}

export function principalToText(principal: Principal): string {
  const known = textOfPrincipal.get(principal);
  if (known !== undefined) return known;
  const bytes = principalToBytes(principal);
  const checked = new Uint8Array(4 + bytes.length);
  new DataView(checked.buffer).setUint32(0, crc32(bytes));
  checked.set(bytes, 4);
  const text = bytesToBase32(checked).replace(/.{5}(?=.)/g, '$&-');
  textOfPrincipal.set(principal, text);
  return text;
}

/** Null unless the text, taken case-insensitively, is what the principal would be written as. */
export function parsePrincipalText(text: string): Principal | null {
  // 63 characters write 29 bytes. Letters outside ASCII go no further: some have a lower case inside it.
  if (!/^[A-Za-z2-7-]{7,63}$/.test(text)) return null;
  const lower = text.toLowerCase();
  const known = principalOfText.get(lower);
  if (known !== undefined) return known;
  const checked = base32ToBytes(lower.replaceAll('-', ''));
  if (checked === null || checked.length < 4) return null;
  const principal = parsePrincipalBytes(checked.subarray(4));
  // Writing it again checks the check sequence, the dashes and the unused bits at once.
  if (principal === null || principalToText(principal) !== lower) return null;
  principalOfText.set(lower, principal);
  return principal;
}

/** The id of whoever holds the key; also how a subnet and a node are named after their keys. */
export function selfAuthenticatingPrincipal(derPublicKey: Uint8Array): Principal {
  return brandPrincipal(`${bytesToHexText(sha224(derPublicKey))}02`);
}

/** Canister ids as the main network makes them: index, big endian, then 01 01. */
export function canisterIdOfIndex(index: bigint): Principal {
  assert(index >= 0n && index < 1n << 64n, `canister index out of range: ${index}`);
  return brandPrincipal(`${index.toString(16).padStart(16, '0')}0101`);
}

/** Null when the principal does not have the form of canisterIdOfIndex. */
export function canisterIndexOfId(principal: Principal): bigint | null {
  return principal.length === 20 && principal.endsWith('0101') ? BigInt(`0x${principal.slice(0, 16)}`) : null;
}

/** The one place where text becomes a Principal. */
function brandPrincipal(hex: string): Principal {
  return hex as Principal;
}

function bytesToHexText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
