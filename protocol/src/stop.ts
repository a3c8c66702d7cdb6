// The stop: at once, always, by anybody who has to do with the machine; it holds until the operator releases it.
import { IDL } from '@dfinity/candid';
import { record, text, type ValueOf, variant } from '@tamc/base/codec';
import { defineRefusals } from './refusal.ts';

export const stopLimits = {
  /** A longer reason is cut, not refused: nothing may keep a stop from happening. */
  reasonCharsMax: 256,
} as const;

export const stopEvents = {
  MachineStopped: record({ reason: text }),
  StopReleased: record({}),
};

const stopEvent = variant(stopEvents);
export type StopEvent = ValueOf<typeof stopEvent>;

export const stopRefusals = defineRefusals({
  MayNotStop: {
    kind: 'caller',
    message: 'the caller has nothing to do with this machine',
    nextStep: 'ask the operator {operator}, or use the emergency switch of the device',
  },
  StopChanged: {
    kind: 'state',
    message: 'the machine was stopped anew in the meantime: {reason}',
    nextStep: 'look at stopped(), and decide about that stop',
  },
});

/** The stop that is meant, by the time at which it was given. */
export const ReleaseStopArgsType = IDL.Record({ since_ns: IDL.Nat64 });

export const StopType = IDL.Record({ reason: IDL.Text, by: IDL.Principal, since_ns: IDL.Nat64 });
