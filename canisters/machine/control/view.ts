// What a reader sees of the lease.
import { hexToPrincipal } from '@tamc/protocol/principal';
import { optionOf } from '../candid.ts';
import { leaseEndsNs } from './lease.ts';
import type { Lease } from './tables.ts';

export function leaseToCandid(lease: Lease) {
  return {
    lease: lease.lease,
    holder: hexToPrincipal(lease.holder),
    taken_ns: lease.takenNs,
    heartbeat_ns: lease.heartbeatNs,
    timeout_ns: lease.timeoutNs,
    ends_ns: leaseEndsNs(lease),
    offered_to: optionOf(lease.offeredTo).map(hexToPrincipal),
  };
}
