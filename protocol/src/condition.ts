// The condition of a machine's parts and its meters, as its devices report them: which model judged, from which input, how sure.
import { IDL } from '@dfinity/candid';
import { choice, count, nat, optional, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { timeNs } from './principal-codec.ts';
import { defineRefusals } from './refusal.ts';

export const conditionLimits = {
  /** Parts that a person would still look at one by one; the list is answered whole. */
  partsMax: 64,
  metersMax: 16,
  partCharsMax: 32,
  faultCharsMax: 128,
  unitCharsMax: 16,
  ppmMax: 1_000_000,
} as const;

/** From best to worst; `due`: a service is. */
export const verdicts = ['good', 'watch', 'due', 'fault'] as const;
export type Verdict = (typeof verdicts)[number];

export const verdict = choice(...verdicts);

const fromReport = { device: count, sequence: count, atNs: timeNs };

export const conditionEvents = {
  ConditionReported: record({
    ...fromReport,
    part: text,
    verdict,
    confidencePpm: count,
    wearPpm: optional(count),
    fault: optional(text),
    modelHash: text,
    inputDigest: text,
  }),
  MeterReported: record({ ...fromReport, meter: text, value: nat, unit: text, evidence: text }),
};

const conditionEvent = variant(conditionEvents);
export type ConditionEvent = ValueOf<typeof conditionEvent>;

export const conditionRefusals = defineRefusals({
  PartsFull: {
    kind: 'limit',
    message: 'condition is kept for {max} parts',
    nextStep: 'report one of the parts that are known',
  },
  MetersFull: {
    kind: 'limit',
    message: '{max} meters are kept',
    nextStep: 'report one of the meters that are known',
  },
});

export const VerdictType = IDL.Variant({ good: IDL.Null, watch: IDL.Null, due: IDL.Null, fault: IDL.Null });

export const ConditionType = IDL.Record({
  part: IDL.Text,
  device: IDL.Nat32,
  verdict: VerdictType,
  confidence_ppm: IDL.Nat32,
  wear_ppm: IDL.Opt(IDL.Nat32),
  fault: IDL.Opt(IDL.Text),
  model_hash: IDL.Vec(IDL.Nat8),
  input_digest: IDL.Vec(IDL.Nat8),
  at_ns: IDL.Nat64,
});

export const MeterType = IDL.Record({
  meter: IDL.Text,
  device: IDL.Nat32,
  value: IDL.Nat,
  unit: IDL.Text,
  evidence: IDL.Vec(IDL.Nat8),
  at_ns: IDL.Nat64,
});
