// Whether money terms make sense, whoever told them: at birth, and when they are taken over later.

import { amountMax } from '@tamc/protocol/ledger-answers';
import type { MoneyTerms } from '@tamc/protocol/money-terms';
import type { FieldFault } from '@tamc/protocol/refusal';
import { type LedgerInfo, walletLimits } from '@tamc/protocol/wallet';

export function moneyTermsFault({ ledgers, home, source }: MoneyTerms): FieldFault | null {
  const { ledgersMax, decimalsMax, symbolCharsMax } = walletLimits;
  const fault = (field: string, wanted: string) => ({ field, wanted });
  const ids = ledgers.map(({ id }) => id);
  if (ids.length < 1) return fault('ledgers', `1 to ${ledgersMax} ledgers`);
  if (new Set(ids).size !== ids.length) return fault('ledgers', 'ledgers with different ids');
  if (home === null || !ids.includes(home)) return fault('home_ledger', 'one of the ledgers');
  const isBad = ({ symbol, decimals, fee }: LedgerInfo) =>
    symbol.length < 1 || symbol.length > symbolCharsMax || decimals > decimalsMax || fee > amountMax;
  if (ledgers.some(isBad)) {
    return fault(
      'ledgers',
      `symbols of 1 to ${symbolCharsMax} characters, at most ${decimalsMax} decimals, fees below 2^127`,
    );
  }
  const isPaid = source.kind === 'none' || ids.includes(source.ledger);
  return isPaid ? null : fault('compute', 'a source paid on one of the ledgers');
}
