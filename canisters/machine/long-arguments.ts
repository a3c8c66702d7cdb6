// What may be longer than a short argument, and from whom: of strangers nothing, because the machine pays for reading it.

import { identityLimits } from '@tamc/protocol/identity';
import { mandateLimits } from '@tamc/protocol/mandate';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { thingLimits } from '@tamc/protocol/thing';
import { isDevice } from './powers.ts';
import type { MachineTables } from './state.ts';
import { mayStop } from './stop/rules.ts';
import { isDelegate } from './wallet/mandates.ts';

/** Types and the other fields of an argument. */
const frameBytes = 1_024;

/** Four kilobytes of JSON, and a name. */
const commandBytesMax = 6_144;

/** The reason of a stop is cut and not refused, however long: nothing may keep a stop from happening. */
const ofWhoMayStop = { stop: 65_536 };

const ofDelegates = {
  ...ofWhoMayStop,
  describe: thingLimits.bytesMax + frameBytes,
  set_charter: identityLimits.charterBytesMax + frameBytes,
  command: commandBytesMax,
  ask: mandateLimits.termsBytesMax,
};
const ofOperator = { ...ofDelegates, grant_mandate: mandateLimits.termsBytesMax };

/** What a device has gathered while it was offline comes in batches. */
const ofDevices = { ...ofWhoMayStop, report: 65_536 };

export function longArguments(
  tables: MachineTables,
  caller: PrincipalHex,
  nowNs: bigint,
): Readonly<Record<string, number>> {
  const roles = tables.roles.get();
  // Before birth only the install itself is read, with description and charter.
  if (roles === null) return { install: Number.POSITIVE_INFINITY };
  if (caller === roles.operator) return ofOperator;
  if (isDevice(tables, caller)) return ofDevices;
  if (isDelegate(tables, caller, nowNs)) return ofDelegates;
  return mayStop(tables, caller, nowNs) ? ofWhoMayStop : {};
}
