// Every event of a machine, in one codec: what its log holds, what `apply` understands, and what whoever follows a machine reads.
import { type ValueOf, variant } from '@tamc/base/codec';
import { commandEvents } from './commands.ts';
import { computeEvents } from './compute.ts';
import { conditionEvents } from './condition.ts';
import { controlEvents } from './control.ts';
import { deviceEvents } from './devices.ts';
import { identityEvents } from './identity.ts';
import { stopEvents } from './stop.ts';
import { useEvents } from './use.ts';
import { walletEvents } from './wallet.ts';

export const machineEvents = {
  ...identityEvents,
  ...deviceEvents,
  ...commandEvents,
  ...controlEvents,
  ...conditionEvents,
  ...stopEvents,
  ...walletEvents,
  ...useEvents,
  ...computeEvents,
};

export const machineEvent = variant(machineEvents);

export type MachineEvent = ValueOf<typeof machineEvent>;
