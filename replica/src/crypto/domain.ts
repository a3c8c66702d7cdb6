// Domain separators: a byte with the length, then the name. What is signed or hashed for one purpose is worth nothing for another.

import { concatBytes, textToBytes } from '@tamc/base/bytes';

export function domainSeparator(name: string): Uint8Array {
  const bytes = textToBytes(name);
  return concatBytes(Uint8Array.of(bytes.length), bytes);
}

export const requestDomain = domainSeparator('ic-request');
export const delegationDomain = domainSeparator('ic-request-auth-delegation');
export const queryResponseDomain = domainSeparator('ic-response');
export const stateRootDomain = domainSeparator('ic-state-root');
