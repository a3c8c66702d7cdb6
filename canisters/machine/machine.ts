// The whole machine without a network: what the Azle shell runs in Wasm, and tests and simulations in Node.
import type { CanisterDefinition, Rule } from '@tamc/shared/canister';
import { applyMachine } from './apply.ts';
import { nextComputeNs, noticeCompute } from './compute/rules.ts';
import { nextNoticeNs, noticeLease } from './control/end.ts';
import { type MachineEvent, machineEvent } from './events.ts';
import { machineOutcomes } from './outcomes.ts';
import { isQuiet } from './powers.ts';
import { type MachineTables, machineTables } from './state.ts';
import { nextOrderNs, noticeOrders } from './use/settlement.ts';
import { nextTransferNs, noticeTransfers } from './wallet/outcomes.ts';
import { nextWatchNs, noticeWatch } from './wallet/watch.ts';

export const machineDefinition: CanisterDefinition<MachineTables, MachineEvent> = {
  tables: machineTables,
  events: machineEvent,
  apply: applyMachine,
  outcomes: machineOutcomes,
  isQuiet,
};

export type MachineRule<Command, Reply> = Rule<MachineTables, Command, MachineEvent, Reply>;

/** What the passing of time has brought: each is decided by itself, before the rule of a message and by the timer. */
export const notices: readonly MachineRule<null, null>[] = [
  noticeLease,
  noticeOrders,
  noticeTransfers,
  noticeWatch,
  noticeCompute,
];

/** What waits while an upgrade is under way, as the rules that look for it do. */
const quietTimes: readonly ((tables: MachineTables) => bigint | null)[] = [
  nextOrderNs,
  nextTransferNs,
  nextWatchNs,
  nextComputeNs,
];

/** When time will bring something: the timer rings then. Null: nothing is waited for. */
export function nextWakeNs(tables: MachineTables, nowNs: bigint): bigint | null {
  const { quietUntilNs } = tables.upgrade.get();
  const isLater = (timeNs: bigint) => isQuiet(tables, nowNs) && timeNs < quietUntilNs;
  const others = quietTimes.flatMap((timeOf) => timeOf(tables) ?? []).map((ns) => (isLater(ns) ? quietUntilNs : ns));
  const lease = nextNoticeNs(tables, nowNs);
  const times = lease === null ? others : [lease, ...others];
  return times.length === 0 ? null : times.reduce((first, other) => (other < first ? other : first));
}
