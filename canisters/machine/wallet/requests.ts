// Requests: a delegate's payment that exceeds its mandate, waiting for the operator. One decision each, on the hash of the
// payload, and the decision looks at stop, frost and funds again: what was possible when it was asked need not be now.
import { bytesEqual } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { payloadHash, type RequestPayload } from '@tamc/protocol/payment-request';
import type { Refusal } from '@tamc/protocol/refusal';
import { walletLimits } from '@tamc/protocol/wallet';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import type { Context } from '@tamc/shared/rule';
import { decided, type MachineDecision } from '../decision.ts';
import { operatorText, requireOperator } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { blockOfNew } from './block.ts';
import { knownLedger } from './books.ts';
import { fundsFault, type Payment, startPayment } from './pay.ts';
import type { PaymentRequest } from './tables.ts';

export type RequestStatus = 'open' | 'expired' | 'approved' | 'declined';

export function requestStatus({ decision, payload }: PaymentRequest, nowNs: bigint): RequestStatus {
  if (decision !== null) return decision.kind;
  return nowNs >= payload.expiresNs ? 'expired' : 'open';
}

export function openRequest(
  tables: MachineTables,
  context: Context,
  payment: Payment,
  mandate: number,
  reasons: readonly string[],
): MachineDecision<string> {
  const full = roomFault(tables, context);
  if (full !== null) return refuse(full);
  const { ledger, to, amount, purpose, commandId } = payment;
  const request = tables.requests.end();
  const payload: RequestPayload = {
    machine: context.self,
    request,
    delegate: context.caller,
    mandate,
    ledger: ledger.id,
    symbol: ledger.symbol,
    decimals: ledger.decimals,
    to,
    amount,
    fee: ledger.fee,
    purpose,
    reasons,
    createdNs: context.nowNs,
    expiresNs: context.nowNs + walletLimits.requestLifeNs,
  };
  return decided(`request/${request}`, [{ kind: 'PaymentRequested', payload, commandId }]);
}

function roomFault(tables: MachineTables, { caller, nowNs }: Context): Refusal | null {
  const open = tables.openRequests.get().filter(({ expiresNs }) => nowNs < expiresNs);
  const own = open.filter(({ delegate }) => delegate === caller).length;
  const { openRequestsMax, openRequestsPerDelegateMax } = walletLimits;
  const operator = operatorText(tables);
  if (own >= openRequestsPerDelegateMax) return no('RequestsFull', { max: openRequestsPerDelegateMax, operator });
  return open.length >= openRequestsMax ? no('RequestsFull', { max: openRequestsMax, operator }) : null;
}

/** Replies the subject of the payment. */
export function approveRequest(
  tables: MachineTables,
  context: Context,
  { request, hash }: { readonly request: number; readonly hash: Uint8Array },
): MachineDecision<string> {
  const found = openRequestOf(tables, context, request);
  if (!found.ok) return found;
  const { payload, commandId } = found.value;
  if (!bytesEqual(payloadHash(payload), hash)) return refuse(no('PayloadDiffers', { request }));
  const blocked = blockOfNew(tables, context);
  if (blocked !== null) return refuse(blocked);
  const ledger = knownLedger(tables, payload.ledger);
  if (ledger.fee !== payload.fee) return refuse(no('RequestOutdated'));
  const payment = { ...payload, ledger, commandId };
  const short = fundsFault(tables, payment);
  if (short !== null) return refuse(short);
  const started = startPayment(tables, context, payment, { request, by: payload.delegate });
  if (!started.ok) return started;
  const { reply, events, calls } = started.value;
  const transfer = tables.transfers.end();
  return decided(reply, [{ kind: 'RequestApproved', request, transfer }, ...events], calls);
}

export function declineRequest(
  tables: MachineTables,
  context: Context,
  { request }: { readonly request: number },
): MachineDecision<string> {
  const found = openRequestOf(tables, context, request);
  return found.ok ? decided(`request/${request}`, [{ kind: 'RequestDeclined', request }]) : found;
}

function openRequestOf(tables: MachineTables, context: Context, number: number): Result<PaymentRequest, Refusal> {
  const denied = requireOperator(tables, context);
  if (denied !== null) return refuse(denied);
  const request = tables.requests.get(number);
  if (request === null) return refuse(no('RequestUnknown', { request: number }));
  const status = requestStatus(request, context.nowNs);
  if (status === 'open') return ok(request);
  const { expiresNs } = request.payload;
  return refuse(
    status === 'expired'
      ? no('RequestExpired', { request: number, expiresNs })
      : no('RequestDecided', { request: number, decision: status }),
  );
}
