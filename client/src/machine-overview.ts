// A machine in depth in one answer.
import { IDL } from '@dfinity/candid';
import { OverviewType } from '@tamc/protocol/overview';
import type { Opt } from './candid-values.ts';
import type { CommandReply, ConditionReply } from './machine-commands.ts';
import type { IdentityReply, MachineViewReply } from './machine-identity.ts';
import type { OrderReply, TariffReply } from './machine-use.ts';
import type { BalanceReply, MandateReply } from './machine-wallet.ts';
import { queryMethod } from './service.ts';

export interface OverviewReply {
  readonly machine: MachineViewReply;
  readonly identity: IdentityReply;
  readonly condition: ConditionReply[];
  readonly tariff: Opt<TariffReply>;
  readonly balances: BalanceReply[];
  /** Of whoever asks, those that are in force. */
  readonly own_mandates: MandateReply[];
  /** The newest, as many as were asked for. */
  readonly commands: CommandReply[];
  /** Those that these commands were given for. */
  readonly orders: OrderReply[];
}

const LimitsType = IDL.Record({ commands: IDL.Nat32 });

export const overviewMethods = {
  overview: queryMethod<[{ readonly commands: number }], OverviewReply>([LimitsType], OverviewType),
};
