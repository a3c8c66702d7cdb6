// Remote control: one lease, held by one hand at a time, kept alive by heartbeats. Whether it has ended is derived from the
// clock; when that is noticed, every device is told to go to a safe state.
import { IDL } from '@dfinity/candid';
import { choice, count, optional, record, type ValueOf, variant } from '@tamc/base/codec';
import { principal, timeNs } from './principal-codec.ts';
import { defineRefusals } from './refusal.ts';

export const controlLimits = {
  /** An update takes some seconds; below this a healthy holder would lose the lease. */
  timeoutNsMin: 10_000_000_000n,
  /** The longest that a machine may stay in the hands of somebody who is gone. */
  timeoutNsMax: 3_600_000_000_000n,
} as const;

export const leaseEndWhy = choice('released', 'silent', 'taken over', 'powerless', 'handed over');

export const controlEvents = {
  LeaseTaken: record({ lease: count, holder: principal, timeoutNs: timeNs }),
  LeaseOffered: record({ lease: count, to: optional(principal) }),
  LeaseEnded: record({ lease: count, holder: principal, why: leaseEndWhy }),
  LeaseKept: record({ lease: count }),
};

const controlEvent = variant(controlEvents);
export type ControlEvent = ValueOf<typeof controlEvent>;

export const controlRefusals = defineRefusals({
  NotHolder: {
    kind: 'caller',
    message: 'the caller does not hold the remote control',
    nextStep: 'call take_control first',
  },
  LeaseOccupied: {
    kind: 'state',
    message: '{holder} holds the remote control',
    nextStep: 'ask the holder to call offer_control, or wait until the lease ends; the operator may take it at once',
  },
  TimeoutInvalid: {
    kind: 'input',
    message: 'timeout_ns must be from {min} to {max}',
    nextStep: 'choose how long the machine may wait for a heartbeat',
  },
  HolderUnfit: {
    kind: 'input',
    message: '{to} may not hold the remote control',
    nextStep: 'offer it to the operator or to a delegate with the power control',
  },
  NotOfferedToCaller: {
    kind: 'state',
    message: 'the remote control is not offered to the caller',
    nextStep: 'ask the holder to call offer_control with your principal',
  },
});

export const LeaseType = IDL.Record({
  lease: IDL.Nat32,
  holder: IDL.Principal,
  taken_ns: IDL.Nat64,
  heartbeat_ns: IDL.Nat64,
  timeout_ns: IDL.Nat64,
  ends_ns: IDL.Nat64,
  offered_to: IDL.Opt(IDL.Principal),
});
