// How a lease ends, and how it is noticed that one has: what its holder wanted and no device has begun is taken back, and
// where nobody takes over, every device goes to a safe state.
import type { ControlEvent } from '@tamc/protocol/control';
import type { Context } from '@tamc/shared/rule';
import { cancelCommands, isUntouched } from '../commands/cancel.ts';
import { tellAllDevices } from '../commands/request.ts';
import { type Consequences, decided, joined, type MachineDecision } from '../decision.ts';
import { powerEndsNs } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { isSilent, leaseEndsNs, leaseNow } from './lease.ts';
import type { Lease } from './tables.ts';

type Why = Extract<ControlEvent, { kind: 'LeaseEnded' }>['why'];

export function endLease(tables: MachineTables, context: Context, { lease, holder }: Lease, why: Why): Consequences {
  const ended = { events: [{ kind: 'LeaseEnded' as const, lease, holder, why }], calls: [] };
  if (why === 'released') return ended;
  const isTheirs = (by: string, cause: string | null) => by === holder && cause === null;
  return joined(
    ended,
    cancelCommands(tables, context, `remote control ${why}`, (_, command) => {
      return isTheirs(command.by, command.cause) && isUntouched(command);
    }),
  );
}

/**
 * Looked at before every message and by a timer. Rules do not depend on it: to them a silent lease has ended already.
 * It is a decision of its own, so that the numbers of the commands it requests are taken when the next rule decides.
 */
export function noticeLease(tables: MachineTables, context: Context): MachineDecision<null> {
  const lease = tables.lease.get();
  if (lease === null || lease.isEnded || leaseNow(tables, context.nowNs) !== null) return decided(null);
  const why = isSilent(lease, context.nowNs) ? 'silent' : 'powerless';
  const safe = { events: tellAllDevices(tables, context, 'safe', `lease/${lease.lease}`), calls: [] };
  const { events, calls } = joined(endLease(tables, context, lease, why), safe);
  return decided(null, events, calls);
}

/** Null when there is nothing to wait for. A right that was taken from its holder is missed at once. */
export function nextNoticeNs(tables: MachineTables, nowNs: bigint): bigint | null {
  const lease = tables.lease.get();
  if (lease === null || lease.isEnded) return null;
  if (leaseNow(tables, nowNs) === null) return nowNs;
  const silentNs = leaseEndsNs(lease);
  const powerNs = powerEndsNs(tables, lease.holder, 'control');
  return powerNs === null || silentNs < powerNs ? silentNs : powerNs;
}
