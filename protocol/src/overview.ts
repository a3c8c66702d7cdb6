// A machine in depth, in one answer: seven queries less for whoever shows or describes one.
import { IDL } from '@dfinity/candid';
import { CommandType } from './commands.ts';
import { ConditionType } from './condition.ts';
import { IdentityType } from './identity.ts';
import { MachineType } from './machine.ts';
import { OrderType, TariffType } from './use.ts';
import { BalanceType, MandateType } from './wallet-candid.ts';

export const OverviewType = IDL.Record({
  machine: MachineType,
  identity: IdentityType,
  condition: IDL.Vec(ConditionType),
  tariff: IDL.Opt(TariffType),
  balances: IDL.Vec(BalanceType),
  /** Of whoever asks, those that are in force. */
  own_mandates: IDL.Vec(MandateType),
  /** The newest, as many as were asked for. */
  commands: IDL.Vec(CommandType),
  /** Those that these commands were given for. */
  orders: IDL.Vec(OrderType),
});
