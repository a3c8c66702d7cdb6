// The shape of this canister's decisions, and who may decide what.
import { ok, type Result, refuse } from '@tamc/base/result';
import { anonymous, principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import type { RegistryEvent } from '@tamc/protocol/registry';
import { registryNo as no } from '@tamc/protocol/registry-refusals';
import type { Context, Decided, Decision, OutgoingCall } from '@tamc/shared/rule';
import type { RegistryTables } from './state.ts';

export type RegistryDecision<Reply> = Decision<RegistryEvent, Reply>;

export function decided<Reply>(
  reply: Reply,
  events: readonly RegistryEvent[],
  calls: readonly OutgoingCall[] = [],
): Result<Decided<RegistryEvent, Reply>, Refusal> {
  return ok({ reply, events, calls });
}

export function invalid(field: string, wanted: string): { readonly ok: false; readonly error: Refusal } {
  return refuse(no('FieldInvalid', { field, wanted }));
}

/** Null when the caller is the governor. */
export function governorFault(tables: RegistryTables, { caller }: Context): Refusal | null {
  const { governor } = tables.settings.get();
  return caller === governor ? null : no('NotGovernor', { governor: principalToText(governor) });
}

export function anonymousFault({ caller }: Context): Refusal | null {
  return caller === anonymous ? no('AnonymousCaller') : null;
}
