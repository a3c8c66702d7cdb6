// The latest judgement of each part and the latest value of each meter.
import { count, list, nat, optional, record, text, type ValueOf } from '@tamc/base/codec';
import { verdict } from '@tamc/protocol/condition';
import { timeNs } from '@tamc/protocol/principal-codec';
import { defineCell, defineTable, textKey } from '@tamc/shared/tables/index';

const condition = record({
  device: count,
  atNs: timeNs,
  verdict,
  confidencePpm: count,
  wearPpm: optional(count),
  fault: optional(text),
  modelHash: text,
  inputDigest: text,
});

const meter = record({ device: count, atNs: timeNs, value: nat, unit: text, evidence: text });

export type Condition = ValueOf<typeof condition>;
export type Meter = ValueOf<typeof meter>;

export const conditionTables = {
  conditions: defineTable({ number: 40, name: 'conditions', key: textKey, value: condition }),
  partNames: defineCell({ number: 41, name: 'partNames', value: list(text), default: [] }),
  meters: defineTable({ number: 42, name: 'meters', key: textKey, value: meter }),
  meterNames: defineCell({ number: 43, name: 'meterNames', value: list(text), default: [] }),
};
