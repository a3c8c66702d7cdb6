// Who operates a machine, as the machine itself tells it at every hand-over: so that both lists of `machines_of` are right.
import { refuse } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import type { Context } from '@tamc/shared/rule';
import { decided, invalid, type RegistryDecision } from './decision.ts';
import { isNobody } from './governance.ts';
import type { RegistryTables } from './state.ts';

export interface OperatorChange {
  readonly operator: PrincipalHex;
  readonly handover: number;
}

/** By the machine alone. An older hand-over that comes late changes nothing. */
export function changeOperator(
  tables: RegistryTables,
  { caller: machine, self }: Context,
  { operator, handover }: OperatorChange,
): RegistryDecision<null> {
  const known = knownHandovers(tables, machine);
  if (known === null) return refuse(no('NotAMachine'));
  if (isNobody(operator, self)) return invalid('operator', 'a person or an organisation');
  return decided(null, handover <= known ? [] : [{ kind: 'OperatorChanged', machine, operator, handover }]);
}

/** Of a machine, also while it is being born: it may pass on before the registry has finished. */
function knownHandovers({ machines, births, birthOfCanister }: RegistryTables, canister: PrincipalHex): number | null {
  const machine = machines.get(canister);
  if (machine !== null) return machine.handovers;
  const birth = birthOfCanister.get(canister);
  return birth === null ? null : births.get(birth)!.handovers;
}

export function applyOperator(tables: RegistryTables, canister: PrincipalHex, { operator, handover }: OperatorChange) {
  const { machines, machinesOfOperator, births, birthOfCanister } = tables;
  const machine = machines.get(canister);
  if (machine === null) {
    const number = birthOfCanister.get(canister)!;
    births.set(number, { ...births.get(number)!, operator, handovers: handover });
    return;
  }
  machinesOfOperator.delete([machine.operator, machine.birth]);
  machinesOfOperator.set([operator, machine.birth], canister);
  machines.set(canister, { ...machine, operator, handovers: handover });
}
