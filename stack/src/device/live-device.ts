// Shell (timers): a simulated device lives: it looks at its machine again and again and does what is asked of it, until it is ended. A
// network that is away for a while is waited for.
import { setTimeout } from 'node:timers/promises';
import { ok, type Result, refuse } from '@tamc/base/result';
import { bindMachine, type CallError, type Connection } from '@tamc/client';
import { hexToPrincipal, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Happening } from '../town/happening.ts';
import { paceOf } from '../town/pace.ts';
import type { KindName, MachinePlan } from '../town/plan.ts';
import { runDevice } from '../town/run-device.ts';
import type { OwnDevice } from './own-device.ts';

export interface DeviceLife {
  readonly machine: { readonly id: PrincipalHex; readonly name: string; readonly kind: KindName };
  readonly device: OwnDevice;
  /** How many times faster than the clock it works. */
  readonly speed: number;
  /** As the device; asked for again when the network was away. */
  readonly reach: () => Promise<Result<Connection, string>>;
  readonly watch: (happening: Happening) => void;
}

/** Its code works once, for its key alone; told again by the same key it is answered the same. */
export async function enrolDevice(
  connection: Connection,
  machine: PrincipalHex,
  code: Uint8Array | null,
): Promise<Result<'enrolled' | 'was enrolled' | 'needs a code', CallError>> {
  const own = bindMachine(connection, machine);
  const devices = await own.devices();
  if (!devices.ok) return devices;
  const self = hexToPrincipal(connection.self).toText();
  if (devices.value.some(({ key }) => key.toText() === self)) return ok('was enrolled');
  if (code === null) return ok('needs a code');
  const enrolled = await own.enrol({ code });
  return enrolled.ok ? ok('enrolled') : refuse(enrolled.error);
}

/** It looks once a minute of its own time, but not more often than this. */
const pauseMsMin = 500;
const pauseMsMax = 10_000;

export async function liveAsDevice(life: DeviceLife, signal: AbortSignal): Promise<void> {
  const { machine, device, speed, watch } = life;
  const pace = paceOf(speed, 1);
  const pauseMs = Math.min(pauseMsMax, Math.max(pauseMsMin, Number(pace.tickNs / 1_000_000n)));
  const plan: MachinePlan = { name: machine.name, kind: machine.kind, place: '', isRoaming: false, bornWearPpm: null };
  for (let connection: Connection | null = null; !signal.aborted; ) {
    connection ??= await reached(life);
    if (connection !== null) {
      const setting = { seed: principalToText(connection.self), plan, pace };
      const hands = { self: connection.self, machine: bindMachine(connection, machine.id), keep: device.keep };
      const happenings = await runDevice(setting, hands, connection.nowNs());
      for (const happening of happenings) watch(happening);
      // It may answer at another address when it comes back.
      if (happenings.some(isAway)) connection = null;
    }
    await setTimeout(pauseMs, undefined, { signal }).catch(() => {});
  }
}

async function reached({ reach }: DeviceLife): Promise<Connection | null> {
  const found = await reach();
  return found.ok ? found.value : null;
}

const isAway = (happening: Happening) =>
  happening.kind === 'refused' && ['unreachable', 'unknown', 'untrusted'].includes(happening.error.kind);
