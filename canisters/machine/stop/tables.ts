// Whether the machine is stopped: null when it may work.
import { optional, record, text } from '@tamc/base/codec';
import { principal, timeNs } from '@tamc/protocol/principal-codec';
import { defineCell } from '@tamc/shared/tables/index';

const stop = record({ reason: text, by: principal, sinceNs: timeNs });

export const stopTables = {
  stop: defineCell({ number: 50, name: 'stop', value: optional(stop), default: null }),
};
