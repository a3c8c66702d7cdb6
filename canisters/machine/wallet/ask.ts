// Asking: a delegate puts to the operator what only the operator may do. It is checked as the act itself would be, so that nobody is
// asked for what cannot be done.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { MandateTerms } from '@tamc/protocol/mandate';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { isPrintableLine } from '@tamc/protocol/printable';
import type { FieldFault, Refusal } from '@tamc/protocol/refusal';
import { type RequestedAct, type RequestedActOf, requestLimits } from '@tamc/protocol/request';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import type { Context } from '@tamc/shared/rule';
import type { MachineDecision } from '../decision.ts';
import { operatorOf, operatorText } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { knownLedger } from './books.ts';
import { grantFault, replacedBy } from './grant.ts';
import { isLive, liveMandates } from './mandates.ts';
import { openRequest } from './requests.ts';

export type WantedAct =
  | {
      readonly kind: 'grantMandate';
      readonly delegate: PrincipalHex;
      /** As parsed at the boundary. */
      readonly terms: Result<MandateTerms, FieldFault>;
    }
  | { readonly kind: 'releaseStop' };

export interface AskCommand {
  readonly commandId: string;
  readonly act: WantedAct;
  readonly reason: string;
}

/** Replies the subject: `request/3`. */
export function ask(tables: MachineTables, context: Context, command: AskCommand): MachineDecision<string> {
  const { act: wanted, reason, commandId } = command;
  const mandate = mandateToAsk(tables, context);
  if (mandate === null) return refuse(notAllowed(tables, context, wanted.kind));
  const max = requestLimits.reasonCharsMax;
  if (!isPrintableLine(reason, max)) return refuse(no('ReasonInvalid', { max }));
  const act = wanted.kind === 'releaseStop' ? releaseNow(tables) : grantNow(tables, context, wanted);
  return act.ok ? openRequest(tables, context, { act: act.value, mandate, reason, commandId }) : act;
}

function mandateToAsk(tables: MachineTables, { caller, nowNs }: Context): number | null {
  return liveMandates(tables, caller).find(({ terms }) => isLive(terms, nowNs))?.number ?? null;
}

/** Known before anything that was sent is looked at. */
export function askerFault(tables: MachineTables, context: Context, kind: WantedAct['kind']): Refusal | null {
  return mandateToAsk(tables, context) === null ? notAllowed(tables, context, kind) : null;
}

function notAllowed(tables: MachineTables, { caller }: Context, kind: WantedAct['kind']): Refusal {
  const method = kind === 'releaseStop' ? 'release_stop' : 'grant_mandate';
  if (caller === operatorOf(tables)) return no('OperatorNeedNotAsk', { method });
  return no('NotDelegate', { operator: operatorText(tables) });
}

type Asking = Result<RequestedAct, Refusal>;

function grantNow(
  tables: MachineTables,
  context: Context,
  { delegate, terms: parsed }: Extract<WantedAct, { kind: 'grantMandate' }>,
): Asking {
  if (!parsed.ok) return refuse(no('TermsInvalid', parsed.error));
  const grant = { delegate, terms: parsed.value };
  const fault = grantFault(tables, context, grant);
  if (fault !== null) return refuse(fault);
  const { symbol, decimals } = knownLedger(tables, grant.terms.ledger);
  const replaces = replacedBy(tables, grant);
  return ok({ kind: 'grantMandate', ...grant, symbol, decimals, replaces });
}

/** The stop that is in force, as whoever decides is shown it. */
export function releaseNow(tables: MachineTables): Result<RequestedActOf<'releaseStop'>, Refusal> {
  const stop = tables.stop.get();
  if (stop === null) return refuse(no('NotStopped'));
  const { reason: stopReason, by: stoppedBy, sinceNs: stoppedNs } = stop;
  return ok({ kind: 'releaseStop', stopReason, stoppedBy, stoppedNs });
}
