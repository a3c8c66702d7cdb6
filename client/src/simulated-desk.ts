// The simulated cycles desk of networks for development: what a machine pays there buys cycles that cost nobody anything.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { DeskPriceType, DeskSaleType, TopUpArgsType } from '@tamc/protocol/simulated-desk';
import type { Connection } from './connection.ts';
import { bindService, queryMethod, type Service, updateMethod } from './service.ts';

export interface DeskPriceReply {
  readonly ledger: Principal;
  /** For one minor unit of money. */
  readonly cycles_per_unit: bigint;
  readonly is_simulated: boolean;
}

export interface DeskSaleReply {
  readonly payer: Principal;
  readonly amount: bigint;
  readonly cycles: bigint;
}

export const simulatedDeskMethods = {
  price: queryMethod<[], DeskPriceReply>([], DeskPriceType),
  /** By anybody: the cycles go to who paid. Once per block. */
  top_up: updateMethod<[{ block: bigint }], DeskSaleReply>([TopUpArgsType], DeskSaleType, true),
  layout: queryMethod<[], string>([], IDL.Text),
};

export type SimulatedDesk = Service<typeof simulatedDeskMethods>;

export function bindSimulatedDesk(connection: Connection, desk: PrincipalHex): SimulatedDesk {
  return bindService(connection, desk, simulatedDeskMethods);
}
