// How a command comes to be, whoever wants it: a person, an order that was paid, a lease that ended, a stop. Nothing moves a
// device but what passes here.

import { ok, type Result, refuse } from '@tamc/base/result';
import {
  builtInActions,
  type CommandEvent,
  commandLimits,
  isSafetyAction,
  commandRefusals as no,
} from '@tamc/protocol/commands';
import { deviceRefusals } from '@tamc/protocol/devices';
import { principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { parseJson, utf8Length } from '@tamc/protocol/thing';
import type { Context } from '@tamc/shared/rule';
import { isFrozen } from '../compute/frozen.ts';
import { leaseNow } from '../control/lease.ts';
import { isQuiet, isStopped, operatorOf, operatorText } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { openCommands } from './status.ts';

export interface CommandWanted {
  readonly action: string;
  /** JSON. */
  readonly arguments: string;
  /** Null: the device that was enrolled first. */
  readonly device: number | null;
  readonly expiresNs: bigint;
  /** Given back when the command ends: `order/12`. */
  readonly cause: string | null;
}

export interface Requested {
  readonly events: readonly CommandEvent[];
  readonly command: number;
}

/**
 * One per decision, because the number comes from the tables as they are. Ask `canStart` before money is taken: it gives the
 * refusal that this would give.
 */
export function requestDeviceCommand(
  tables: MachineTables,
  context: Context,
  wanted: CommandWanted,
): Result<Requested, Refusal> {
  const refusal = refusalOf(tables, context, wanted);
  if (refusal !== null) return refuse(refusal);
  const command = tables.commandQueue.get().next;
  const device = wanted.device ?? tables.fleet.get().devices[0]!;
  return ok({ command, events: [{ kind: 'CommandRequested', ...wanted, command, device }] });
}

/** Why a command of this action would be refused to this caller now. */
export function canStart(tables: MachineTables, context: Context, action: string): Refusal | null {
  return (
    blockOf(tables, context, action) ??
    deviceFault(tables, null) ??
    actionFault(tables, action) ??
    roomFault(tables, context, action)
  );
}

/** Tells every device that has not been told already; passes everything, because it only makes the machine safer. */
export function tellAllDevices(
  tables: MachineTables,
  context: Context,
  action: 'stop' | 'safe',
  cause: string,
): readonly CommandEvent[] {
  const open = openCommands(tables, context.nowNs);
  const told = new Set(open.flatMap((command) => (command.action === action ? [command.device] : [])));
  const devices = tables.fleet.get().devices.filter((device) => !told.has(device));
  return devices.map((device, i) => tellDevice(tables, context, device, action, cause, i));
}

/** `ahead`: how many commands the same decision requests before it. */
export function tellDevice(
  tables: MachineTables,
  { nowNs }: Context,
  device: number,
  action: 'stop' | 'safe',
  cause: string,
  ahead = 0,
): CommandEvent {
  const command = tables.commandQueue.get().next + ahead;
  const expiresNs = nowNs + commandLimits.lifeNs;
  return { kind: 'CommandRequested', command, device, action, arguments: '{}', expiresNs, cause };
}

function refusalOf(tables: MachineTables, context: Context, wanted: CommandWanted): Refusal | null {
  const { argumentBytesMax, lifeNs } = commandLimits;
  if (!isJson(wanted.arguments, argumentBytesMax)) return no('ArgumentsInvalid', { max: argumentBytesMax });
  const lastNs = context.nowNs + lifeNs;
  if (wanted.expiresNs <= context.nowNs || wanted.expiresNs > lastNs)
    return no('CommandExpiryInvalid', { days: lifeNs / 86_400_000_000_000n });
  return deviceFault(tables, wanted.device) ?? canStart(tables, context, wanted.action);
}

/** What keeps the whole machine from obeying; a `stop` or `safe` passes it. */
function blockOf(tables: MachineTables, context: Context, action: string): Refusal | null {
  if (isSafetyAction(action)) return null;
  if (isStopped(tables)) return no('MachineStopped', { operator: operatorText(tables) });
  if (isFrozen(tables)) return no('MachineFrozen');
  if (isQuiet(tables, context.nowNs)) return no('UpgradeUnderWay');
  const lease = leaseNow(tables, context.nowNs);
  const isFree = lease === null || lease.holder === context.caller || context.caller === operatorOf(tables);
  return isFree ? null : no('LeaseHeld', { holder: principalToText(lease.holder) });
}

/** Work and safety have room of their own: devices that are away and owe a stop must not keep others from working. */
function roomFault(tables: MachineTables, { nowNs }: Context, action: string): Refusal | null {
  const isSafety = isSafetyAction(action);
  const alike = openCommands(tables, nowNs).filter((open) => isSafetyAction(open.action) === isSafety);
  return alike.length >= commandLimits.openMax ? no('CommandsFull', { max: commandLimits.openMax }) : null;
}

function deviceFault(tables: MachineTables, device: number | null): Refusal | null {
  const { devices } = tables.fleet.get();
  if (devices.length === 0) return no('NoDevice');
  return device === null || devices.includes(device) ? null : deviceRefusals('DeviceUnknown', { device });
}

function actionFault(tables: MachineTables, action: string): Refusal | null {
  if (action.length > commandLimits.actionCharsMax) return no('ActionUnknown', { action: '…', actions: '…' });
  const actions = [...new Set([...builtInActions, ...tables.actions.get()])];
  return actions.includes(action) ? null : no('ActionUnknown', { action, actions: actions.join(', ') });
}

function isJson(text: string, bytesMax: number): boolean {
  return text.length <= bytesMax && utf8Length(text) <= bytesMax && parseJson(text).ok;
}
