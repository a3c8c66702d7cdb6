// What a device is told to do and what it reports. A command only moves forward: requested, accepted, acted, then confirmed or
// failed; one that has not ended when it expires is expired, which is derived from the clock and final.
import { IDL } from '@dfinity/candid';
import { choice, count, nat, optional, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { timeNs } from './principal-codec.ts';
import { defineRefusals } from './refusal.ts';

export const commandLimits = {
  /** Commands that have not ended, of work and of safety each: what a device can have before it, with orders in line. */
  openMax: 32,
  /** Ended commands that stay readable; older ones are in the event log of whoever followed it. */
  keptCount: 500,
  /** A program for a machine is a file with a hash, not an argument. */
  argumentBytesMax: 4_096,
  actionCharsMax: 64,
  /** The longest job that makes sense to wait for; it also bounds how long a command holds a place. */
  lifeNs: 7n * 86_400_000_000_000n,
  causeCharsMax: 64,
} as const;

export const reportLimits = {
  /** A batch takes one message: each report costs about as much as an update of its own. */
  batchMax: 20,
  /** A device's clock may be ahead of the network's by this much. */
  driftNs: 30_000_000_000n,
  sequenceMax: 4_294_967_295,
  reasonCharsMax: 256,
  nameCharsMax: 32,
  /** The metered quantity is nat; this is far above any use and still a small record. */
  quantityMax: 10n ** 24n,
} as const;

/** Every machine knows these, whatever its description says. */
export const builtInActions = ['start', 'stop', 'safe'] as const;
/** These pass a stop, a frozen machine and a held lease. */
const safetyActions: readonly string[] = ['stop', 'safe'];

export function isSafetyAction(action: string): boolean {
  return safetyActions.includes(action);
}

export const commandOutcome = choice('confirmed', 'failed');
export const ignoredWhy = choice('expired', 'ended', 'backwards');

const fromReport = { device: count, sequence: count, atNs: timeNs };

export const commandEvents = {
  CommandRequested: record({
    command: count,
    device: count,
    action: text,
    arguments: text,
    expiresNs: timeNs,
    /** What it was requested for: `order/12`, `stop`, `lease/3`. */
    cause: optional(text),
  }),
  CommandAccepted: record({ ...fromReport, command: count }),
  CommandActed: record({ ...fromReport, command: count }),
  CommandConfirmed: record({ ...fromReport, command: count, quantity: nat, evidence: text }),
  CommandFailed: record({ ...fromReport, command: count, reason: text, evidence: optional(text) }),
  /** Ended by a stop before the device had accepted it. */
  CommandCancelled: record({ command: count, reason: text }),
  /** The report came too late to change anything; it stays as evidence. */
  ReportIgnored: record({ ...fromReport, command: count, why: ignoredWhy, evidence: optional(text) }),
  HeartbeatReported: record(fromReport),
};

const commandEvent = variant(commandEvents);
export type CommandEvent = ValueOf<typeof commandEvent>;

/** What the cause of a command is told when the command ends. */
export interface EndedCommand {
  readonly command: number;
  readonly device: number;
  readonly cause: string | null;
  readonly outcome: ValueOf<typeof commandOutcome>;
  /** Metered by the device; null unless confirmed. */
  readonly quantity: bigint | null;
  /** SHA-256 as hexadecimal digits. */
  readonly evidence: string | null;
  readonly reason: string | null;
  /** By the device's clock, or the network's when the device had no part in it. */
  readonly atNs: bigint;
}

export const commandRefusals = defineRefusals({
  MachineStopped: {
    kind: 'state',
    message: 'the machine is stopped',
    nextStep: 'the operator {operator} releases it with release_stop, when it is safe',
  },
  MachineFrozen: {
    kind: 'funds',
    message: 'the machine has too few cycles left and is frozen; it obeys nothing but a stop',
    nextStep: 'send cycles to the canister, or money to its compute reserve',
  },
  UpgradeUnderWay: {
    kind: 'state',
    message: 'the machine is about to be upgraded and starts nothing new',
    nextStep: 'try again in a few minutes',
  },
  LeaseHeld: {
    kind: 'state',
    message: '{holder} holds the remote control of this machine',
    nextStep: 'wait until the lease ends, or let the holder offer it',
  },
  NoDevice: {
    kind: 'state',
    message: 'this machine has no device',
    nextStep: 'enrol one with issue_enrolment and enrol',
  },
  CommandsFull: {
    kind: 'limit',
    message: '{max} commands have not ended yet',
    nextStep: 'wait until the device has ended some, or until they expire',
  },
  ActionUnknown: {
    kind: 'input',
    message: 'this machine has no action {action}',
    nextStep: 'choose one of: {actions}',
  },
  ArgumentsInvalid: {
    kind: 'input',
    message: 'arguments must be JSON of at most {max} bytes',
    nextStep: 'send the arguments as JSON text; put larger data elsewhere and send its hash',
  },
  CommandExpiryInvalid: {
    kind: 'input',
    message: 'expires_ns must lie within the next {days} days',
    nextStep: 'choose an earlier expiry that is still to come',
  },
  CommandUnknown: {
    kind: 'input',
    message: 'command {command} is none of this device',
    nextStep: 'report only commands that are addressed to this device',
  },
  SequenceGap: {
    kind: 'state',
    message: 'the report has sequence {sequence}, expected is {expected}',
    nextStep: 'send the reports from {expected} on, in order',
  },
  ReportFromFuture: {
    kind: 'input',
    message: 'at_ns is more than {driftSeconds} seconds ahead of the network',
    nextStep: 'set the clock of the device',
  },
  ReportInvalid: {
    kind: 'input',
    message: '{field} must be {wanted}',
    nextStep: 'correct the report and send it again with the same sequence',
  },
  BatchInvalid: {
    kind: 'input',
    message: 'a batch has 1 to {max} reports',
    nextStep: 'send the reports in several batches, in order',
  },
});

export const CommandStatusType = IDL.Variant({
  requested: IDL.Null,
  accepted: IDL.Null,
  acted: IDL.Null,
  confirmed: IDL.Null,
  failed: IDL.Null,
  expired: IDL.Null,
});

export const CommandType = IDL.Record({
  command: IDL.Nat32,
  device: IDL.Nat32,
  action: IDL.Text,
  arguments: IDL.Text,
  requested_by: IDL.Principal,
  requested_ns: IDL.Nat64,
  expires_ns: IDL.Nat64,
  cause: IDL.Opt(IDL.Text),
  status: CommandStatusType,
  accepted_ns: IDL.Opt(IDL.Nat64),
  acted_ns: IDL.Opt(IDL.Nat64),
  ended_ns: IDL.Opt(IDL.Nat64),
  quantity: IDL.Opt(IDL.Nat),
  evidence: IDL.Opt(IDL.Vec(IDL.Nat8)),
  reason: IDL.Opt(IDL.Text),
});
