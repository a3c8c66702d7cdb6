// Commands that end without their device: by a stop, a lost lease, a revoked key. Whoever caused one is told that it failed.

import type { Context } from '@tamc/shared/rule';
import { type Consequences, concatConsequences, joined } from '../decision.ts';
import type { MachineTables } from '../state.ts';
import { onCommandEnded } from '../use/ended.ts';
import { commandOf, openCommands } from './status.ts';
import type { Command, OpenCommand } from './tables.ts';

/**
 * Cancels the open commands that are chosen, and tells their causes. Causes only decide then and call out
 * later, in a message of their own: a stop must not wait for room in the outbox.
 */
export function cancelCommands(
  tables: MachineTables,
  context: Context,
  reason: string,
  isChosen: (open: OpenCommand, command: Command) => boolean,
): Consequences {
  return concatConsequences(
    openCommands(tables, context.nowNs).flatMap((open) => {
      const command = commandOf(tables, open.command);
      return isChosen(open, command) ? [cancel(tables, context, open.command, command, reason)] : [];
    }),
  );
}

/** The device has not said yet that it will do it. */
export function isUntouched({ acceptedNs, actedNs }: Command): boolean {
  return acceptedNs === null && actedNs === null;
}

function cancel(
  tables: MachineTables,
  context: Context,
  command: number,
  { device, cause }: Command,
  reason: string,
): Consequences {
  const ended = { command, device, cause, outcome: 'failed' as const, quantity: null, evidence: null, reason };
  const told = onCommandEnded(tables, context, { ...ended, atNs: context.nowNs });
  return joined({ events: [{ kind: 'CommandCancelled', command, reason }], calls: [] }, told);
}
