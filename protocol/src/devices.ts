// The devices of a machine: how one is let in with a code that is used once, how it changes its key, how it is put out.
// One principal is one device; a device signs with its key and may do nothing but report and stop.
import { IDL } from '@dfinity/candid';
import { count, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { principal, timeNs } from './principal-codec.ts';
import { defineRefusals } from './refusal.ts';

export const deviceLimits = {
  /** Controllers of one machine; a stop is sent to each of them in one message. */
  devicesMax: 16,
  /** Codes that wait to be used: one for each device that could come. */
  codesMax: 16,
  /** 128 bits cannot be guessed; only the hash of the code is on chain until it is used. */
  codeBytesMin: 16,
  codeBytesMax: 64,
  /** A device is set up within a visit; a code on a label may lie around for a month. */
  codeLifeNs: 30n * 86_400_000_000_000n,
  labelCharsMax: 64,
} as const;

export const deviceEvents = {
  EnrolmentIssued: record({ codeHash: text, label: text, expiresNs: timeNs }),
  DeviceEnrolled: record({ device: count, key: principal, label: text, codeHash: text }),
  KeyProposed: record({ device: count, next: principal }),
  KeyConfirmed: record({ device: count, key: principal, previous: principal }),
  DeviceRevoked: record({ device: count, key: principal, reason: text }),
  /** With the operator who issued it. */
  EnrolmentWithdrawn: record({ codeHash: text }),
};

const deviceEvent = variant(deviceEvents);
export type DeviceEvent = ValueOf<typeof deviceEvent>;

export const deviceRefusals = defineRefusals({
  NotADevice: {
    kind: 'caller',
    message: 'the caller is no device of this machine',
    nextStep: 'enrol with a code of the operator, or sign with the key that is enrolled',
  },
  DeviceUnknown: {
    kind: 'input',
    message: 'this machine has no device {device}',
    nextStep: 'look at devices() for the numbers',
  },
  DevicesFull: {
    kind: 'limit',
    message: 'this machine has {max} devices already',
    nextStep: 'revoke a device that is gone',
  },
  CodesFull: {
    kind: 'limit',
    message: '{max} enrolment codes wait to be used',
    nextStep: 'use them, or wait until they expire',
  },
  CodeHashInvalid: {
    kind: 'input',
    message: 'code_hash must be the 32 bytes of a SHA-256',
    nextStep: 'hash the code with SHA-256',
  },
  CodeHashKnown: {
    kind: 'state',
    message: 'this code waits to be used already',
    nextStep: 'draw a new code at random',
  },
  CodeLengthInvalid: {
    kind: 'input',
    message: 'the code must have {min} to {max} random bytes',
    nextStep: 'draw a longer code and issue its hash',
  },
  CodeUnknown: {
    kind: 'caller',
    message: 'no such code waits to be used: it is wrong, used or expired',
    nextStep: 'ask the operator for a new code',
  },
  CodeExpiryInvalid: {
    kind: 'input',
    message: 'expires_ns must lie within the next {days} days',
    nextStep: 'choose an earlier expiry that is still to come',
  },
  KeyUnfit: {
    kind: 'input',
    message: 'this key cannot be a device: {reason}',
    nextStep: 'make a key that is used for nothing else',
  },
  NoKeyProposed: {
    kind: 'state',
    message: 'no device has proposed the key of the caller',
    nextStep: 'call rotate_key with the old key first',
  },
});

export const DeviceType = IDL.Record({
  device: IDL.Nat32,
  key: IDL.Principal,
  next_key: IDL.Opt(IDL.Principal),
  label: IDL.Text,
  enrolled_ns: IDL.Nat64,
  last_sequence: IDL.Nat32,
  last_report_ns: IDL.Opt(IDL.Nat64),
});

export const EnrolmentType = IDL.Record({ code_hash: IDL.Vec(IDL.Nat8), label: IDL.Text, expires_ns: IDL.Nat64 });
