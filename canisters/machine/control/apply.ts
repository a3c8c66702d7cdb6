// Events of the lease as changes of tables.
import { assert } from '@tamc/base/assert';
import type { ControlEvent } from '@tamc/protocol/control';
import type { Envelope, MachineTables } from '../state.ts';
import type { Lease } from './tables.ts';

export function applyControl(tables: MachineTables, event: ControlEvent, { timeNs }: Envelope): void {
  switch (event.kind) {
    case 'LeaseTaken': {
      const { lease, holder, timeoutNs } = event;
      const before = tables.lease.get();
      const takenNs = before?.lease === lease ? before.takenNs : timeNs;
      tables.lease.set({
        lease,
        holder,
        takenNs,
        heartbeatNs: timeNs,
        timeoutNs,
        offeredTo: null,
        isEnded: false,
      });
      break;
    }
    case 'LeaseOffered':
      changeLease(tables, event.lease, { offeredTo: event.to });
      break;
    case 'LeaseKept':
      changeLease(tables, event.lease, { heartbeatNs: timeNs });
      break;
    case 'LeaseEnded':
      changeLease(tables, event.lease, { isEnded: true, offeredTo: null });
      break;
  }
}

function changeLease(tables: MachineTables, number: number, change: Partial<Lease>): void {
  const lease = tables.lease.get();
  assert(lease?.lease === number, `lease ${number} is not the last one`);
  tables.lease.set({ ...lease, ...change });
}
