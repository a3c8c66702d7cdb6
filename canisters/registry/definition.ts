// The registry without a network: tables, events, who takes which outcome. `index.ts` runs it in Wasm, tests run it in Node.
import { type RegistryEvent, registryEvent } from '@tamc/protocol/registry';
import type { CanisterDefinition } from '@tamc/shared/canister';
import { applyEvent } from './apply.ts';
import { takeBirthOutcome } from './birth-steps.ts';
import { takeCodeOutcome } from './code.ts';
import { type RegistryTables, registryTables } from './state.ts';
import { takeBackOutcome, takeUpgradeOutcome } from './upgrade-steps.ts';

export const registryDefinition: CanisterDefinition<RegistryTables, RegistryEvent> = {
  tables: registryTables,
  events: registryEvent,
  apply: applyEvent,
  outcomes: {
    code: takeCodeOutcome,
    birth: takeBirthOutcome,
    upgrade: takeUpgradeOutcome,
    unprepare: takeBackOutcome,
  },
};
