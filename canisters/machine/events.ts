// Every event of a machine, in one codec: what its log holds and what `apply` understands.
import { type ValueOf, variant } from '@tamc/base/codec';
import { commandEvents } from '@tamc/protocol/commands';
import { computeEvents } from '@tamc/protocol/compute';
import { conditionEvents } from '@tamc/protocol/condition';
import { controlEvents } from '@tamc/protocol/control';
import { deviceEvents } from '@tamc/protocol/devices';
import { identityEvents } from '@tamc/protocol/identity';
import { stopEvents } from '@tamc/protocol/stop';
import { useEvents } from '@tamc/protocol/use';
import { walletEvents } from '@tamc/protocol/wallet';

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
