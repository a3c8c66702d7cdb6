// What somebody commanded whose right to command ends: what no device has begun is taken back, as when a lease ends. What makes the
// machine safer stays, and so does what an order has paid for.
import { isSafetyAction } from '@tamc/protocol/commands';
import type { MandateTerms } from '@tamc/protocol/mandate';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Context } from '@tamc/shared/rule';
import { cancelCommands, isUntouched } from '../commands/cancel.ts';
import { leaseNow } from '../control/lease.ts';
import type { Consequences } from '../decision.ts';
import { operatorOf } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { isLive, liveMandates } from './mandates.ts';

export function cancelOfPowerless(
  tables: MachineTables,
  context: Context,
  isPowerless: (who: PrincipalHex) => boolean,
): Consequences {
  return cancelCommands(tables, context, 'the right to command has ended', ({ action }, command) => {
    const isOwn = command.cause === null && isUntouched(command) && !isSafetyAction(action);
    return isOwn && isPowerless(command.by);
  });
}

/** When one mandate goes and perhaps another comes: `left` are the terms that the delegate has then. */
export function cancelOfDelegate(
  tables: MachineTables,
  context: Context,
  delegate: PrincipalHex,
  left: readonly MandateTerms[],
): Consequences {
  const mayCommand = left.some(
    (terms) => isLive(terms, context.nowNs) && givesCommand(tables, context, delegate, terms),
  );
  return cancelOfPowerless(tables, context, (who) => who === delegate && !mayCommand);
}

/** Until when the caller may command; null: without end. A command does not outlive that right. */
export function rightEndsNs(tables: MachineTables, context: Context): bigint | null {
  const { caller, nowNs } = context;
  if (caller === operatorOf(tables)) return null;
  const ends = liveMandates(tables, caller)
    .filter(({ terms }) => isLive(terms, nowNs) && givesCommand(tables, context, caller, terms))
    .map(({ terms }) => terms.expiresNs);
  return ends.reduce((last, ns) => (ns > last ? ns : last), nowNs);
}

function givesCommand(tables: MachineTables, { nowNs }: Context, who: PrincipalHex, { powers }: MandateTerms): boolean {
  return powers.includes('command') || (powers.includes('control') && leaseNow(tables, nowNs)?.holder === who);
}
