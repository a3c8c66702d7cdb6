// Who holds the remote control now: derived from the last lease, the clock and the holder's powers.

import { mayUse } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import type { Lease } from './tables.ts';

/** Null when nobody holds it: never taken, given back, silent for too long, or the holder lost the power. */
export function leaseNow(tables: MachineTables, nowNs: bigint): Lease | null {
  const lease = tables.lease.get();
  if (lease === null || lease.isEnded || isSilent(lease, nowNs)) return null;
  return mayUse(tables, lease.holder, 'control', nowNs) ? lease : null;
}

export function leaseEndsNs({ heartbeatNs, timeoutNs }: Lease): bigint {
  return heartbeatNs + timeoutNs;
}

export function isSilent(lease: Lease, nowNs: bigint): boolean {
  return nowNs >= leaseEndsNs(lease);
}
