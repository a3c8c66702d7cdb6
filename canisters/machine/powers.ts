// Who may do what: the questions that rules of every noun ask about a caller.
import { assert } from '@tamc/base/assert';
import { identityRefusals as no } from '@tamc/protocol/identity';
import type { Power } from '@tamc/protocol/powers';
import { anonymous, managementCanister, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import type { Context } from '@tamc/shared/rule';
import type { MachineTables } from './state.ts';
import { hasPower, lastExpiryNs } from './wallet/mandates.ts';

export function rolesOf(tables: MachineTables) {
  const roles = tables.roles.get();
  assert(roles !== null, 'the machine is not born');
  return roles;
}

export function operatorOf(tables: MachineTables): PrincipalHex {
  return rolesOf(tables).operator;
}

/** For texts of refusals. */
export function operatorText(tables: MachineTables): string {
  return principalToText(operatorOf(tables));
}

export function isStopped(tables: MachineTables): boolean {
  return tables.stop.get() !== null;
}

/** An upgrade is being prepared: nothing new is started, so that no call is open when the code is replaced. */
export function isQuiet(tables: MachineTables, nowNs: bigint): boolean {
  return nowNs < tables.upgrade.get().quietUntilNs;
}

export function isDevice(tables: MachineTables, who: PrincipalHex): boolean {
  return tables.deviceKeys.get(who) !== null;
}

/** Principals that stand for nobody in particular, or for the machine and its registry: they hold no role. */
export function isNobody(tables: MachineTables, context: Context, who: PrincipalHex): boolean {
  return who === anonymous || who === managementCanister || who === context.self || who === rolesOf(tables).registry;
}

export function requireOperator(tables: MachineTables, context: Context): Refusal | null {
  return context.caller === operatorOf(tables) ? null : no('NotOperator', { operator: operatorText(tables) });
}

/** The operator has every power; a delegate those of its live mandates. */
export function requirePower(tables: MachineTables, context: Context, power: Power): Refusal | null {
  return mayUse(tables, context.caller, power, context.nowNs)
    ? null
    : no('PowerMissing', { power, operator: operatorText(tables) });
}

/** Null: without end. */
export function powerEndsNs(tables: MachineTables, who: PrincipalHex, power: Power): bigint | null {
  return who === operatorOf(tables) ? null : lastExpiryNs(tables, who, power);
}

export function mayUse(tables: MachineTables, who: PrincipalHex, power: Power, nowNs: bigint): boolean {
  return who === operatorOf(tables) || hasPower(tables, who, power, nowNs);
}
