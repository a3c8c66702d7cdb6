// Which principal may be a device: a public key of its own, that is nobody else to this machine.
import { deviceRefusals as no } from '@tamc/protocol/devices';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import type { Context } from '@tamc/shared/rule';
import { isDevice, operatorOf, rolesOf } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { liveMandates } from '../wallet/mandates.ts';
import type { Device } from './tables.ts';

export interface KnownDevice {
  readonly number: number;
  readonly device: Device;
}

export function deviceOfKey(tables: MachineTables, key: PrincipalHex): KnownDevice | null {
  const number = tables.deviceKeys.get(key);
  return number === null ? null : { number, device: tables.devices.get(number)! };
}

/** The device that proposed this key as its next one. */
export function deviceProposing(tables: MachineTables, key: PrincipalHex): KnownDevice | null {
  for (const number of tables.fleet.get().devices) {
    const device = tables.devices.get(number)!;
    if (device.nextKey === key) return { number, device };
  }
  return null;
}

/** 28 bytes of the key's hash and the byte 2: what the specification calls self-authenticating. */
function isPublicKey(key: PrincipalHex): boolean {
  return key.length === 58 && key.endsWith('02');
}

export function keyFault(tables: MachineTables, { nowNs }: Context, key: PrincipalHex): Refusal | null {
  const unfit = (reason: string) => no('KeyUnfit', { reason });
  if (!isPublicKey(key)) return unfit('it is not the principal of a public key');
  if (isDevice(tables, key)) return unfit('it is a device of this machine already');
  if (key === operatorOf(tables) || key === rolesOf(tables).offeredTo) return unfit('it operates the machine');
  // Also a mandate that has not begun: it would begin by itself.
  const isMandated = liveMandates(tables, key).some(({ terms }) => nowNs < terms.expiresNs);
  return isMandated ? unfit('it is a delegate with a mandate') : null;
}
