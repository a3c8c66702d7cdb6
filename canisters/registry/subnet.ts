// Whether two canisters lie on one subnet, told from their ids alone: the Internet Computer gives canister ids to subnets in
// ranges of 2^20, and an engine gets one.
import type { PrincipalHex } from '@tamc/protocol/principal';

/** Eight bytes of number, then 01 01. */
const canisterId = /^([0-9a-f]{11})[0-9a-f]{5}0101$/;

export function isOfSameSubnet(a: PrincipalHex, b: PrincipalHex): boolean {
  const range = rangeOf(a);
  return range !== null && range === rangeOf(b);
}

function rangeOf(canister: PrincipalHex): string | null {
  return canisterId.exec(canister)?.[1] ?? null;
}
