// Paid use of a machine, and what it computes with: tariff, orders and their receipts, the reserve and purchases of cycles.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import type { CandidAccount } from '@tamc/protocol/account';
import { ComputeArgsType, ComputeType, TopUpType } from '@tamc/protocol/compute';
import { OrderArgsType, OrderType, TariffArgsType, TariffType } from '@tamc/protocol/use';
import type { Bytes, Opt, Word } from './candid-values.ts';
import type { TransferStatusReply } from './machine-wallet.ts';
import { queryMethod, updateMethod } from './service.ts';

export type UnitWord = Word<'use' | 'minute' | 'kWh' | 'gram'>;

export interface TariffTerms {
  readonly ledger: Principal;
  readonly unit: UnitWord;
  readonly price: bigint;
  readonly quantity_max: bigint;
  readonly deadline_ns: bigint;
  /** How many customers it serves at the same time. */
  readonly orders_at_once: number;
}

export interface TariffReply extends TariffTerms {
  readonly tariff: number;
  readonly fee: bigint;
}

export interface OrderWanted {
  readonly command_id: string;
  readonly tariff: number;
  readonly quantity: bigint;
  /** The customer's own, to pay from and refund to. */
  readonly subaccount: Opt<Bytes>;
}

/** While it runs, and as its receipt afterwards. */
export interface OrderReply {
  readonly order: number;
  readonly customer: CandidAccount;
  readonly ledger: Principal;
  readonly tariff: number;
  readonly unit: UnitWord;
  readonly price: bigint;
  readonly quantity: bigint;
  readonly hold: bigint;
  readonly fee: bigint;
  readonly command_id: string;
  readonly placed_ns: bigint;
  readonly held_block: Opt<bigint>;
  readonly deadline_ns: Opt<bigint>;
  readonly device_command: Opt<number>;
  readonly used: Opt<bigint>;
  readonly evidence: Opt<Bytes>;
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly refund_reason: Opt<string>;
  readonly capture: Opt<TransferStatusReply>;
  readonly refund: Opt<TransferStatusReply>;
  readonly status:
    | Word<'pulling' | 'running' | 'settling' | 'used' | 'refunded'>
    | { readonly refused: { readonly code: string; readonly message: string } };
}

export interface ComputeTerms {
  readonly target: bigint;
  readonly low_cycles: bigint;
  readonly floor_cycles: bigint;
  readonly top_up_amount: bigint;
}

export interface TopUpReply {
  readonly top_up: number;
  readonly transfer: number;
  readonly amount: bigint;
  readonly at_ns: bigint;
  readonly block: Opt<bigint>;
  readonly status:
    | Word<'paying' | 'ordering'>
    | { readonly delivered: { readonly cycles: bigint } }
    | { readonly failed: { readonly code: string; readonly message: string } };
}

export interface ComputeReply {
  readonly source:
    | { readonly none: null }
    | { readonly simulated_desk: { readonly desk: Principal; readonly ledger: Principal } }
    | { readonly minting_canister: { readonly cmc: Principal; readonly ledger: Principal } };
  readonly terms: ComputeTerms;
  readonly cycles: bigint;
  readonly is_low: boolean;
  readonly is_frozen: boolean;
  readonly reserve_booked: bigint;
  readonly reserve_available: bigint;
  readonly earmarked: bigint;
  readonly open_top_up: Opt<TopUpReply>;
}

const page = [IDL.Nat32, IDL.Nat32] as [IDL.Type, IDL.Type];
type Page = [from: number, limit: number];

export const useMethods = {
  /** Not repeatable: every tariff has a number of its own. */
  set_tariff: updateMethod<[TariffTerms], TariffReply>([TariffArgsType], TariffType, false),
  withdraw_tariff: updateMethod<[], null>([], IDL.Null, true),
  tariff: queryMethod<[], Opt<TariffReply>>([], IDL.Opt(TariffType)),
  order: updateMethod<[OrderWanted], OrderReply>([OrderArgsType], OrderType, true),
  receipt: queryMethod<[order: number], Opt<OrderReply>>([IDL.Nat32], IDL.Opt(OrderType)),
  orders: queryMethod<Page, OrderReply[]>(page, IDL.Vec(OrderType)),
};

export const computeMethods = {
  set_compute: updateMethod<[ComputeTerms], ComputeReply>([ComputeArgsType], ComputeType, true),
  compute: queryMethod<[], ComputeReply>([], ComputeType),
  /** By anybody, when the machine is low. */
  top_up: updateMethod<[], ComputeReply>([], ComputeType, false),
  top_ups: queryMethod<Page, TopUpReply[]>(page, IDL.Vec(TopUpType)),
};
