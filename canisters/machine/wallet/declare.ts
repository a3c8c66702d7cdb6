// The last resort for a transfer whose outcome no ledger tells: the operator, whose loss it would be, says that it was not executed. Where
// it was, announcing its block settles it, before that word and after it.
import { refuse } from '@tamc/base/result';
import { walletLimits } from '@tamc/protocol/wallet';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import type { Context } from '@tamc/shared/rule';
import { decided, type MachineDecision } from '../decision.ts';
import { requireOperator } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { declaredCode } from './declared.ts';
import { end, openTransferOf, refused } from './end.ts';

const hourNs = 3_600_000_000_000n;
/** What they move is the machine's own. */
const ownCauses: readonly string[] = ['payment', 'fill', 'purchase'];

/** Replies the subject: `transfer/7`. */
export function declareUnexecuted(
  tables: MachineTables,
  context: Context,
  { transfer }: { readonly transfer: number },
): MachineDecision<string> {
  const denied = requireOperator(tables, context);
  if (denied !== null) return refuse(denied);
  const subject = `transfer/${transfer}`;
  const open = openTransferOf(tables, subject);
  if (open === null) return refuse(no('TransferNotOpen', { transfer }));
  if (!ownCauses.includes(open.order.cause.kind)) return refuse(no('TransferOfOthers', { transfer }));
  const leftNs = open.order.createdNs + walletLimits.ledgerWindowNs - context.nowNs;
  if (leftNs >= 0n) return refuse(no('TransferMayHappen', { transfer, hours: leftNs / hourNs + 1n }));
  const told = refused(declaredCode, 'the operator said so after no ledger would execute it any more');
  const { events, calls } = end(tables, context, open.order, told);
  return decided(subject, events, calls);
}
