// The devices of a machine: a device enrols with a code and its own key, changes its key, and reports in order.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { DeviceType, EnrolmentType } from '@tamc/protocol/devices';
import type { CandidRefusal } from '@tamc/protocol/refusal';
import { RefusalType } from '@tamc/protocol/refusal';
import { type CandidReport, ReportEffectType, ReportType } from '@tamc/protocol/report';
import type { Bytes, Opt } from './candid-values.ts';
import { queryMethod, updateMethod } from './service.ts';

export interface DeviceReply {
  readonly device: number;
  readonly key: Principal;
  readonly next_key: Opt<Principal>;
  readonly label: string;
  readonly enrolled_ns: bigint;
  readonly last_sequence: number;
  readonly last_report_ns: Opt<bigint>;
}

export interface Enrolment {
  readonly code_hash: Bytes;
  readonly label: string;
  readonly expires_ns: bigint;
}

export interface ReportsReply {
  readonly effects: {
    readonly sequence: number;
    readonly effect: { readonly applied: null } | { readonly duplicate: null } | { readonly ignored: string };
  }[];
  /** The first one that was refused: those before it are taken. */
  readonly refused: Opt<{ readonly sequence: number; readonly refusal: CandidRefusal }>;
}

const ReportsType = IDL.Record({
  effects: IDL.Vec(IDL.Record({ sequence: IDL.Nat32, effect: ReportEffectType })),
  refused: IDL.Opt(IDL.Record({ sequence: IDL.Nat32, refusal: RefusalType })),
});
const DeviceNumberType = IDL.Record({ device: IDL.Nat32 });
const Blob = IDL.Vec(IDL.Nat8);

export const deviceMethods = {
  issue_enrolment: updateMethod<[Enrolment], null>([EnrolmentType], IDL.Null, false),
  /** The same code from the same key again is answered the same. */
  enrol: updateMethod<[{ code: Bytes }], { device: number }>([IDL.Record({ code: Blob })], DeviceNumberType, true),
  rotate_key: updateMethod<[{ next: Principal }], { device: number }>(
    [IDL.Record({ next: IDL.Principal })],
    DeviceNumberType,
    true,
  ),
  confirm_key: updateMethod<[], { device: number }>([], DeviceNumberType, true),
  revoke_device: updateMethod<[{ device: number; reason: string }], null>(
    [IDL.Record({ device: IDL.Nat32, reason: IDL.Text })],
    IDL.Null,
    true,
  ),
  devices: queryMethod<[], DeviceReply[]>([], IDL.Vec(DeviceType)),
  enrolments: queryMethod<[], Enrolment[]>([], IDL.Vec(EnrolmentType)),
  /** A report that was taken is known by its sequence. */
  report: updateMethod<[CandidReport[]], ReportsReply>([IDL.Vec(ReportType)], ReportsType, true),
};
