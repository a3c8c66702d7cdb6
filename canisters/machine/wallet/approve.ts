// Approving: the operator does what a delegate asked for, having seen exactly it. What the request shows must still be so.
import { refuse } from '@tamc/base/result';
import type { RequestedActOf } from '@tamc/protocol/request';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import type { Context } from '@tamc/shared/rule';
import { decided, type MachineDecision } from '../decision.ts';
import type { MachineTables } from '../state.ts';
import { releaseNow } from './ask.ts';
import { blockOfNew } from './block.ts';
import { knownLedger } from './books.ts';
import { grantedNow, grantFault, replacedBy } from './grant.ts';
import { fundsFault, startPayment } from './pay.ts';
import { requestToApprove } from './requests.ts';
import type { Request } from './tables.ts';

export interface Approval {
  readonly request: number;
  /** Of the payload. */
  readonly hash: Uint8Array;
}

/** Replies the subject of what was done: `transfer/12`, `mandate/3` or `stop/released`. */
export function approveRequest(tables: MachineTables, context: Context, approval: Approval): MachineDecision<string> {
  const found = requestToApprove(tables, context, approval);
  if (!found.ok) return found;
  const { act } = found.value.payload;
  if (act.kind === 'pay') return approvePayment(tables, context, found.value, act);
  if (act.kind === 'grantMandate') return approveGrant(tables, context, approval.request, act);
  return approveRelease(tables, approval.request, act);
}

function approvePayment(
  tables: MachineTables,
  context: Context,
  { payload, commandId }: Request,
  act: RequestedActOf<'pay'>,
): MachineDecision<string> {
  const { request, delegate } = payload;
  const blocked = blockOfNew(tables, context);
  if (blocked !== null) return refuse(blocked);
  const ledger = knownLedger(tables, act.ledger);
  if (ledger.fee !== act.fee) return refuse(no('RequestOutdated', { request, what: 'the fee of the ledger' }));
  const payment = { ...act, ledger, commandId };
  const short = fundsFault(tables, payment);
  if (short !== null) return refuse(short);
  const started = startPayment(tables, context, payment, { request, by: delegate });
  if (!started.ok) return started;
  const { reply, events, calls } = started.value;
  const transfer = tables.transfers.end();
  return decided(reply, [{ kind: 'RequestApproved', request, transfer, mandate: null }, ...events], calls);
}

function approveGrant(
  tables: MachineTables,
  context: Context,
  request: number,
  act: RequestedActOf<'grantMandate'>,
): MachineDecision<string> {
  const fault = grantFault(tables, context, act);
  if (fault !== null) return refuse(fault);
  // Somebody may have been given less meanwhile: an older request must not undo that unseen.
  if (replacedBy(tables, act) !== act.replaces)
    return refuse(no('RequestOutdated', { request, what: 'the mandate that the delegate has' }));
  const { mandate, events, calls } = grantedNow(tables, context, act);
  return decided(
    `mandate/${mandate}`,
    [{ kind: 'RequestApproved', request, transfer: null, mandate }, ...events],
    calls,
  );
}

function approveRelease(
  tables: MachineTables,
  request: number,
  shown: RequestedActOf<'releaseStop'>,
): MachineDecision<string> {
  const now = releaseNow(tables);
  if (!now.ok) return now;
  const { stopReason, stoppedBy, stoppedNs } = now.value;
  const isSame = stopReason === shown.stopReason && stoppedBy === shown.stoppedBy && stoppedNs === shown.stoppedNs;
  if (!isSame) return refuse(no('RequestOutdated', { request, what: 'the stop' }));
  const approved = { kind: 'RequestApproved' as const, request, transfer: null, mandate: null };
  return decided('stop/released', [approved, { kind: 'StopReleased' }]);
}
