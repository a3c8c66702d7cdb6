// Where a command stands: derived from its facts and the clock, and never going back.
import { assert } from '@tamc/base/assert';
import type { MachineTables } from '../state.ts';
import type { Command, OpenCommand } from './tables.ts';

export type CommandStatus = 'requested' | 'accepted' | 'acted' | 'confirmed' | 'failed' | 'expired';

export function commandStatus(command: Command, nowNs: bigint): CommandStatus {
  if (command.outcome !== null) return command.outcome;
  if (nowNs >= command.expiresNs) return 'expired';
  if (command.actedNs !== null) return 'acted';
  return command.acceptedNs === null ? 'requested' : 'accepted';
}

export function isEnded(status: CommandStatus): boolean {
  return status === 'confirmed' || status === 'failed' || status === 'expired';
}

/** Those that the devices still have before them. */
export function openCommands(tables: MachineTables, nowNs: bigint): readonly OpenCommand[] {
  return tables.commandQueue.get().open.filter(({ expiresNs }) => nowNs < expiresNs);
}

export function commandOf(tables: MachineTables, number: number): Command {
  const command = tables.commands.get(number);
  assert(command !== null, `command ${number} is open and has no record`);
  return command;
}
