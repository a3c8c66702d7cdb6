// What a machine knows about its compute: where cycles come from, what it wants, what it has bought.
import { choice, count, nat, optional, record, text, type ValueOf, variant } from '@tamc/base/codec';
import { computeDefaults, computeSource, computeTerms } from '@tamc/protocol/compute';
import { timeNs } from '@tamc/protocol/principal-codec';
import { defineCell, defineList } from '@tamc/shared/tables/index';

const topUp = record({
  transfer: count,
  amount: nat,
  atNs: timeNs,
  block: optional(nat),
  /** When to ask the seller again; null while a call is open or the outcome is known. */
  nextNs: optional(timeNs),
  outcome: optional(variant({ delivered: record({ cycles: nat }), failed: record({ code: text, message: text }) })),
});
export type TopUp = ValueOf<typeof topUp>;

const state = record({
  /** As last observed; every message observes it first. */
  level: choice('enough', 'low', 'frozen'),
  /** Revenue set aside in the main purse for the reserve. */
  earmarked: nat,
  openTopUp: optional(count),
  /** No purchase before. */
  nextNs: timeNs,
});

export const computeTables = {
  computeSource: defineCell({ number: 110, name: 'computeSource', value: computeSource, default: { kind: 'none' } }),
  computeTerms: defineCell({ number: 111, name: 'computeTerms', value: computeTerms, default: computeDefaults }),
  computeState: defineCell({
    number: 112,
    name: 'computeState',
    value: state,
    default: { level: 'enough', earmarked: 0n, openTopUp: null, nextNs: 0n },
  }),
  topUps: defineList({ number: 113, name: 'topUps', value: topUp }),
};
