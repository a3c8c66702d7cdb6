// Paid use over Candid.
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { AnswerType } from '@tamc/protocol/refusal';
import { OrderArgsType, OrderType, TariffArgsType, TariffType, type Unit, units } from '@tamc/protocol/use';
import { entriesFor } from '@tamc/shared/azle/replicated';
import { canisterSelf, IDL, type Principal, query, update } from 'azle';
import { optionOf } from '../candid.ts';
import * as shell from '../shell/methods.ts';
import { settledUnlessRefused, withRefusal } from '../wallet/settled.ts';
import { pageOf, subjectNumber } from '../wallet/view.ts';
import { placeOrder } from './orders.ts';
import { setTariff, withdrawTariff } from './tariff.ts';
import { orderRefusal, orderToCandid, tariffToCandid } from './view.ts';

interface CandidTariff {
  ledger: Principal;
  unit: { readonly [U in Unit]?: null };
  price: bigint;
  quantity_max: bigint;
  deadline_ns: bigint;
  orders_at_once: number;
}

interface CandidOrder {
  command_id: string;
  tariff: number;
  quantity: bigint;
  subaccount: [] | [Uint8Array];
}

const selfHex = (): PrincipalHex => principalToHex(canisterSelf());

export class UseMethods {
  @update([TariffArgsType], AnswerType(TariffType))
  set_tariff(given: CandidTariff) {
    const terms = {
      ledger: principalToHex(given.ledger),
      unit: units.find((word) => word in given.unit) ?? 'use',
      price: given.price,
      quantityMax: given.quantity_max,
      deadlineNs: given.deadline_ns,
      ordersAtOnce: given.orders_at_once,
    };
    return shell.update(setTariff, terms, tariffToCandid);
  }

  @update([], AnswerType(IDL.Null))
  withdraw_tariff() {
    return shell.update(withdrawTariff, null, () => null);
  }

  @query([], IDL.Opt(TariffType))
  tariff() {
    return optionOf(tariffToCandid(shell.tables, shell.tables.tariffNow.get()));
  }

  @update([OrderArgsType], AnswerType(OrderType))
  async order({ command_id, ...rest }: CandidOrder) {
    const command = { commandId: command_id, ...rest };
    const answer = await shell.commandSettled(command_id, placeOrder, command, (tables, subject) =>
      withRefusal(
        orderToCandid(tables, subjectNumber(subject)),
        orderRefusal(tables, subjectNumber(subject), selfHex()),
      ),
    );
    return settledUnlessRefused(answer);
  }

  @query([IDL.Nat32], IDL.Opt(OrderType))
  receipt(order: number) {
    return optionOf(orderToCandid(shell.tables, order));
  }

  @query([IDL.Nat32, IDL.Nat32], IDL.Vec(OrderType))
  orders(from: number, limit: number) {
    return pageOf(shell.tables.orders, from, entriesFor(limit)).flatMap(
      (number) => orderToCandid(shell.tables, number) ?? [],
    );
  }
}
