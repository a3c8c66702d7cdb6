// Principals inside our code are lower-case hexadecimal digits of their bytes: they compare, sort and key maps as text does,
// and cost no checksum. Text with a checksum is for people and for JSON; `Principal` objects only where Candid wants them.
import { Principal } from '@dfinity/principal';

export type PrincipalHex = string & { readonly brand: 'PrincipalHex' };

/** The specification allows no longer principal. */
export const principalBytesMax = 29;

export const anonymous = '04' as PrincipalHex;
export const managementCanister = '' as PrincipalHex;

export function principalToHex(principal: Principal): PrincipalHex {
  return principal.toHex().toLowerCase() as PrincipalHex;
}

export function hexToPrincipal(hex: PrincipalHex): Principal {
  return Principal.fromHex(hex);
}

export function principalToText(hex: PrincipalHex): string {
  return hexToPrincipal(hex).toText();
}

/** Null when the text is no principal in its textual form, checksum included. */
export function parsePrincipal(text: string): PrincipalHex | null {
  try {
    return principalToHex(Principal.fromText(text));
  } catch {
    return null;
  }
}
