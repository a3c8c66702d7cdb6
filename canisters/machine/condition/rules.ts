// Which judgements and meter readings are taken, and what a view makes of them.
import {
  type ConditionEvent,
  conditionLimits,
  conditionRefusals as no,
  type Verdict,
  verdicts,
} from '@tamc/protocol/condition';
import type { Refusal } from '@tamc/protocol/refusal';
import type { ReportBody } from '@tamc/protocol/report';
import type { MachineTables } from '../state.ts';

type Judged = Extract<ReportBody, { kind: 'condition' | 'meter' }>;

interface Origin {
  readonly device: number;
  readonly sequence: number;
  readonly atNs: bigint;
}

/** A part or a meter that is known is found at once; the list of names is read only for a new one. */
export function conditionFault(tables: MachineTables, body: Judged): Refusal | null {
  const { partsMax, metersMax } = conditionLimits;
  if (body.kind === 'condition') {
    const isFull = tables.conditions.get(body.part) === null && tables.partNames.get().length >= partsMax;
    return isFull ? no('PartsFull', { max: partsMax }) : null;
  }
  const isFull = tables.meters.get(body.meter) === null && tables.meterNames.get().length >= metersMax;
  return isFull ? no('MetersFull', { max: metersMax }) : null;
}

export function conditionEvent(origin: Origin, body: Judged): ConditionEvent {
  if (body.kind === 'condition') return { ...origin, ...body, kind: 'ConditionReported' };
  return { ...origin, ...body, kind: 'MeterReported' };
}

/** The worst verdict of all parts; null when no part was judged yet. */
export function worstVerdict(tables: MachineTables): Verdict | null {
  const found = tables.partNames.get().map((part) => tables.conditions.get(part)!.verdict);
  return verdicts.findLast((verdict) => found.includes(verdict)) ?? null;
}
