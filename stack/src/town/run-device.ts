// Shell: one look of a simulated device at its machine: what is asked of it, what it does about it, its reports. It keeps nothing, so
// that one that was switched off goes on where it was.
import { ok, type Result } from '@tamc/base/result';
import { type CallError, type CommandReply, type Machine, type MachineViewReply, wordOf } from '@tamc/client';
import { reportLimits } from '@tamc/protocol/commands';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { parseObject } from '@tamc/protocol/thing';
import {
  type DeviceCommand,
  type DeviceSetting,
  type DeviceState,
  isOffline,
  isSilent,
  stepDevice,
  type TimedReport,
} from './device.ts';
import { type Happening, refusalOf } from './happening.ts';
import { kinds, type MachinePlan } from './plan.ts';
import type { Reading } from './wear.ts';

export interface DeviceHands {
  readonly self: PrincipalHex;
  readonly machine: Machine;
  /** Where raw readings go; the network has only their digests. */
  readonly keep: (reading: Reading) => void;
}

/** `self` is the device's key; `machine` is called with it. */
export async function runDevice(
  setting: DeviceSetting,
  { self, machine, keep }: DeviceHands,
  nowNs: bigint,
): Promise<readonly Happening[]> {
  const { plan, pace } = setting;
  if (isOffline(setting, nowNs)) return [{ kind: 'offline', who: plan.name }];
  const view = await machine.machine();
  if (!view.ok) return refusalOf(plan.name, view);
  const own = view.value.devices.find(({ key }) => key.toText() === hexToPrincipal(self).toText());
  // Somebody revoked it, or gave its place to a real one.
  if (own === undefined) return [];
  const lastReportNs = own.last_report_ns[0] ?? null;
  if (isAtRest(view.value, isSilent(pace, lastReportNs, nowNs))) return [];
  const known = await lookAt(machine, plan, lastReportNs);
  if (!known.ok) return refusalOf(plan.name, known);
  const commands = known.value.commands.filter((command) => command.device === own.device).map(toCommand);
  const { reports, readings } = stepDevice(setting, known.value.state, commands, nowNs);
  if (reports.length === 0) return [];
  for (const reading of readings) keep(reading);
  const sent = await send(machine, own.last_sequence + 1, reports);
  return sent.ok ? [{ kind: 'reported', who: plan.name, what: reports.map(nameOf) }] : refusalOf(plan.name, sent);
}

interface Known {
  readonly state: DeviceState;
  readonly commands: readonly CommandReply[];
}

/** The first look tells whether there is anything to do; only then the rest is asked for. */
async function lookAt(
  machine: Machine,
  { kind }: MachinePlan,
  lastReportNs: bigint | null,
): Promise<Result<Known, CallError>> {
  const { part, meter } = kinds[kind];
  const [commands, condition, meters] = await Promise.all([
    machine.open_commands(),
    machine.condition(),
    machine.meters(),
  ]);
  if (!commands.ok) return commands;
  if (!condition.ok) return condition;
  if (!meters.ok) return meters;
  const own = condition.value.find((item) => item.part === part);
  const state = {
    wearPpm: own?.wear_ppm[0] ?? null,
    fault: own?.fault[0] ?? null,
    judgedNs: own?.at_ns ?? 0n,
    meter: meters.value.find((item) => item.meter === meter)?.value ?? 0n,
    lastReportNs,
  };
  return ok({ state, commands: commands.value });
}

/** Nothing is asked of it, nothing is wrong with it, and it was heard of lately. */
function isAtRest({ open_commands, condition: [condition] }: MachineViewReply, isSilent: boolean): boolean {
  const isWell = condition !== undefined && ('good' in condition || 'watch' in condition);
  return open_commands === 0 && isWell && !isSilent;
}

function toCommand({ command, action, arguments: json, accepted_ns, expires_ns }: CommandReply): DeviceCommand {
  const quantity = parseObject(json)?.quantity;
  return {
    command,
    action,
    quantity: typeof quantity === 'string' && /^\d{1,24}$/.test(quantity) ? BigInt(quantity) : 0n,
    acceptedNs: accepted_ns[0] ?? null,
    expiresNs: expires_ns,
  };
}

async function send(
  machine: Machine,
  first: number,
  reports: readonly TimedReport[],
): Promise<Result<null, CallError>> {
  for (let from = 0; from < reports.length; from += reportLimits.batchMax) {
    const batch = reports
      .slice(from, from + reportLimits.batchMax)
      .map(({ atNs, body }, i) => ({ sequence: first + from + i, at_ns: atNs, body }));
    const sent = await machine.report(batch);
    if (!sent.ok) return sent;
    const [refused] = sent.value.refused;
    if (refused !== undefined) {
      const { code, message, next_step: nextStep } = refused.refusal;
      return { ok: false, error: { kind: 'state', code, message, nextStep, rejectCode: null } };
    }
  }
  return ok(null);
}

const nameOf = ({ body }: TimedReport) => {
  const word = wordOf(body);
  return 'condition' in body ? `${word} ${wordOf(body.condition.verdict)}` : word;
};
