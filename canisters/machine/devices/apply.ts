// Events of devices as changes of tables.
import { assert } from '@tamc/base/assert';
import type { DeviceEvent } from '@tamc/protocol/devices';
import type { Envelope, MachineTables } from '../state.ts';
import type { Device } from './tables.ts';

export function applyDevices(tables: MachineTables, event: DeviceEvent, { timeNs }: Envelope): void {
  switch (event.kind) {
    case 'EnrolmentIssued':
      applyIssued(tables, event, timeNs);
      break;
    case 'DeviceEnrolled':
      applyEnrolled(tables, event, timeNs);
      break;
    case 'KeyProposed':
      changeDevice(tables, event.device, { nextKey: event.next });
      break;
    case 'KeyConfirmed':
      tables.deviceKeys.delete(event.previous);
      tables.deviceKeys.set(event.key, event.device);
      changeDevice(tables, event.device, { key: event.key, nextKey: null });
      break;
    case 'DeviceRevoked':
      applyRevoked(tables, event);
      break;
    case 'EnrolmentWithdrawn':
      spendCode(tables, event.codeHash);
      break;
  }
}

type Of<Kind> = Extract<DeviceEvent, { kind: Kind }>;

function applyIssued(
  tables: MachineTables,
  { codeHash, label, expiresNs }: Of<'EnrolmentIssued'>,
  nowNs: bigint,
): void {
  const waiting = tables.enrolments.get().filter((enrolment) => nowNs < enrolment.expiresNs);
  tables.enrolments.set([...waiting, { codeHash, label, expiresNs }]);
}

function applyEnrolled(tables: MachineTables, event: Of<'DeviceEnrolled'>, nowNs: bigint): void {
  const { device, key, label, codeHash } = event;
  spendCode(tables, codeHash);
  tables.deviceKeys.set(key, device);
  const fresh = { key, nextKey: null, label, enrolledNs: nowNs, codeHash, lastSequence: 0, lastReportNs: null };
  tables.devices.set(device, fresh);
  const { devices } = tables.fleet.get();
  tables.fleet.set({ next: device + 1, devices: [...devices, device] });
}

function spendCode({ enrolments }: MachineTables, codeHash: string): void {
  enrolments.set(enrolments.get().filter((enrolment) => enrolment.codeHash !== codeHash));
}

function applyRevoked(tables: MachineTables, { device, key }: Of<'DeviceRevoked'>): void {
  tables.devices.delete(device);
  tables.deviceKeys.delete(key);
  const { next, devices } = tables.fleet.get();
  tables.fleet.set({ next, devices: devices.filter((number) => number !== device) });
}

/** Every report moves the device's sequence on, whatever else it does. */
export function applySequence(
  tables: MachineTables,
  { device, sequence }: { readonly device: number; readonly sequence: number },
  { timeNs }: Envelope,
): void {
  changeDevice(tables, device, { lastSequence: sequence, lastReportNs: timeNs });
}

function changeDevice(tables: MachineTables, number: number, change: Partial<Device>): void {
  const device = tables.devices.get(number);
  assert(device !== null, `no device ${number}`);
  tables.devices.set(number, { ...device, ...change });
}
