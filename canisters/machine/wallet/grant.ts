// Granting and revoking mandates: the operator's alone. One mandate per delegate and ledger: a new one takes the place of the
// old and inherits what was spent, also by way of a revocation or of terms with a shorter period: there is no second budget.

import type { Result } from '@tamc/base/result';
import { refuse } from '@tamc/base/result';
import { type MandateTerms, mandateLimits, type TermsFault } from '@tamc/protocol/mandate';
import { anonymous, type PrincipalHex } from '@tamc/protocol/principal';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import type { Context } from '@tamc/shared/rule';
import { decided, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { isDevice, isNobody, operatorOf, requireOperator } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { ledgerOf } from './books.ts';
import { liveMandates } from './mandates.ts';
import { ledgerFault } from './pay.ts';

export interface GrantCommand {
  readonly delegate: PrincipalHex;
  /** As parsed at the boundary. */
  readonly terms: Result<MandateTerms, TermsFault>;
}

/** Replies the subject: `mandate/3`. */
export function grantMandate(tables: MachineTables, context: Context, command: GrantCommand): MachineDecision<string> {
  const denied = requireOperator(tables, context);
  if (denied !== null) return refuse(denied);
  if (!command.terms.ok) return refuse(no('TermsInvalid', { ...command.terms.error }));
  const { delegate } = command;
  const terms = command.terms.value;
  const who = unfit(tables, context, delegate);
  if (who !== null) return refuse(no('DelegateInvalid', { who }));
  if (ledgerOf(tables, terms.ledger) === null) return refuse(ledgerFault(tables, terms.ledger));
  const lastNs = context.nowNs + mandateLimits.lifeNsMax;
  if (terms.expiresNs <= context.nowNs || terms.expiresNs > lastNs) {
    return refuse(no('TermsInvalid', { field: 'expires_ns', wanted: 'within the next three years' }));
  }
  const replaced = liveMandates(tables, delegate).some((mandate) => mandate.terms.ledger === terms.ledger);
  const { live, next } = tables.mandateIndex.get();
  if (!replaced && live.length >= mandateLimits.liveMax) {
    return refuse(no('MandatesFull', { max: mandateLimits.liveMax }));
  }
  return decided(`mandate/${next}`, [{ kind: 'MandateGranted', mandate: next, delegate, terms }]);
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
  if (tables.mandates.get(mandate) === null) return refuse(no('MandateUnknown', { mandate }));
  return decided(`mandate/${mandate}`, [{ kind: 'MandateRevoked', mandate }]);
}

/** When the operation is handed over. */
export function revokeAll(tables: MachineTables): readonly MachineEvent[] {
  return tables.mandateIndex.get().live.map((mandate) => ({ kind: 'MandateRevoked', mandate }));
}
