// One view of a whole machine, for screens and assistants: each part in full has a query of its own.
import { IDL } from '@dfinity/candid';
import { VerdictType } from './condition.ts';
import { LeaseType } from './control.ts';
import { DeviceType } from './devices.ts';
import { StopType } from './stop.ts';

export const MachineType = IDL.Record({
  kind: IDL.Text,
  make: IDL.Text,
  model: IDL.Text,
  place: IDL.Text,
  operator: IDL.Principal,
  version: IDL.Text,
  stopped: IDL.Opt(StopType),
  /** Too few cycles: it obeys nothing but a stop. */
  frozen: IDL.Bool,
  /** An upgrade is being prepared. */
  quiet: IDL.Bool,
  lease: IDL.Opt(LeaseType),
  devices: IDL.Vec(DeviceType),
  open_commands: IDL.Nat32,
  /** All that are not settled: as many as the tariff's `orders_at_once` takes no further one. */
  open_orders: IDL.Nat32,
  /** Of those, the ones that the device is at work for. */
  running_orders: IDL.Nat32,
  /** The worst verdict of all parts. */
  condition: IDL.Opt(VerdictType),
});
