// Requests: what a delegate may not do by itself, waiting for the operator. One decision each, on the hash of the payload, and the
// decision looks at everything again: what was possible when it was asked need not be now.
import { bytesEqual } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Refusal } from '@tamc/protocol/refusal';
import { payloadHash, type RequestedAct, type RequestPayload } from '@tamc/protocol/request';
import { walletLimits } from '@tamc/protocol/wallet';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import type { Context } from '@tamc/shared/rule';
import { decided, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { operatorText, requireOperator } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import type { Request } from './tables.ts';

export type RequestStatus = 'open' | 'expired' | 'approved' | 'declined';

export function requestStatus({ decision, payload }: Request, nowNs: bigint): RequestStatus {
  if (decision !== null) return decision.kind;
  return nowNs >= payload.expiresNs ? 'expired' : 'open';
}

export interface Asked {
  readonly act: RequestedAct;
  /** Under which it is asked. */
  readonly mandate: number;
  readonly reason: string;
  readonly commandId: string;
}

/** Replies the subject: `request/3`. */
export function openRequest(
  tables: MachineTables,
  context: Context,
  { act, mandate, reason, commandId }: Asked,
): MachineDecision<string> {
  const full = roomFault(tables, context);
  if (full !== null) return refuse(full);
  const { self: machine, caller: delegate, nowNs } = context;
  const request = tables.requests.end();
  const times = { createdNs: nowNs, expiresNs: nowNs + walletLimits.requestLifeNs };
  const payload: RequestPayload = { machine, request, delegate, mandate, act, reason, ...times };
  return decided(`request/${request}`, [{ kind: 'RequestOpened', payload, commandId }]);
}

function roomFault(tables: MachineTables, { caller, nowNs }: Context): Refusal | null {
  const open = tables.openRequests.get().filter(({ expiresNs }) => nowNs < expiresNs);
  const own = open.filter(({ delegate }) => delegate === caller).length;
  const { openRequestsMax, openRequestsPerDelegateMax } = walletLimits;
  const operator = operatorText(tables);
  if (own >= openRequestsPerDelegateMax) return no('RequestsFull', { max: openRequestsPerDelegateMax, operator });
  return open.length >= openRequestsMax ? no('RequestsFull', { max: openRequestsMax, operator }) : null;
}

/** The request, when the caller may decide it now and approves exactly what it shows. */
export function requestToApprove(
  tables: MachineTables,
  context: Context,
  { request, hash }: { readonly request: number; readonly hash: Uint8Array },
): Result<Request, Refusal> {
  const found = openRequestOf(tables, context, request);
  if (!found.ok) return found;
  return bytesEqual(payloadHash(found.value.payload), hash) ? found : refuse(no('PayloadDiffers', { request }));
}

export function declineRequest(
  tables: MachineTables,
  context: Context,
  { request }: { readonly request: number },
): MachineDecision<string> {
  const found = openRequestOf(tables, context, request);
  return found.ok ? decided(`request/${request}`, [{ kind: 'RequestDeclined', request }]) : found;
}

/** When the operation is handed over: nobody is left whom they were put to. */
export function declineAll(tables: MachineTables, { nowNs }: Context): readonly MachineEvent[] {
  const open = tables.openRequests.get().filter(({ expiresNs }) => nowNs < expiresNs);
  return open.map(({ request }) => ({ kind: 'RequestDeclined', request }));
}

function openRequestOf(tables: MachineTables, context: Context, number: number): Result<Request, Refusal> {
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
