// Commands by number. Facts only: whether one is expired is for whoever looks at the clock.
import { choice, count, list, nat, optional, record, text, type ValueOf } from '@tamc/base/codec';
import { principal, timeNs } from '@tamc/protocol/principal-codec';
import { countKey, defineCell, defineTable } from '@tamc/shared/tables/index';

const command = record({
  device: count,
  action: text,
  arguments: text,
  by: principal,
  requestedNs: timeNs,
  expiresNs: timeNs,
  cause: optional(text),
  /** Times by the device's clock, as it measured them. */
  acceptedNs: optional(timeNs),
  actedNs: optional(timeNs),
  endedNs: optional(timeNs),
  outcome: optional(choice('confirmed', 'failed')),
  quantity: optional(nat),
  evidence: optional(text),
  reason: optional(text),
});

const openCommand = record({ command: count, device: count, action: text, expiresNs: timeNs });

export type Command = ValueOf<typeof command>;
export type OpenCommand = ValueOf<typeof openCommand>;

export const commandTables = {
  commands: defineTable({ number: 20, name: 'commands', key: countKey, value: command }),
  /** Those that have not ended; expired ones stay until the list is next written. */
  commandQueue: defineCell({
    number: 21,
    name: 'commandQueue',
    value: record({ next: count, open: list(openCommand) }),
    default: { next: 1, open: [] },
  }),
};
