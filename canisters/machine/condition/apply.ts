// Judgements and meter readings as changes of tables: the latest by measured time stays, in whatever order they arrive.
import type { ConditionEvent } from '@tamc/protocol/condition';
import { applySequence } from '../devices/apply.ts';
import type { Envelope, MachineTables } from '../state.ts';

export function applyCondition(tables: MachineTables, event: ConditionEvent, envelope: Envelope): void {
  applySequence(tables, event, envelope);
  if (event.kind === 'ConditionReported') applyJudged(tables, event);
  else applyMetered(tables, event);
}

function applyJudged(tables: MachineTables, event: Extract<ConditionEvent, { kind: 'ConditionReported' }>): void {
  const { kind: _, part, sequence: __, ...facts } = event;
  const before = tables.conditions.get(part);
  if (before === null) tables.partNames.set([...tables.partNames.get(), part]);
  if (before === null || facts.atNs >= before.atNs) tables.conditions.set(part, facts);
}

function applyMetered(tables: MachineTables, event: Extract<ConditionEvent, { kind: 'MeterReported' }>): void {
  const { kind: _, meter, sequence: __, ...facts } = event;
  const before = tables.meters.get(meter);
  if (before === null) tables.meterNames.set([...tables.meterNames.get(), meter]);
  if (before === null || facts.atNs >= before.atNs) tables.meters.set(meter, facts);
}
