// A report of a device, from Candid to a checked value: lengths, digests, numbers. Whether it fits the machine is for rules.
import { IDL } from '@dfinity/candid';
import { ok, type Result, refuse } from '@tamc/base/result';
import { bytesToHexQuickly } from '@tamc/base/utf8';
import { commandRefusals, reportLimits } from './commands.ts';
import { conditionLimits, type Verdict, VerdictType, verdicts } from './condition.ts';
import { AnswerType, type FieldFault, type Refusal, RefusalType } from './refusal.ts';

const digest = IDL.Vec(IDL.Nat8);

export const ReportBodyType = IDL.Variant({
  accepted: IDL.Record({ command: IDL.Nat32 }),
  acted: IDL.Record({ command: IDL.Nat32 }),
  confirmed: IDL.Record({ command: IDL.Nat32, quantity: IDL.Nat, evidence: digest }),
  failed: IDL.Record({ command: IDL.Nat32, reason: IDL.Text, evidence: IDL.Opt(digest) }),
  condition: IDL.Record({
    part: IDL.Text,
    verdict: VerdictType,
    confidence_ppm: IDL.Nat32,
    wear_ppm: IDL.Opt(IDL.Nat32),
    fault: IDL.Opt(IDL.Text),
    model_hash: digest,
    input_digest: digest,
  }),
  meter: IDL.Record({ meter: IDL.Text, value: IDL.Nat, unit: IDL.Text, evidence: digest }),
  heartbeat: IDL.Null,
});

export const ReportType = IDL.Record({ sequence: IDL.Nat32, at_ns: IDL.Nat64, body: ReportBodyType });

type CandidBytes = Uint8Array | number[];

export type CandidReportBody =
  | { readonly accepted: { readonly command: number } }
  | { readonly acted: { readonly command: number } }
  | { readonly confirmed: { readonly command: number; readonly quantity: bigint; readonly evidence: CandidBytes } }
  | { readonly failed: { readonly command: number; readonly reason: string; readonly evidence: [] | [CandidBytes] } }
  | { readonly condition: CandidCondition }
  | { readonly meter: { meter: string; value: bigint; unit: string; evidence: CandidBytes } }
  | { readonly heartbeat: null };

export interface CandidCondition {
  readonly part: string;
  readonly verdict: Readonly<Partial<Record<Verdict, null>>>;
  readonly confidence_ppm: number;
  readonly wear_ppm: [] | [number];
  readonly fault: [] | [string];
  readonly model_hash: CandidBytes;
  readonly input_digest: CandidBytes;
}

export interface CandidReport {
  readonly sequence: number;
  readonly at_ns: bigint;
  readonly body: CandidReportBody;
}

export type ReportBody =
  | { readonly kind: 'accepted' | 'acted'; readonly command: number }
  | { readonly kind: 'confirmed'; readonly command: number; readonly quantity: bigint; readonly evidence: string }
  | { readonly kind: 'failed'; readonly command: number; readonly reason: string; readonly evidence: string | null }
  | {
      readonly kind: 'condition';
      readonly part: string;
      readonly verdict: Verdict;
      readonly confidencePpm: number;
      readonly wearPpm: number | null;
      readonly fault: string | null;
      readonly modelHash: string;
      readonly inputDigest: string;
    }
  | {
      readonly kind: 'meter';
      readonly meter: string;
      readonly value: bigint;
      readonly unit: string;
      readonly evidence: string;
    }
  | { readonly kind: 'heartbeat' };

export interface Report {
  readonly sequence: number;
  readonly atNs: bigint;
  readonly body: ReportBody;
}

export const digestBytes = 32;

/** Checks everything that can be said of a report without looking at the machine. */
export function parseReport({ sequence, at_ns, body }: CandidReport): Result<Report, Refusal> {
  const parsed = parseBody(body);
  if (!parsed.ok) return refuse(commandRefusals('ReportInvalid', parsed.error));
  return ok({ sequence, atNs: at_ns, body: parsed.value });
}

function parseBody(body: CandidReportBody): Result<ReportBody, FieldFault> {
  if ('accepted' in body) return ok({ kind: 'accepted', command: body.accepted.command });
  if ('acted' in body) return ok({ kind: 'acted', command: body.acted.command });
  if ('confirmed' in body) return parseConfirmed(body.confirmed);
  if ('failed' in body) return parseFailed(body.failed);
  if ('condition' in body) return parseCondition(body.condition);
  if ('meter' in body) return parseMeter(body.meter);
  return ok({ kind: 'heartbeat' });
}

function parseConfirmed({ command, quantity, evidence }: { command: number; quantity: bigint; evidence: CandidBytes }) {
  const fault = faultOf(
    [isQuantity(quantity), 'quantity', quantityWanted],
    [isDigest(evidence), 'evidence', digestWanted],
  );
  return fault ?? ok({ kind: 'confirmed' as const, command, quantity, evidence: toHex(evidence) });
}

function parseFailed(given: { command: number; reason: string; evidence: [] | [CandidBytes] }) {
  const [evidence] = given.evidence;
  const fault = faultOf(
    [isText(given.reason, reportLimits.reasonCharsMax), 'reason', textWanted(reportLimits.reasonCharsMax)],
    [evidence === undefined || isDigest(evidence), 'evidence', digestWanted],
  );
  const hex = evidence === undefined ? null : toHex(evidence);
  return fault ?? ok({ kind: 'failed' as const, command: given.command, reason: given.reason, evidence: hex });
}

function parseCondition(given: CandidCondition) {
  const [wearPpm] = given.wear_ppm;
  const [fault] = given.fault;
  const { partCharsMax, faultCharsMax } = conditionLimits;
  const found = faultOf(
    [isName(given.part, partCharsMax), 'part', textWanted(partCharsMax)],
    [isPpm(given.confidence_ppm), 'confidence_ppm', ppmWanted],
    [wearPpm === undefined || isPpm(wearPpm), 'wear_ppm', ppmWanted],
    [fault === undefined || isText(fault, faultCharsMax), 'fault', textWanted(faultCharsMax)],
    [isDigest(given.model_hash), 'model_hash', digestWanted],
    [isDigest(given.input_digest), 'input_digest', digestWanted],
  );
  if (found !== null) return found;
  return ok({
    kind: 'condition' as const,
    part: given.part,
    verdict: verdicts.find((word) => word in given.verdict)!,
    confidencePpm: given.confidence_ppm,
    wearPpm: wearPpm ?? null,
    fault: fault ?? null,
    modelHash: toHex(given.model_hash),
    inputDigest: toHex(given.input_digest),
  });
}

function parseMeter({
  meter,
  value,
  unit,
  evidence,
}: {
  meter: string;
  value: bigint;
  unit: string;
  evidence: CandidBytes;
}) {
  const { partCharsMax, unitCharsMax } = conditionLimits;
  const fault = faultOf(
    [isName(meter, partCharsMax), 'meter', textWanted(partCharsMax)],
    [isQuantity(value), 'value', quantityWanted],
    [isName(unit, unitCharsMax), 'unit', textWanted(unitCharsMax)],
    [isDigest(evidence), 'evidence', digestWanted],
  );
  return fault ?? ok({ kind: 'meter' as const, meter, value, unit, evidence: toHex(evidence) });
}

const digestWanted = 'the 32 bytes of a SHA-256';
const ppmWanted = 'from 0 to 1000000';
const quantityWanted = `at most ${reportLimits.quantityMax}`;
const textWanted = (max: number) => `text of 1 to ${max} characters`;

const isDigest = (given: CandidBytes) => given.length === digestBytes;
const isPpm = (given: number) => given <= conditionLimits.ppmMax;
const isQuantity = (given: bigint) => given <= reportLimits.quantityMax;
const isText = (given: string, max: number) => given.length >= 1 && given.length <= max;
const isName = isText;
const toHex = (given: CandidBytes) => bytesToHexQuickly(Uint8Array.from(given));

/** The first check that does not hold. */
function faultOf(...checks: readonly (readonly [boolean, string, string])[]) {
  const failed = checks.find(([holds]) => !holds);
  return failed === undefined ? null : refuse({ field: failed[1], wanted: failed[2] });
}

/** What became of a report that was not refused. */
export const ReportEffectType = IDL.Variant({
  applied: IDL.Null,
  duplicate: IDL.Null,
  /** It came after the command had ended or expired, or told of an earlier step: kept, without effect. */
  ignored: IDL.Text,
});

export const ReportsAnswerType = AnswerType(
  IDL.Record({
    /** Of the reports that were taken, in order. */
    effects: IDL.Vec(IDL.Record({ sequence: IDL.Nat32, effect: ReportEffectType })),
    /** The first one that was refused: correct it, and send it and those after it again. */
    refused: IDL.Opt(IDL.Record({ sequence: IDL.Nat32, refusal: RefusalType })),
  }),
);
