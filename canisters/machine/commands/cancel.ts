// Commands that end without their device: by a stop, a lost lease, a revoked key. Whoever caused one is told that it failed.

import type { Context } from '@tamc/shared/rule';
import { outboxRoom } from '@tamc/shared/saga/outbox';
import { type Consequences, concatConsequences, joined } from '../decision.ts';
import type { MachineTables } from '../state.ts';
import { onCommandEnded } from '../use/ended.ts';
import { commandOf, openCommands } from './status.ts';
import type { Command, OpenCommand } from './tables.ts';

/**
 * Cancels the open commands that are chosen. A stop must not fail because too many calls are open, so causes are told only
 * while there is room for what they call; an order that is not told ends by its own deadline.
 */
export function cancelCommands(
  tables: MachineTables,
  context: Context,
  reason: string,
  isChosen: (open: OpenCommand, command: Command) => boolean,
): Consequences {
  const chosen = openCommands(tables, context.nowNs).flatMap((open) => {
    const command = commandOf(tables, open.command);
    return isChosen(open, command) ? [{ number: open.command, command }] : [];
  });
  let room = chosen.length === 0 ? 0 : outboxRoom(tables);
  return concatConsequences(
    chosen.map(({ number, command }) => {
      const cancelled: Consequences = { events: [{ kind: 'CommandCancelled', command: number, reason }], calls: [] };
      const told = tellCause(tables, context, number, command, reason);
      if (told.calls.length > room) return cancelled;
      room -= told.calls.length;
      return joined(cancelled, told);
    }),
  );
}

/** The device has not said yet that it will do it. */
export function isUntouched({ acceptedNs, actedNs }: Command): boolean {
  return acceptedNs === null && actedNs === null;
}

function tellCause(
  tables: MachineTables,
  context: Context,
  command: number,
  { device, cause }: Command,
  reason: string,
): Consequences {
  const ended = { command, device, cause, outcome: 'failed' as const, quantity: null, evidence: null, reason };
  return onCommandEnded(tables, context, { ...ended, atNs: context.nowNs });
}
