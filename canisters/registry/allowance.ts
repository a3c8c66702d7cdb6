// How many births a caller has left.
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import type { Context } from '@tamc/shared/rule';
import type { RegistryTables } from './state.ts';

/** Who is allowed by name has that number; everybody else has what the terms give to anybody. */
export function birthsLeft({ settings, allowances, ordered }: RegistryTables, caller: PrincipalHex): number {
  const allowed = allowances.get(caller)?.births ?? settings.get().birthsPerCaller;
  return Math.max(0, allowed - (ordered.get(caller)?.births ?? 0));
}

/** Now, or when the terms give anybody more: those who are not allowed by name. */
export function mayOrderBirths(tables: RegistryTables, caller: PrincipalHex): boolean {
  const { settings, allowances } = tables;
  return birthsLeft(tables, caller) > 0 || (allowances.get(caller) === null && settings.get().birthsPerCaller > 0);
}

export function allowanceFault(tables: RegistryTables, { caller }: Context, wanted: number): Refusal | null {
  const left = birthsLeft(tables, caller);
  const { governor } = tables.settings.get();
  return wanted <= left ? null : no('BirthsNotAllowed', { wanted, left, governor: principalToText(governor) });
}
