// Devices over Candid.
import { DeviceType, EnrolmentType } from '@tamc/protocol/devices';
import { principalToHex } from '@tamc/protocol/principal';
import { AnswerType } from '@tamc/protocol/refusal';
import { IDL, type Principal, query, time, update } from 'azle';
import * as shell from '../shell/methods.ts';
import { confirmKey, enrol, issueEnrolment, revokeDevice, rotateKey } from './rules.ts';
import { devicesToCandid, enrolmentsToCandid } from './view.ts';

const Done = AnswerType(IDL.Null);
const DeviceNumber = AnswerType(IDL.Record({ device: IDL.Nat32 }));
const renderDevice = (_tables: unknown, device: number) => ({ device });

interface CandidEnrolment {
  code_hash: Uint8Array;
  label: string;
  expires_ns: bigint;
}

export class DeviceMethods {
  @update([EnrolmentType], Done)
  issue_enrolment({ code_hash, label, expires_ns }: CandidEnrolment) {
    return shell.update(issueEnrolment, { codeHash: code_hash, label, expiresNs: expires_ns }, () => null);
  }

  @update([IDL.Record({ code: IDL.Vec(IDL.Nat8) })], DeviceNumber)
  enrol({ code }: { code: Uint8Array }) {
    return shell.update(enrol, code, renderDevice);
  }

  @update([IDL.Record({ next: IDL.Principal })], DeviceNumber)
  rotate_key({ next }: { next: Principal }) {
    return shell.update(rotateKey, principalToHex(next), renderDevice);
  }

  @update([], DeviceNumber)
  confirm_key() {
    return shell.update(confirmKey, undefined, renderDevice);
  }

  @update([IDL.Record({ device: IDL.Nat32, reason: IDL.Text })], Done)
  revoke_device(wanted: { device: number; reason: string }) {
    return shell.update(revokeDevice, wanted, () => null);
  }

  @query([], IDL.Vec(DeviceType))
  devices() {
    return devicesToCandid(shell.tables);
  }

  /** Codes that wait to be used, by their hashes. */
  @query([], IDL.Vec(EnrolmentType))
  enrolments() {
    return enrolmentsToCandid(shell.tables, time());
  }
}
