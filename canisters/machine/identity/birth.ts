// The birth of a machine: everything the registry gives it is checked before anything is written, because a machine that is
// born wrong cannot be corrected by anybody.
import { refuse } from '@tamc/base/result';
import { identityLimits, type MachineInit, identityRefusals as no } from '@tamc/protocol/identity';
import { personaFault } from '@tamc/protocol/identity-faults';
import {
  anonymous,
  managementCanister,
  type PrincipalHex,
  principalToHex,
  principalToText,
} from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import type { Context } from '@tamc/shared/rule';
import { decided, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import type { MachineTables } from '../state.ts';
import { moneyOfBirth } from '../wallet/birth.ts';
import { mandatesOfBirth } from '../wallet/birth-mandates.ts';
import { chartered, describedAs, unfitCharter } from './rules.ts';

export function giveBirth(tables: MachineTables, context: Context, init: MachineInit): MachineDecision<null> {
  const refusal = initFault(tables, context, init) ?? unfitCharter(init.charter);
  if (refusal !== null) return refuse(refusal);
  const described = describedAs(init.thing);
  if (!described.ok) return refuse(described.refusal);
  const money = moneyOfBirth(init);
  if (!money.ok) return refuse(no('FieldInvalid', money.error));
  const mandates = mandatesOfBirth(context, init);
  if (!mandates.ok) return refuse(no('FieldInvalid', mandates.error));
  return decided(null, [bornWith(init), described.event, chartered(init.charter), ...money.value, ...mandates.value]);
}

function bornWith({ kind, make, model, place, generation, ...init }: MachineInit): MachineEvent {
  const [parent] = init.parent;
  return {
    kind: 'MachineBorn',
    registry: principalToHex(init.registry),
    operator: principalToHex(init.operator),
    machineKind: kind,
    make,
    model,
    place,
    parent: parent === undefined ? null : principalToHex(parent),
    generation,
  };
}

function initFault(tables: MachineTables, { self }: Context, init: MachineInit): Refusal | null {
  const invalid = (field: string, wanted: string) => no('FieldInvalid', { field, wanted });
  const { generationMax } = identityLimits;
  if (tables.roles.get() !== null) return invalid('install mode', 'upgrade, because this machine is born already');
  const fault = personaFault(init);
  if (fault !== null) return no('FieldInvalid', fault);
  if (init.generation > generationMax) return invalid('generation', `at most ${generationMax}`);
  return operatorFault(self, principalToHex(init.operator), principalToHex(init.registry));
}

function operatorFault(self: PrincipalHex, operator: PrincipalHex, registry: PrincipalHex): Refusal | null {
  const isNobody = (who: PrincipalHex) => who === anonymous || who === managementCanister || who === self;
  if (isNobody(registry)) return no('FieldInvalid', { field: 'registry', wanted: 'a canister that upgrades machines' });
  const reason = 'it stands for no person or organisation';
  const isUnfit = isNobody(operator) || operator === registry;
  return isUnfit ? no('OperatorUnfit', { who: principalToText(operator), reason }) : null;
}
