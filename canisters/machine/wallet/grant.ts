// Granting and revoking mandates: the operator's alone. One mandate per delegate and ledger: a new one takes the place of the
// old and inherits what was spent, also by way of a revocation or of terms with a shorter period: there is no second budget.

import type { Result } from '@tamc/base/result';
import { refuse } from '@tamc/base/result';
import { type MandateTerms, mandateLimits } from '@tamc/protocol/mandate';
import { anonymous, type PrincipalHex } from '@tamc/protocol/principal';
import type { FieldFault, Refusal } from '@tamc/protocol/refusal';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import type { Context } from '@tamc/shared/rule';
import { type Consequences, decided, joined, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { isDevice, isNobody, operatorOf, requireOperator } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { ledgerOf } from './books.ts';
import { liveMandates } from './mandates.ts';
import { ledgerFault } from './pay.ts';
import { cancelOfDelegate } from './powerless.ts';

export interface GrantCommand {
  readonly delegate: PrincipalHex;
  /** As parsed at the boundary. */
  readonly terms: Result<MandateTerms, FieldFault>;
}

/** Replies the subject: `mandate/3`. */
export function grantMandate(tables: MachineTables, context: Context, command: GrantCommand): MachineDecision<string> {
  const denied = requireOperator(tables, context);
  if (denied !== null) return refuse(denied);
  if (!command.terms.ok) return refuse(no('TermsInvalid', { ...command.terms.error }));
  const grant = { delegate: command.delegate, terms: command.terms.value };
  const fault = grantFault(tables, context, grant);
  if (fault !== null) return refuse(fault);
  const { mandate, events, calls } = grantedNow(tables, context, grant);
  return decided(`mandate/${mandate}`, events, calls);
}

export interface Grant {
  readonly delegate: PrincipalHex;
  readonly terms: MandateTerms;
}

/** With the new mandate's number. */
export function grantedNow(tables: MachineTables, context: Context, grant: Grant): Consequences & { mandate: number } {
  const { delegate, terms } = grant;
  const mandate = tables.mandateIndex.get().next;
  const left = [terms, ...termsWithout(tables, delegate, replacedBy(tables, grant))];
  const granted = { events: [{ kind: 'MandateGranted' as const, mandate, delegate, terms }], calls: [] };
  return { mandate, ...joined(granted, cancelOfDelegate(tables, context, delegate, left)) };
}

function termsWithout(tables: MachineTables, delegate: PrincipalHex, mandate: number | null): readonly MandateTerms[] {
  return liveMandates(tables, delegate).flatMap(({ number, terms }) => (number === mandate ? [] : [terms]));
}

/** Whoever decides it: what stands against this grant now. */
export function grantFault(tables: MachineTables, context: Context, { delegate, terms }: Grant): Refusal | null {
  const who = unfit(tables, context, delegate);
  if (who !== null) return no('DelegateInvalid', { who });
  if (ledgerOf(tables, terms.ledger) === null) return ledgerFault(tables, terms.ledger);
  const lastNs = context.nowNs + mandateLimits.lifeNsMax;
  if (terms.expiresNs <= context.nowNs || terms.expiresNs > lastNs) {
    return no('TermsInvalid', { field: 'expires_ns', wanted: 'within the next three years' });
  }
  const isRoom =
    replacedBy(tables, { delegate, terms }) !== null || tables.mandateIndex.get().live.length < mandateLimits.liveMax;
  return isRoom ? null : no('MandatesFull', { max: mandateLimits.liveMax });
}

/** The mandate in whose place it would come. */
export function replacedBy(tables: MachineTables, { delegate, terms }: Grant): number | null {
  return liveMandates(tables, delegate).find((mandate) => mandate.terms.ledger === terms.ledger)?.number ?? null;
}

function unfit(tables: MachineTables, context: Context, delegate: PrincipalHex): string | null {
  if (delegate === anonymous) return 'the anonymous identity, which can be anybody';
  if (delegate === operatorOf(tables)) return 'the operator, who needs no mandate';
  if (isDevice(tables, delegate)) return 'a device of the machine, whose key does nothing but report and stop';
  return isNobody(tables, context, delegate) ? 'the machine, its registry or the management canister' : null;
}

export function revokeMandate(
  tables: MachineTables,
  context: Context,
  { mandate }: { readonly mandate: number },
): MachineDecision<string> {
  const denied = requireOperator(tables, context);
  if (denied !== null) return refuse(denied);
  const known = tables.mandates.get(mandate);
  if (known === null) return refuse(no('MandateUnknown', { mandate }));
  const { delegate } = known;
  const ended = cancelOfDelegate(tables, context, delegate, termsWithout(tables, delegate, mandate));
  return decided(`mandate/${mandate}`, [{ kind: 'MandateRevoked', mandate }, ...ended.events], ended.calls);
}

/** When the operation is handed over. */
export function revokeAll(tables: MachineTables): readonly MachineEvent[] {
  return tables.mandateIndex.get().live.map((mandate) => ({ kind: 'MandateRevoked', mandate }));
}
