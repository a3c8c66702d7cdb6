// Letting devices in and putting them out, and the change of a device's key.
import { refuse } from '@tamc/base/result';
import { bytesToHexQuickly } from '@tamc/base/utf8';
import { deviceLimits as limits, deviceRefusals as no } from '@tamc/protocol/devices';
import { sha256 } from '@tamc/protocol/hash';
import { identityRefusals } from '@tamc/protocol/identity';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { isPrintableLine, printableLineWanted } from '@tamc/protocol/printable';
import type { Refusal } from '@tamc/protocol/refusal';
import type { Context } from '@tamc/shared/rule';
import { cancelCommands } from '../commands/cancel.ts';
import { tellDevice } from '../commands/request.ts';
import { decided, joined, type MachineDecision } from '../decision.ts';
import { isStopped, requirePower } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { deviceOfKey, deviceProposing, keyFault } from './keys.ts';
import type { Enrolment } from './tables.ts';

export interface IssueEnrolment {
  readonly codeHash: Uint8Array;
  readonly label: string;
  readonly expiresNs: bigint;
}

export function issueEnrolment(tables: MachineTables, context: Context, wanted: IssueEnrolment): MachineDecision<null> {
  const refusal = requirePower(tables, context, 'enrol') ?? enrolmentFault(tables, context, wanted);
  if (refusal !== null) return refuse(refusal);
  const { label, expiresNs } = wanted;
  return decided(null, [{ kind: 'EnrolmentIssued', codeHash: bytesToHexQuickly(wanted.codeHash), label, expiresNs }]);
}

/** By the device's own key. The code is spent in the same step, so it lets in one device however often it is sent. */
export function enrol(tables: MachineTables, context: Context, code: Uint8Array): MachineDecision<number> {
  const { codeBytesMin: min, codeBytesMax: max, devicesMax } = limits;
  if (code.length < min || code.length > max) return refuse(no('CodeLengthInvalid', { min, max }));
  const codeHash = bytesToHexQuickly(sha256(code));
  const known = deviceOfKey(tables, context.caller);
  if (known !== null && known.device.codeHash === codeHash) return decided(known.number);
  const enrolment = liveEnrolments(tables, context.nowNs).find((waiting) => waiting.codeHash === codeHash);
  if (enrolment === undefined) return refuse(no('CodeUnknown'));
  const { next: device, devices } = tables.fleet.get();
  const refusal = keyFault(tables, context, context.caller) ?? proposedFault(tables, context.caller);
  if (refusal !== null) return refuse(refusal);
  if (devices.length >= devicesMax) return refuse(no('DevicesFull', { max: devicesMax }));
  const { label } = enrolment;
  // A device that comes to a stopped machine is told so like the others.
  const stop = isStopped(tables) ? [tellDevice(tables, context, device, 'stop', 'stop')] : [];
  return decided(device, [{ kind: 'DeviceEnrolled', device, key: context.caller, label, codeHash }, ...stop]);
}

/** By the old key; the next one has no power before it signs for itself. */
export function rotateKey(tables: MachineTables, context: Context, next: PrincipalHex): MachineDecision<number> {
  const known = deviceOfKey(tables, context.caller);
  if (known === null) return refuse(no('NotADevice'));
  const { number: device } = known;
  if (known.device.nextKey === next) return decided(device);
  const refusal = keyFault(tables, context, next) ?? proposedFault(tables, next);
  return refusal === null ? decided(device, [{ kind: 'KeyProposed', device, next }]) : refuse(refusal);
}

/** By the new key; the old one is powerless from this moment. */
export function confirmKey(tables: MachineTables, context: Context): MachineDecision<number> {
  const key = context.caller;
  const known = deviceOfKey(tables, key);
  if (known !== null) return decided(known.number);
  const proposing = deviceProposing(tables, key);
  if (proposing === null) return refuse(no('NoKeyProposed'));
  const refusal = keyFault(tables, context, key);
  if (refusal !== null) return refuse(refusal);
  const { number: device, device: facts } = proposing;
  return decided(device, [{ kind: 'KeyConfirmed', device, key, previous: facts.key }]);
}

export interface RevokeDevice {
  readonly device: number;
  readonly reason: string;
}

/** At once. What it had before it can no longer be reported by anybody, so it fails. */
export function revokeDevice(tables: MachineTables, context: Context, wanted: RevokeDevice): MachineDecision<null> {
  const refusal = requirePower(tables, context, 'enrol');
  if (refusal !== null) return refuse(refusal);
  const { device, reason } = wanted;
  const facts = tables.devices.get(device);
  if (facts === null) {
    const isGone = device >= 1 && device < tables.fleet.get().next;
    return isGone ? decided(null) : refuse(no('DeviceUnknown', { device }));
  }
  if (reason !== '' && !isPrintableLine(reason, limits.labelCharsMax)) return refuse(labelFault('reason'));
  const cancelled = cancelCommands(tables, context, 'device revoked', (open) => open.device === device);
  const revoked = { events: [{ kind: 'DeviceRevoked' as const, device, key: facts.key, reason }], calls: [] };
  const { events, calls } = joined(revoked, cancelled);
  return decided(null, events, calls);
}

export function liveEnrolments(tables: MachineTables, nowNs: bigint): readonly Enrolment[] {
  return tables.enrolments.get().filter(({ expiresNs }) => nowNs < expiresNs);
}

function enrolmentFault(tables: MachineTables, { nowNs }: Context, wanted: IssueEnrolment): Refusal | null {
  const { codesMax, codeLifeNs, labelCharsMax } = limits;
  if (wanted.codeHash.length !== 32) return no('CodeHashInvalid');
  if (!isPrintableLine(wanted.label, labelCharsMax)) return labelFault('label');
  if (wanted.expiresNs <= nowNs || wanted.expiresNs > nowNs + codeLifeNs)
    return no('CodeExpiryInvalid', { days: codeLifeNs / 86_400_000_000_000n });
  const waiting = liveEnrolments(tables, nowNs);
  const codeHash = bytesToHexQuickly(wanted.codeHash);
  if (waiting.some((enrolment) => enrolment.codeHash === codeHash)) return no('CodeHashKnown');
  return waiting.length >= codesMax ? no('CodesFull', { max: codesMax }) : null;
}

function labelFault(field: string): Refusal {
  return identityRefusals('FieldInvalid', { field, wanted: printableLineWanted(limits.labelCharsMax) });
}

function proposedFault(tables: MachineTables, key: PrincipalHex): Refusal | null {
  return deviceProposing(tables, key) === null
    ? null
    : no('KeyUnfit', { reason: 'a device proposed it as its next key' });
}
