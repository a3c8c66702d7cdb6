// Everything the registry keeps, as tables.
import { count, flag, list, record, text } from '@tamc/base/codec';
import { mandateTerms } from '@tamc/protocol/mandate';
import { anonymous } from '@tamc/protocol/principal';
import { principal } from '@tamc/protocol/principal-codec';
import {
  birth,
  code,
  codeFault,
  type RegistrySettings,
  registeredLedger,
  registeredMachine,
  registryEvent,
  registrySettings,
  upgrade,
} from '@tamc/protocol/registry';
import { sharedTablesOf } from '@tamc/shared/canister';
import {
  countKey,
  defineCell,
  defineList,
  defineOrdered,
  defineTable,
  defineTables,
  principalKey,
  type TablesOf,
  textKey,
  tupleKey,
} from '@tamc/shared/tables/index';

const unopened: RegistrySettings = {
  governor: anonymous,
  governanceOfferedTo: null,
  network: 'embedded',
  birthsPerCaller: 0,
  birthCycles: 0n,
  compute: { kind: 'none' },
  homeLedger: null,
};

const definitions = {
  settings: defineCell({ number: 1, name: 'settings', value: registrySettings, default: unopened }),
  allowances: defineTable({ number: 2, name: 'allowances', key: principalKey, value: record({ births: count }) }),
  ordered: defineTable({ number: 3, name: 'ordered', key: principalKey, value: record({ births: count }) }),
  /** By operator and delegate, and whose an operator has; a list with all terms would be read and written whole. */
  standingMandates: defineTable({
    number: 4,
    name: 'standing_mandates',
    key: tupleKey(principalKey, principalKey),
    value: mandateTerms,
  }),
  standingDelegates: defineTable({ number: 5, name: 'standing_delegates', key: principalKey, value: list(principal) }),
  codes: defineTable({ number: 10, name: 'codes', key: textKey, value: code }),
  /** Read only when code is compared: long. */
  codeTexts: defineTable({
    number: 11,
    name: 'code_texts',
    key: textKey,
    value: record({ candid: text, layout: text }),
  }),
  /** Pairs of modules, old and new, that were compared and found to fit: comparing is dear, and a fleet is upgraded alike. */
  codesThatFit: defineTable({ number: 13, name: 'codes_that_fit', key: tupleKey(textKey, textKey), value: flag }),
  /** And those that do not: anybody may ask again. */
  codesThatBreak: defineTable({
    number: 14,
    name: 'codes_that_break',
    key: tupleKey(textKey, textKey),
    value: codeFault,
  }),
  codeOrder: defineList({ number: 12, name: 'code_order', value: text }),
  ledgers: defineTable({ number: 20, name: 'ledgers', key: principalKey, value: registeredLedger }),
  ledgerOrder: defineCell({ number: 21, name: 'ledger_order', value: list(principal), default: [] }),
  machines: defineTable({ number: 30, name: 'machines', key: principalKey, value: registeredMachine }),
  machineOrder: defineList({ number: 31, name: 'machine_order', value: principal }),
  /** By operator and birth. */
  machinesOfOperator: defineOrdered({
    number: 32,
    name: 'machines_of_operator',
    key: tupleKey(principalKey, countKey),
    value: principal,
  }),
  /** Of canisters whose birth is not over. */
  birthOfCanister: defineTable({ number: 33, name: 'birth_of_canister', key: principalKey, value: count }),
  births: defineList({ number: 40, name: 'births', value: birth }),
  texts: defineTable({ number: 41, name: 'texts', key: textKey, value: text }),
  upgrades: defineList({ number: 50, name: 'upgrades', value: upgrade }),
  ...sharedTablesOf(registryEvent),
};

export const registryTables = defineTables(definitions);
export type RegistryTables = TablesOf<typeof definitions>;
