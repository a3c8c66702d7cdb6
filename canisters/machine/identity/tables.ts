// Who the machine is and who may decide for it. Roles are read at every call, so they are a small record of their own.
import { added, count, list, nat, optional, record, text } from '@tamc/base/codec';
import { principal, timeNs } from '@tamc/protocol/principal-codec';
import { defineCell, defineTable, textKey } from '@tamc/shared/tables/index';

const identity = record({
  kind: text,
  make: text,
  model: text,
  place: text,
  parent: optional(principal),
  generation: count,
  bornNs: timeNs,
  thingHash: text,
  charterHash: text,
});

const roles = record({
  registry: principal,
  operator: principal,
  offeredTo: optional(principal),
  /** How often the operation was handed over. */
  handovers: added(count, 0),
});

const upgrade = record({
  moduleHash: optional(text),
  approvalExpiresNs: timeNs,
  quietUntilNs: nat,
  /** The only module that the registry may install now; null when it has not prepared, or when something was decided since. */
  preparedHash: added(optional(text), null),
});

export const noUpgrade = { moduleHash: null, approvalExpiresNs: 0n, quietUntilNs: 0n, preparedHash: null };

export const identityTables = {
  /** Null only before birth. */
  identity: defineCell({ number: 1, name: 'identity', value: optional(identity), default: null }),
  roles: defineCell({ number: 2, name: 'roles', value: optional(roles), default: null }),
  /** The texts `thing` and `charter`: read only when somebody asks for them. */
  documents: defineTable({ number: 3, name: 'documents', key: textKey, value: text }),
  /** Names of the actions of the Thing Description. */
  actions: defineCell({ number: 4, name: 'actions', value: list(text), default: [] }),
  upgrade: defineCell({
    number: 5,
    name: 'upgrade',
    value: upgrade,
    default: noUpgrade,
  }),
};
