// How principals and times are written in stored values and events.
import { type Codec, nat, textAs } from '@tamc/base/codec';
import type { PrincipalHex } from './principal.ts';

export const principal: Codec<PrincipalHex> = textAs<PrincipalHex>();

/** Nanoseconds since 1970. */
export const timeNs: Codec<bigint> = nat;
