// The last lease of remote control, ended or not: its number counts on.
import { count, flag, optional, record, type ValueOf } from '@tamc/base/codec';
import { principal, timeNs } from '@tamc/protocol/principal-codec';
import { defineCell } from '@tamc/shared/tables/index';

const lease = record({
  lease: count,
  holder: principal,
  takenNs: timeNs,
  heartbeatNs: timeNs,
  timeoutNs: timeNs,
  offeredTo: optional(principal),
  isEnded: flag,
});

export type Lease = ValueOf<typeof lease>;

export const controlTables = {
  lease: defineCell({ number: 30, name: 'lease', value: optional(lease), default: null }),
};
