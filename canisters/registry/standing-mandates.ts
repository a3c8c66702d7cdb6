// Standing mandates: an operator says once who may bring machines to life for it, and with which mandate each of them starts. Without
// one nobody makes another the operator of a machine.
import { type Result, refuse } from '@tamc/base/result';
import { type MandateTerms, mandateLimits } from '@tamc/protocol/mandate';
import { anonymous, managementCanister, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { FieldFault, Refusal } from '@tamc/protocol/refusal';
import { registryLimits } from '@tamc/protocol/registry';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import type { Context } from '@tamc/shared/rule';
import { mayOrderBirths } from './allowance.ts';
import { anonymousFault, decided, type RegistryDecision } from './decision.ts';
import type { RegistryTables } from './state.ts';

export interface StandingMandate {
  readonly delegate: PrincipalHex;
  readonly terms: MandateTerms;
}

export interface StandingMandateArgs {
  readonly delegate: PrincipalHex;
  /** As parsed at the boundary. */
  readonly terms: Result<MandateTerms, FieldFault>;
}

/** In the place of the one that this delegate has. */
export function setStandingMandate(
  tables: RegistryTables,
  context: Context,
  { delegate, terms: parsed }: StandingMandateArgs,
): RegistryDecision<null> {
  const denied = standingFault(tables, context, delegate);
  if (denied !== null) return refuse(denied);
  if (!parsed.ok) return refuse(no('TermsInvalid', parsed.error));
  const terms = parsed.value;
  const fault = delegateFault(context, delegate) ?? termsFault(tables, context, terms);
  if (fault !== null) return refuse(fault);
  return decided(null, [{ kind: 'StandingMandateSet', operator: context.caller, delegate, terms }]);
}

/** Known before the terms are looked at. */
export function standingFault(tables: RegistryTables, context: Context, delegate: PrincipalHex): Refusal | null {
  return anonymousFault(context) ?? placeFault(tables, context, delegate);
}

export function revokeStandingMandate(
  tables: RegistryTables,
  { caller: operator }: Context,
  { delegate }: { readonly delegate: PrincipalHex },
): RegistryDecision<null> {
  if (tables.standingMandates.get([operator, delegate]) === null)
    return refuse(no('StandingMandateUnknown', { delegate: principalToText(delegate) }));
  return decided(null, [{ kind: 'StandingMandateRevoked', operator, delegate }]);
}

export function standingMandatesOf(tables: RegistryTables, operator: PrincipalHex): readonly StandingMandate[] {
  const delegates = tables.standingDelegates.get(operator) ?? [];
  return delegates.map((delegate) => ({ delegate, terms: tables.standingMandates.get([operator, delegate])! }));
}

/** Null when there is none, or when it is over. */
export function standingMandateNow(
  tables: RegistryTables,
  operator: PrincipalHex,
  delegate: PrincipalHex,
  nowNs: bigint,
): MandateTerms | null {
  const terms = tables.standingMandates.get([operator, delegate]);
  return terms !== null && nowNs < terms.expiresNs ? terms : null;
}

/** Only who could order births takes room: anybody else would be a stranger who fills it. One that is there can always be changed. */
function placeFault(tables: RegistryTables, { caller }: Context, delegate: PrincipalHex): Refusal | null {
  const known = tables.standingDelegates.get(caller) ?? [];
  if (known.includes(delegate)) return null;
  const { governor } = tables.settings.get();
  if (!mayOrderBirths(tables, caller)) return no('MayNotBear', { governor: principalToText(governor) });
  const { standingMandatesMax: limit } = registryLimits;
  return known.length >= limit ? no('TooManyStandingMandates', { limit }) : null;
}

function delegateFault({ caller, self }: Context, delegate: PrincipalHex): Refusal | null {
  const unfit = (who: string) => no('DelegateInvalid', { who });
  if (delegate === anonymous) return unfit('the anonymous identity, which can be anybody');
  if (delegate === caller) return unfit('the operator, who needs no mandate');
  return delegate === managementCanister || delegate === self ? unfit('the registry or the management canister') : null;
}

function termsFault(tables: RegistryTables, { nowNs }: Context, { ledger, expiresNs }: MandateTerms): Refusal | null {
  if (tables.ledgers.get(ledger)?.isRetired !== false) return no('LedgerUnknown', { id: principalToText(ledger) });
  if (expiresNs > nowNs && expiresNs <= nowNs + mandateLimits.lifeNsMax) return null;
  return no('TermsInvalid', { field: 'expires_ns', wanted: 'within the next three years' });
}
