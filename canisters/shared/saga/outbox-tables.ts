// What the outbox keeps: every call that a rule decided, until its outcome was taken.
import { bytes, choice, count, flag, nat, optional, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { principal, timeNs } from '@tamc/protocol/principal-codec';
import { defineCell, defineOrdered, defineTable, natKey, type TablesOf, textKey, tupleKey } from '../tables/index.ts';

const outcome = variant({
  replied: record({ bytes }),
  rejected: record({ code: count, message: text }),
  unknown: record({}),
});

const entry = record({
  /** Tells a call from an earlier one with the same id, whose late reply must not be taken for its own. */
  serial: count,
  callee: principal,
  method: text,
  argument: bytes,
  cycles: nat,
  isRepeatable: flag,
  /** Of the command that caused it. */
  commandId: optional(text),
  /** `waiting`: to be sent; `sent`: an answer may come; `answered`: the outcome is here, and its rule must still take it. */
  state: choice('waiting', 'sent', 'answered'),
  attempts: count,
  /** Sent, and neither answered nor lost. */
  openAttempts: count,
  /** An attempt was lost: nobody knows what it did. */
  isUncertain: flag,
  firstSentNs: optional(timeNs),
  dueNs: timeNs,
  outcome: optional(outcome),
});
export type OutboxEntry = ValueOf<typeof entry>;

export const outboxTables = {
  outbox: defineTable({ number: 220, name: 'outbox', key: textKey, value: entry }),
  /** Every entry, by the time when something is to be done for it. */
  outboxDue: defineOrdered({ number: 221, name: 'outbox_due', key: tupleKey(natKey, textKey), value: count }),
  outboxCounts: defineCell({
    number: 222,
    name: 'outbox_counts',
    value: record({ nextSerial: count, open: count }),
    default: { nextSerial: 0, open: 0 },
  }),
};
export type OutboxTables = TablesOf<typeof outboxTables>;
