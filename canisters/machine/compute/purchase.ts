// Buying cycles: money to the seller, then the block is told to the seller until it has delivered. One purchase at a time; the
// seller delivers once per block, so asking again is safe.
import { IDL } from '@dfinity/candid';
import { accountOf } from '@tamc/protocol/account';
import { computeLimits } from '@tamc/protocol/compute';
import {
  NotifyTopUpArgsType,
  readDeskAnswer,
  readMintingAnswer,
  topUpAccount,
  topUpMemo,
} from '@tamc/protocol/minting-canister';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { TopUpArgsType } from '@tamc/protocol/simulated-desk';
import type { TransferOrder } from '@tamc/protocol/wallet';
import type { CallOutcome, Context, OutgoingCall } from '@tamc/shared/rule';
import { type Consequences, decided, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import type { MachineTables } from '../state.ts';
import { availableIn, knownLedger } from '../wallet/books.ts';
import type { TransferEnd } from '../wallet/end.ts';
import { blocksCall, type TransferWanted } from '../wallet/transfers.ts';

export const computeOutcomes = { topup: onTopUpOutcome };

export interface Purchase {
  readonly topUp: number;
  readonly wanted: TransferWanted;
}

/** Null when none is needed, possible or due. */
export function purchaseWanted(tables: MachineTables, { self, nowNs }: Context): Purchase | null {
  const source = tables.computeSource.get();
  const { level, openTopUp, nextNs } = tables.computeState.get();
  if (source.kind === 'none' || level === 'enough' || openTopUp !== null || nowNs < nextNs) return null;
  if (!canBuy(tables, source.ledger)) return null;
  const { topUpAmount } = tables.computeTerms.get();
  const topUp = tables.topUps.end();
  const base = { ledger: source.ledger, purse: 'compute', amount: topUpAmount } as const;
  const cause = { kind: 'purchase', topUp } as const;
  if (source.kind === 'simulatedDesk') return { topUp, wanted: { ...base, to: accountOf(source.desk), cause } };
  return { topUp, wanted: { ...base, to: topUpAccount(source.cmc, self), cause, memo: topUpMemo } };
}

export function canBuy(tables: MachineTables, ledger: PrincipalHex): boolean {
  const isWanted = tables.computeTerms.get().topUpAmount > 0n;
  return isWanted && availableIn(tables, ledger, 'compute') >= purchaseTotal(tables, ledger);
}

export function purchaseTotal(tables: MachineTables, ledger: PrincipalHex): bigint {
  return tables.computeTerms.get().topUpAmount + knownLedger(tables, ledger).fee;
}

/** The seller has the money, or the ledger refused it. */
export function afterPurchase(
  tables: MachineTables,
  context: Context,
  _order: TransferOrder,
  topUp: number,
  told: TransferEnd,
): Consequences {
  if (told.kind === 'refused') {
    return {
      events: [{ kind: 'TopUpFailed', topUp, code: told.code, message: told.message, isMoneyKept: false }],
      calls: [],
    };
  }
  const { block } = told;
  return { events: [{ kind: 'TopUpPaid', topUp, block }], calls: [sellerCall(tables, context, topUp, block)] };
}

export function sellerCall(tables: MachineTables, { self }: Context, topUp: number, block: bigint): OutgoingCall {
  const source = tables.computeSource.get();
  const shared = { id: `topup/${topUp}`, cycles: 0n, isRepeatable: true };
  if (source.kind === 'mintingCanister') {
    const argument = { block_index: block, canister_id: hexToPrincipal(self) };
    const encoded = new Uint8Array(IDL.encode([NotifyTopUpArgsType], [argument]));
    return { ...shared, callee: source.cmc, method: 'notify_top_up', argument: encoded };
  }
  const callee = source.kind === 'simulatedDesk' ? source.desk : self;
  const argument = new Uint8Array(IDL.encode([TopUpArgsType], [{ block }]));
  return { ...shared, callee, method: 'top_up', argument };
}

export function onTopUpOutcome(
  tables: MachineTables,
  context: Context,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  const topUp = Number(id.split('/')[1]);
  const known = tables.topUps.get(topUp);
  if (known === null || known.outcome !== null) return decided(null);
  const { pauseNs, firstPauseNs, firstPausesNs } = computeLimits;
  const isNew = context.nowNs - known.atNs < firstPausesNs;
  const untilNs = context.nowNs + (isNew ? firstPauseNs : pauseNs);
  const putOff: MachineEvent = { kind: 'TopUpPutOff', topUp, untilNs };
  if (outcome.kind !== 'replied') return decided(null, [putOff]);
  const isDesk = tables.computeSource.get().kind === 'simulatedDesk';
  const answer = isDesk ? readDeskAnswer(outcome.bytes) : readMintingAnswer(outcome.bytes);
  if (answer.kind === 'later') return decided(null, [putOff]);
  if (answer.kind === 'delivered') return decided(null, [{ kind: 'TopUpDelivered', topUp, cycles: answer.cycles }]);
  const { code, message, refundBlock } = answer;
  const isMoneyKept = refundBlock === null;
  const failed: MachineEvent = { kind: 'TopUpFailed', topUp, code, message, isMoneyKept };
  const refund = refundBlock === null ? null : refundReceipt(tables, refundBlock);
  return decided(null, [failed, ...(refund?.events ?? [])], refund?.calls ?? []);
}

/** The minting canister names the block with which it sent the money back. */
function refundReceipt(tables: MachineTables, block: bigint): Consequences | null {
  const source = tables.computeSource.get();
  if (source.kind === 'none' || tables.bookedBlocks.get([source.ledger, block]) !== null) return null;
  const receipt = tables.receipts.end();
  const call = blocksCall(`receipt/${receipt}`, source.ledger, block, 1);
  return { events: [{ kind: 'ReceiptAnnounced', receipt, ledger: source.ledger, block }], calls: [call] };
}
