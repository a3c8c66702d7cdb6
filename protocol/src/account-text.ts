// The textual form of an ICRC-1 account: the owner alone for the default subaccount, else `owner-checksum.subaccount`.
import { concatBytes, parseHex } from '@tamc/base/bytes';
import type { Account } from './account.ts';
import { crc32 } from './crc32.ts';
import { principalToText } from './principal.ts';

export function accountToText({ owner, subaccount }: Account): string {
  if (subaccount === null) return principalToText(owner);
  const bytes = concatBytes(parseHex(owner)!, parseHex(subaccount)!);
  return `${principalToText(owner)}-${checksum(bytes)}.${subaccount.replace(/^0+/, '')}`;
}

/** CRC-32 in base 32 with lower-case letters: 4 bytes are 7 letters. */
function checksum(bytes: Uint8Array): string {
  const bits = (BigInt(crc32(bytes)) << 3n).toString(32).padStart(7, '0');
  return Array.from(bits, (digit) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(digit, 32)]).join('');
}
