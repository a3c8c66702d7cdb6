// Every event as changes of tables: the kind says whose it is.

import { commandEvents } from '@tamc/protocol/commands';
import { computeEvents } from '@tamc/protocol/compute';
import { conditionEvents } from '@tamc/protocol/condition';
import { controlEvents } from '@tamc/protocol/control';
import { deviceEvents } from '@tamc/protocol/devices';
import { identityEvents } from '@tamc/protocol/identity';
import { stopEvents } from '@tamc/protocol/stop';
import { useEvents } from '@tamc/protocol/use';
import { walletEvents } from '@tamc/protocol/wallet';
import { applyCommands } from './commands/apply.ts';
import { applyCompute } from './compute/apply.ts';
import { applyCondition } from './condition/apply.ts';
import { applyControl } from './control/apply.ts';
import { applyDevices } from './devices/apply.ts';
import type { MachineEvent } from './events.ts';
import { applyIdentity } from './identity/apply.ts';
import type { Envelope, MachineTables } from './state.ts';
import { applyStop } from './stop/apply.ts';
import { applyUse } from './use/apply.ts';
import { applyWallet } from './wallet/apply.ts';

export function applyMachine(tables: MachineTables, event: MachineEvent, envelope: Envelope): void {
  if (isOf(identityEvents, event)) applyIdentity(tables, event, envelope);
  else if (isOf(deviceEvents, event)) applyDevices(tables, event, envelope);
  else if (isOf(commandEvents, event)) applyCommands(tables, event, envelope);
  else if (isOf(controlEvents, event)) applyControl(tables, event, envelope);
  else if (isOf(conditionEvents, event)) applyCondition(tables, event, envelope);
  else if (isOf(stopEvents, event)) applyStop(tables, event, envelope);
  else if (isOf(walletEvents, event)) applyWallet(tables, event, envelope);
  else if (isOf(useEvents, event)) applyUse(tables, event, envelope);
  else if (isOf(computeEvents, event)) applyCompute(tables, event, envelope);
}

function isOf<Kinds extends object>(
  kinds: Kinds,
  event: MachineEvent,
): event is Extract<MachineEvent, { kind: keyof Kinds }> {
  return event.kind in kinds;
}
