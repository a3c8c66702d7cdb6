// Prices: who may set them, and what they must be. Each is numbered, and an order names the number it agrees to.
import { refuse } from '@tamc/base/result';
import { useRefusals as no, type TariffTerms, useLimits } from '@tamc/protocol/use';
import type { Context } from '@tamc/shared/rule';
import { decided, type MachineDecision } from '../decision.ts';
import { requirePower } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { ledgerOf } from '../wallet/books.ts';
import { ledgerFault } from '../wallet/pay.ts';

export function setTariff(tables: MachineTables, context: Context, terms: TariffTerms): MachineDecision<number> {
  const denied = requirePower(tables, context, 'tariff');
  if (denied !== null) return refuse(denied);
  if (ledgerOf(tables, terms.ledger) === null) return refuse(ledgerFault(tables, terms.ledger));
  const fault = tariffFault(terms);
  if (fault !== null) return refuse(no('TariffInvalid', fault));
  const tariff = tables.tariffs.end();
  return decided(tariff, [{ kind: 'TariffSet', tariff, terms }]);
}

function tariffFault({ price, quantityMax, deadlineNs, ordersAtOnce }: TariffTerms) {
  const { priceMax, quantityMax: most, deadlineNsMin, deadlineNsMax, openOrdersMax } = useLimits;
  if (price < 1n || price > priceMax) return { field: 'price', wanted: `1 to ${priceMax} minor units` };
  if (quantityMax < 1n || quantityMax > most) return { field: 'quantity_max', wanted: `1 to ${most}` };
  if (deadlineNs < deadlineNsMin || deadlineNs > deadlineNsMax) {
    return { field: 'deadline_ns', wanted: 'a minute to a week' };
  }
  if (ordersAtOnce < 1 || ordersAtOnce > openOrdersMax) {
    return { field: 'orders_at_once', wanted: `1 to ${openOrdersMax}` };
  }
  return null;
}

/** No orders are taken any more; open ones go on. */
export function withdrawTariff(tables: MachineTables, context: Context): MachineDecision<null> {
  const denied = requirePower(tables, context, 'tariff');
  if (denied !== null) return refuse(denied);
  const tariff = tables.tariffNow.get();
  return tariff === null ? decided(null) : decided(null, [{ kind: 'TariffWithdrawn', tariff }]);
}
