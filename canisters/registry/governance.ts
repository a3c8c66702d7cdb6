// Who governs the registry and on what terms machines are born. What the kind of network demands is checked wherever terms are set.
import { refuse } from '@tamc/base/result';
import { anonymous, managementCanister, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { type ComputeOfMachines, type RegistrySettings, registryLimits } from '@tamc/protocol/registry';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import type { Context } from '@tamc/shared/rule';
import { decided, governorFault, invalid, type RegistryDecision } from './decision.ts';
import type { RegistryTables } from './state.ts';

/** At install; what is wrong with the settings stops the install. */
export function openRegistry(
  _tables: RegistryTables,
  { self }: Context,
  settings: RegistrySettings,
): RegistryDecision<null> {
  if (isNobody(settings.governor, self)) return invalid('governor', 'a person or an organisation');
  const fault = termsFault(settings);
  return fault === null ? decided(null, [{ kind: 'RegistryOpened', settings }]) : refuse(fault);
}

export function offerGovernance(
  tables: RegistryTables,
  context: Context,
  { to }: { readonly to: PrincipalHex | null },
): RegistryDecision<null> {
  const fault = governorFault(tables, context);
  if (fault !== null) return refuse(fault);
  if (to !== null && isNobody(to, context.self)) return invalid('to', 'a person or an organisation');
  return decided(null, [{ kind: 'GovernanceOffered', to }]);
}

/** Two steps, so that governance cannot be lost to an identity that nobody has. */
export function acceptGovernance(tables: RegistryTables, { caller }: Context): RegistryDecision<null> {
  const { governor, governanceOfferedTo } = tables.settings.get();
  if (governanceOfferedTo !== caller) return refuse(no('NothingOffered', { governor: principalToText(governor) }));
  return decided(null, [{ kind: 'GovernanceAccepted', governor: caller }]);
}

export interface BirthTerms {
  readonly birthsPerCaller: number;
  readonly birthCycles: bigint;
  readonly compute: ComputeOfMachines;
}

export function setBirthTerms(tables: RegistryTables, context: Context, terms: BirthTerms): RegistryDecision<null> {
  const settings = { ...tables.settings.get(), ...terms };
  const fault = governorFault(tables, context) ?? termsFault(settings) ?? computeFault(tables, settings);
  return fault === null ? decided(null, [{ kind: 'BirthTermsSet', ...terms }]) : refuse(fault);
}

export function allowOperator(
  tables: RegistryTables,
  context: Context,
  { operator, births }: { readonly operator: PrincipalHex; readonly births: number },
): RegistryDecision<null> {
  const fault = governorFault(tables, context);
  if (fault !== null) return refuse(fault);
  if (isNobody(operator, context.self)) return invalid('operator', 'a person, an organisation or a machine');
  if (births > registryLimits.machinesMax) return invalid('births', `at most ${registryLimits.machinesMax}`);
  return decided(null, [{ kind: 'OperatorAllowed', operator, births }]);
}

export function isNobody(who: PrincipalHex, self: PrincipalHex): boolean {
  return who === anonymous || who === managementCanister || who === self;
}

/** Once there are ledgers: at install there are none yet, and no machine is born before. */
export function computeFault(tables: RegistryTables, { compute }: Pick<RegistrySettings, 'compute'>): Refusal | null {
  if (compute.kind !== 'mintingCanister') return null;
  const isThere = tables.ledgers.get(compute.icpLedger)?.isRetired === false;
  return isThere ? null : no('ComputeLedgerMissing', { ledger: principalToText(compute.icpLedger) });
}

function termsFault({ network, birthCycles, birthsPerCaller, compute }: RegistrySettings): Refusal | null {
  const { birthCyclesMin, birthCyclesMax, machinesMax } = registryLimits;
  const isPlain = birthCycles === 0n && compute.kind === 'none';
  if (network === 'engine' && !isPlain) return no('EngineHasNoCycles');
  if (network !== 'engine' && birthCycles < birthCyclesMin)
    return no('FieldInvalid', {
      field: 'birth_cycles',
      wanted: `at least ${birthCyclesMin}, because creating a canister and installing a machine take that much`,
    });
  if (birthCycles > birthCyclesMax)
    return no('FieldInvalid', { field: 'birth_cycles', wanted: `at most ${birthCyclesMax}` });
  if (birthsPerCaller > machinesMax)
    return no('FieldInvalid', { field: 'births_per_caller', wanted: `at most ${machinesMax}` });
  // Where cycles are money, births for anybody would let a stranger spend all of them.
  if (network === 'main' && birthsPerCaller > 0)
    return no('FieldInvalid', {
      field: 'births_per_caller',
      wanted: '0 on the main network: allow operators one by one',
    });
  return null;
}
