// Remote control, held by one hand at a time and kept alive by heartbeats; and the stop, which holds until it is released.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { LeaseType } from '@tamc/protocol/control';
import { ReleaseStopArgsType, StopType } from '@tamc/protocol/stop';
import type { Opt } from './candid-values.ts';
import { queryMethod, updateMethod } from './service.ts';

export interface LeaseReply {
  readonly lease: number;
  readonly holder: Principal;
  readonly taken_ns: bigint;
  readonly heartbeat_ns: bigint;
  readonly timeout_ns: bigint;
  readonly ends_ns: bigint;
  readonly offered_to: Opt<Principal>;
}

export interface StopReply {
  readonly reason: string;
  readonly by: Principal;
  readonly since_ns: bigint;
}

const OfferType = IDL.Record({ to: IDL.Opt(IDL.Principal) });

export const controlMethods = {
  take_control: updateMethod<[{ timeout_ns: bigint }], LeaseReply>(
    [IDL.Record({ timeout_ns: IDL.Nat64 })],
    LeaseType,
    true,
  ),
  /** The holder's heartbeat. */
  keep_control: updateMethod<[], LeaseReply>([], LeaseType, true),
  release_control: updateMethod<[], null>([], IDL.Null, false),
  offer_control: updateMethod<[{ to: Opt<Principal> }], null>([OfferType], IDL.Null, true),
  accept_control: updateMethod<[], LeaseReply>([], LeaseType, true),
  lease: queryMethod<[], Opt<LeaseReply>>([], IDL.Opt(LeaseType)),
};

export const stopMethods = {
  stop: updateMethod<[{ reason: string }], null>([IDL.Record({ reason: IDL.Text })], IDL.Null, true),
  /** Sent once: a repetition could release a later stop, which nobody has looked at. */
  release_stop: updateMethod<[], null>([], IDL.Null, false),
  /** The stop that was looked at; one that was given since stays in force, so this is safe to repeat. */
  release_stop_of: updateMethod<[{ since_ns: bigint }], null>([ReleaseStopArgsType], IDL.Null, true),
  stopped: queryMethod<[], Opt<StopReply>>([], IDL.Opt(StopType)),
};
