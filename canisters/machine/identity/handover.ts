// The registry lists machines by their operator, so a hand-over is told to it: once in effect, and nothing depends on its answer.
import { IDL } from '@dfinity/candid';
import { OperatorChangedType, operatorChangedMethod } from '@tamc/protocol/handover';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import type { OutcomeRule } from '@tamc/shared/canister';
import type { OutgoingCall } from '@tamc/shared/rule';
import { decided } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { rolesOf } from '../powers.ts';
import type { MachineTables } from '../state.ts';

export function handoverCall(tables: MachineTables, operator: PrincipalHex): OutgoingCall {
  const { registry, handovers } = rolesOf(tables);
  const handover = handovers + 1;
  return {
    id: `handover/${handover}`,
    callee: registry,
    method: operatorChangedMethod,
    argument: new Uint8Array(IDL.encode([OperatorChangedType], [{ operator: hexToPrincipal(operator), handover }])),
    cycles: 0n,
    // It is numbered: told again, it changes nothing.
    isRepeatable: true,
  };
}

/** Whatever the registry says: whom the machine obeys is not decided there. */
export const handoverOutcomes: Readonly<Record<string, OutcomeRule<MachineTables, MachineEvent>>> = {
  handover: () => decided(null),
};
