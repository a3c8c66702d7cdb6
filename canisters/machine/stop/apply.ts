// The stop as a change of tables.
import type { StopEvent } from '@tamc/protocol/stop';
import type { Envelope, MachineTables } from '../state.ts';

export function applyStop(tables: MachineTables, event: StopEvent, { timeNs, by }: Envelope): void {
  if (event.kind === 'MachineStopped') tables.stop.set({ reason: event.reason, by, sinceNs: timeNs });
  else tables.stop.set(null);
}
