// Devices by number and by key. A key that was rotated or revoked leaves no entry: to the machine it is a stranger's again.
import { count, list, optional, record, text, type ValueOf } from '@tamc/base/codec';
import { principal, timeNs } from '@tamc/protocol/principal-codec';
import { countKey, defineCell, defineTable, principalKey } from '@tamc/shared/tables/index';

const device = record({
  key: principal,
  /** Proposed by the device, powerless until it confirms itself. */
  nextKey: optional(principal),
  label: text,
  enrolledNs: timeNs,
  /** Of the code that let it in: the same code again by the same key is a repetition, not a new device. */
  codeHash: text,
  lastSequence: count,
  lastReportNs: optional(timeNs),
});

const enrolment = record({ codeHash: text, label: text, expiresNs: timeNs });

export type Device = ValueOf<typeof device>;
export type Enrolment = ValueOf<typeof enrolment>;

export const deviceTables = {
  devices: defineTable({ number: 10, name: 'devices', key: countKey, value: device }),
  deviceKeys: defineTable({ number: 11, name: 'deviceKeys', key: principalKey, value: count }),
  /** Numbers of the devices that are enrolled, the oldest first, and the number of the next one. */
  fleet: defineCell({
    number: 12,
    name: 'fleet',
    value: record({ next: count, devices: list(count) }),
    default: { next: 1, devices: [] },
  }),
  /** Codes that wait to be used; bounded, so one record. */
  enrolments: defineCell({ number: 13, name: 'enrolments', value: list(enrolment), default: [] }),
};
