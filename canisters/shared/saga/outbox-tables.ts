// What the outbox keeps: every call that a rule decided, until its outcome was taken.
import {
  added,
  bytes,
  type Codec,
  choice,
  count,
  decode,
  encode,
  flag,
  nat,
  optional,
  record,
  text,
  type ValueOf,
  variant,
} from '@tamc/base/codec';
import { principal, timeNs } from '@tamc/protocol/principal-codec';
import { defineCell, defineOrdered, defineTable, natKey, type TablesOf, textKey, tupleKey } from '../tables/index.ts';

/** More than eight hours of trying. */
export const attemptsMaxDefault = 100;

const outcome = variant({
  replied: record({ bytes }),
  rejected: record({ code: count, message: text }),
  unknown: record({}),
});

const head = {
  /** Tells a call from an earlier one with the same id, whose late reply must not be taken for its own. */
  serial: count,
  callee: principal,
  method: text,
  cycles: nat,
  isRepeatable: flag,
  /** Of the command that caused it. */
  commandId: optional(text),
  /** `waiting`: to be sent; `sent`: an answer may come; `answered`: the outcome is here, and its rule must still take it. */
  state: choice('waiting', 'sent', 'answered'),
  /** Times sent. */
  attempts: count,
  /** Sent, and neither answered nor lost. */
  openAttempts: count,
  /** An attempt was lost: nobody knows what it did. */
  isUncertain: flag,
  firstSentNs: optional(timeNs),
  dueNs: timeNs,
  outcome: optional(outcome),
  attemptsMax: added(count, attemptsMaxDefault),
  /** Times that its rule failed to take the outcome. */
  outcomeFailures: added(count, 0),
  /** Why it was not answered when it was last sent; null while it never was rejected. */
  lastReject: added(optional(text), null),
};
const headCodec = record(head);
const whole = record({ argument: bytes, ...head });
export type OutboxEntry = ValueOf<typeof whole>;

const lengthBytes = 4;

/** The argument follows as it is: it may be long, and an entry is written at every step of its call. */
const entry: Codec<OutboxEntry> = {
  ...whole,
  direct: {
    toBytes: ({ argument, ...rest }) => {
      const headBytes = encode(headCodec, rest);
      const stored = new Uint8Array(lengthBytes + headBytes.length + argument.length);
      new DataView(stored.buffer).setUint32(0, headBytes.length);
      stored.set(headBytes, lengthBytes);
      stored.set(argument, lengthBytes + headBytes.length);
      return stored;
    },
    fromBytes: (stored) => {
      const argumentAt = lengthBytes + new DataView(stored.buffer, stored.byteOffset).getUint32(0);
      const rest = decode(headCodec, stored.subarray(lengthBytes, argumentAt));
      return { ...rest, argument: stored.slice(argumentAt) };
    },
  },
};

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
