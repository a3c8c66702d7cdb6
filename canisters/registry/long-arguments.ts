// What may be longer than a short argument, and from whom: code from the governor, births from who has some left. The registry pays
// for reading it, and is the only one that brings machines to life and upgrades them.
import { mandateLimits } from '@tamc/protocol/mandate';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { birthsLeft, mayOrderBirths } from './allowance.ts';
import type { RegistryTables } from './state.ts';

/** A Candid and a layout of 256 KiB each, in characters of two bytes. */
const ofGovernor = { approve_code: 1_100_000 };
/** Fifty births with two texts of 16 KiB each. */
const ofOperators = { bear: 2_097_152 };
const ofMandates = { set_standing_mandate: mandateLimits.termsBytesMax };

export function longArguments(tables: RegistryTables, caller: PrincipalHex): Readonly<Record<string, number>> {
  return {
    ...(caller === tables.settings.get().governor && ofGovernor),
    ...(birthsLeft(tables, caller) > 0 && ofOperators),
    ...(mayHaveMandates(tables, caller) && ofMandates),
  };
}

/** Who could order births, or has a standing mandate, which can always be changed. */
function mayHaveMandates(tables: RegistryTables, caller: PrincipalHex): boolean {
  return mayOrderBirths(tables, caller) || (tables.standingDelegates.get(caller) ?? []).length > 0;
}
