// The reserve is filled before anything else: captured revenue is earmarked in the message that books it, and nothing can be
// decided about earmarked money but to move it into the reserve.
import { assert } from '@tamc/base/assert';
import { computeLimits } from '@tamc/protocol/compute';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { purseToAccount } from '@tamc/protocol/purse';
import { type Consequences, nothing } from '../decision.ts';
import type { MachineTables } from '../state.ts';
import { bookOf, knownLedger } from '../wallet/books.ts';
import type { TransferWanted } from '../wallet/transfers.ts';

/** The ledger on which cycles are bought; null when none are. */
export function reserveLedger(tables: MachineTables): PrincipalHex | null {
  const source = tables.computeSource.get();
  return source.kind === 'none' ? null : source.ledger;
}

export function earmarkedOn(tables: MachineTables, ledger: PrincipalHex): bigint {
  return reserveLedger(tables) === ledger ? tables.computeState.get().earmarked : 0n;
}

/** Of revenue that is booked in the main purse in this very decision. */
export function earmarkRevenue(tables: MachineTables, ledger: PrincipalHex, revenue: bigint): Consequences {
  if (reserveLedger(tables) !== ledger) return nothing;
  const short = shortage(tables, ledger);
  const amount = revenue < short ? revenue : short;
  return amount > 0n ? { events: [{ kind: 'ReserveEarmarked', amount }], calls: [] } : nothing;
}

/** What the reserve still wants, besides what is on its way. */
function shortage(tables: MachineTables, ledger: PrincipalHex): bigint {
  const { booked, reserved } = bookOf(tables, ledger, 'compute');
  const onTheWay = tables.openTransfers
    .get()
    .filter(({ kind }) => kind === 'fill')
    .reduce((sum, { amount }) => sum + amount, 0n);
  const short = tables.computeTerms.get().target - (booked - reserved) - onTheWay - tables.computeState.get().earmarked;
  return short > 0n ? short : 0n;
}

export function takeEarmarked(tables: MachineTables, total: bigint): void {
  const state = tables.computeState.get();
  assert(total <= state.earmarked, `${total} of ${state.earmarked} earmarked`);
  tables.computeState.set({ ...state, earmarked: state.earmarked - total });
}

/** Once enough has come together to be worth a fee. */
export function isFillDue(tables: MachineTables, ledger: PrincipalHex): boolean {
  const { earmarked } = tables.computeState.get();
  const { fee } = knownLedger(tables, ledger);
  return earmarked > fee && earmarked >= fee * computeLimits.fillFees;
}

export function fillWanted(tables: MachineTables, self: PrincipalHex): TransferWanted[] {
  const ledger = reserveLedger(tables);
  if (ledger === null || !isFillDue(tables, ledger)) return [];
  const to = purseToAccount(self, 'compute');
  const amount = tables.computeState.get().earmarked - knownLedger(tables, ledger).fee;
  return [{ ledger, purse: 'main', to, amount, cause: { kind: 'fill' } }];
}
