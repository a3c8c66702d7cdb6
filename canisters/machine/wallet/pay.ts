// Paying: by the operator on its own authority, by a delegate within a mandate. What exceeds the mandate is asked, not done.
import { ok, type Result, refuse } from '@tamc/base/result';
import { type Account, type CandidAccount, parseAccount } from '@tamc/protocol/account';
import { amountMax } from '@tamc/protocol/ledger-answers';
import { mandateLimits } from '@tamc/protocol/mandate';
import { anonymous, managementCanister, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { isPrintableLine } from '@tamc/protocol/printable';
import type { Refusal } from '@tamc/protocol/refusal';
import type { RequestedAct } from '@tamc/protocol/request';
import { walletLimits } from '@tamc/protocol/wallet';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import type { Context } from '@tamc/shared/rule';
import { decided, type MachineDecision } from '../decision.ts';
import { operatorOf, operatorText } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { blockOfNew } from './block.ts';
import { availableIn, ledgerOf } from './books.ts';
import { judgePayment, liveMandates } from './mandates.ts';
import { openRequest } from './requests.ts';
import type { Ledger } from './tables.ts';
import { isPlaceForPayment, startTransfers } from './transfers.ts';

export interface PayCommand {
  readonly commandId: string;
  readonly ledger: PrincipalHex;
  readonly to: CandidAccount;
  readonly amount: bigint;
  readonly purpose: string;
}

export interface Payment {
  readonly commandId: string;
  readonly ledger: Ledger;
  readonly to: Account;
  readonly amount: bigint;
  readonly purpose: string;
}

/** Replies the subject: `transfer/12`, or `request/3` when the operator must agree first. */
export function pay(tables: MachineTables, context: Context, command: PayCommand): MachineDecision<string> {
  const parsed = parsePayment(tables, context, command);
  if (!parsed.ok) return parsed;
  const payment = parsed.value;
  const blocked = blockOfNew(tables, context);
  if (blocked !== null) return refuse(blocked);
  if (context.caller === operatorOf(tables)) return payAsOperator(tables, context, payment);
  return payAsDelegate(tables, context, payment);
}

function payAsOperator(tables: MachineTables, context: Context, payment: Payment): MachineDecision<string> {
  const short = fundsFault(tables, payment);
  return short === null ? startPayment(tables, context, payment, {}) : refuse(short);
}

function payAsDelegate(tables: MachineTables, context: Context, payment: Payment): MachineDecision<string> {
  const { ledger } = payment;
  const mandate = liveMandates(tables, context.caller).find(({ terms }) => terms.ledger === ledger.id);
  if (mandate === undefined) {
    return refuse(no('NoMandate', { ledger: principalToText(ledger.id), operator: operatorText(tables) }));
  }
  const available = availableIn(tables, ledger.id, 'main');
  const verdict = judgePayment(mandate, { ...payment, fee: ledger.fee }, ledger, available, context.nowNs);
  if (verdict.kind === 'refused') return refuse(verdict.refusal);
  if (verdict.kind === 'exceeds') {
    const { commandId } = payment;
    const act = actOf(payment, verdict.reasons);
    return openRequest(tables, context, { act, mandate: mandate.number, reason: '', commandId });
  }
  return startPayment(tables, context, payment, { mandate: mandate.number });
}

function actOf({ ledger, to, amount, purpose }: Payment, reasons: readonly string[]): RequestedAct {
  const { id, symbol, decimals, fee } = ledger;
  return { kind: 'pay', ledger: id, symbol, decimals, to, amount, fee, purpose, reasons };
}

export function fundsFault(
  tables: MachineTables,
  { ledger, amount }: Pick<Payment, 'ledger' | 'amount'>,
): Refusal | null {
  const available = availableIn(tables, ledger.id, 'main');
  const needed = amount + ledger.fee;
  return available < needed ? no('FundsMissing', { available, needed }) : null;
}

/** On whose authority: a mandate's, or that of a request which the operator approved; neither is the operator's own. */
export interface Authority {
  readonly mandate?: number;
  readonly request?: number;
  /** Who wanted it, when it is not the caller. */
  readonly by?: PrincipalHex;
}

export function startPayment(
  tables: MachineTables,
  context: Context,
  { commandId, ledger, to, amount, purpose }: Payment,
  { mandate = -1, request = -1, by = context.caller }: Authority,
): MachineDecision<string> {
  if (!isPlaceForPayment(tables, ledger.id)) {
    return refuse(no('TransfersFull', { max: walletLimits.openPaymentsPerLedgerMax }));
  }
  const numbers = { mandate: mandate < 0 ? null : mandate, request: request < 0 ? null : request };
  const cause = { kind: 'payment', purpose, by, commandId, ...numbers } as const;
  const { events, calls, first } = startTransfers(tables, context, {
    ledger: ledger.id,
    purse: 'main',
    to,
    amount,
    cause,
  });
  return decided(`transfer/${first}`, events, calls);
}

function parsePayment(tables: MachineTables, { self }: Context, command: PayCommand): Result<Payment, Refusal> {
  const ledger = ledgerOf(tables, command.ledger);
  if (ledger === null) return refuse(ledgerFault(tables, command.ledger));
  const { amount, purpose, commandId } = command;
  if (amount < 1n || amount > amountMax) return refuse(no('AmountInvalid', { max: amountMax }));
  const to = parseAccount(command.to);
  if (!to.ok) return refuse(no('PayeeInvalid', { reason: `its subaccount has ${to.error} bytes` }));
  if (to.value.owner === self) return refuse(no('PayeeIsSelf'));
  if (to.value.owner === anonymous) return refuse(no('PayeeInvalid', { reason: 'anybody could take its money' }));
  if (to.value.owner === managementCanister)
    return refuse(no('PayeeInvalid', { reason: 'nobody could take its money' }));
  const max = mandateLimits.purposeCharsMax;
  // It is shown to people who decide by it.
  if (!isPrintableLine(purpose, max)) return refuse(no('PurposeInvalid', { max }));
  return ok({ commandId, ledger, to: to.value, amount, purpose });
}

export function ledgerFault(tables: MachineTables, ledger: PrincipalHex): Refusal {
  const ledgers = tables.ledgers.get().map(({ id, symbol }) => `${principalToText(id)} (${symbol})`);
  const facts = { ledgers: ledgers.join(', '), operator: operatorText(tables) };
  return no('LedgerUnknown', { ledger: principalToText(ledger), ...facts });
}
