// The ICP ledger knows accounts by an identifier of 32 bytes, from which the account cannot be read: a checksum, and a hash of both parts.
import { sha224 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, parseHex, textToBytes } from '@tamc/base/bytes';
import { type Account, subaccountBytes } from './account.ts';
import { crc32 } from './crc32.ts';

const separator = concatBytes(Uint8Array.of(10), textToBytes('account-id'));

/** Hexadecimal digits. */
export function accountIdentifier({ owner, subaccount }: Account): string {
  const part = subaccount === null ? new Uint8Array(subaccountBytes) : parseHex(subaccount)!;
  const hash = sha224(concatBytes(separator, parseHex(owner)!, part));
  return crc32(hash).toString(16).padStart(8, '0') + bytesToHex(hash);
}
