// Who takes the outcome of a call to another canister: by the first word of the call's id.
import type { OutcomeRule } from '@tamc/shared/canister';
import { computeOutcomes } from './compute/purchase.ts';
import type { MachineEvent } from './events.ts';
import { handoverOutcomes } from './identity/handover.ts';
import type { MachineTables } from './state.ts';
import { walletOutcomes } from './wallet/outcomes.ts';
import { onTermsOutcome } from './wallet/take-terms.ts';

export const machineOutcomes: Readonly<Record<string, OutcomeRule<MachineTables, MachineEvent>>> = {
  ...walletOutcomes,
  ...computeOutcomes,
  ...handoverOutcomes,
  terms: onTermsOutcome,
};
