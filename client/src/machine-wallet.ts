// A machine's money: what delegates may spend, payments and what became of them, requests for the operator, receipts, the books.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { ok, type Result } from '@tamc/base/result';
import type { CandidAccount } from '@tamc/protocol/account';
import type { CandidGrant, CandidMandateTerms } from '@tamc/protocol/mandate';
import { MoneyTermsTakenType } from '@tamc/protocol/money-terms';
import type { CandidRefusal } from '@tamc/protocol/refusal';
import {
  AnnounceArgsType,
  AnnounceReplyType,
  ApproveArgsType,
  AskArgsType,
  BalanceType,
  DeclareArgsType,
  DeclineArgsType,
  GrantArgsType,
  MandateType,
  PayArgsType,
  PayReplyType,
  RequestType,
  RevokeArgsType,
  StatementType,
  TransferType,
} from '@tamc/protocol/wallet-candid';
import type { CallError } from './call-error.ts';
import type { Bytes, Opt, Word } from './candid-values.ts';
import type { ComputeReply } from './machine-use.ts';
import { queryMethod, type Service, updateMethod } from './service.ts';

export type PurseWord = Word<'main' | 'escrow' | 'compute'>;

export interface MandateReply {
  readonly mandate: number;
  readonly delegate: Principal;
  readonly terms: CandidMandateTerms;
  readonly is_live: boolean;
  /** Amounts and fees within the period that ends now. */
  readonly spent: bigint;
  readonly payments: number;
}

export interface Payment {
  readonly command_id: string;
  readonly ledger: Principal;
  readonly to: CandidAccount;
  readonly amount: bigint;
  readonly purpose: string;
}

/** `pending` and `searching`: the money is set aside until the ledger's answer is known. */
export type TransferStatusReply =
  | { readonly pending: null }
  | { readonly searching: null }
  | { readonly paid: { readonly block: bigint } }
  | { readonly refused: { readonly code: string; readonly message: string } };

export interface PaymentCauseReply {
  readonly purpose: string;
  readonly by: Principal;
  readonly command_id: string;
  readonly mandate: Opt<number>;
  readonly request: Opt<number>;
}

export type TransferCauseReply =
  | { readonly payment: PaymentCauseReply }
  | { readonly hold: { readonly order: number; readonly from: CandidAccount } }
  | { readonly capture: { readonly order: number } }
  | { readonly refund: { readonly order: number } }
  | { readonly fill: null }
  | { readonly purchase: { readonly top_up: number } };

export interface TransferReply {
  readonly transfer: number;
  readonly ledger: Principal;
  readonly from: PurseWord;
  readonly to: CandidAccount;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly memo: Bytes;
  readonly created_ns: bigint;
  readonly cause: TransferCauseReply;
  readonly status: TransferStatusReply;
}

export interface PaymentAsked {
  readonly ledger: Principal;
  readonly to: CandidAccount;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly purpose: string;
  /** Which terms of the mandate it exceeds. */
  readonly reasons: string[];
}

/** With the ledger's symbol and decimals, so that its amounts can be shown. */
export interface MandateAsked extends CandidGrant {
  readonly symbol: string;
  readonly decimals: number;
}

export type ActAsked =
  | { readonly pay: PaymentAsked }
  | { readonly grant_mandate: MandateAsked }
  | { readonly release_stop: null };

/** What a delegate may ask for beside payments, which are asked for by `pay`. */
export interface AskWanted {
  readonly command_id: string;
  readonly act: { readonly grant_mandate: CandidGrant } | { readonly release_stop: null };
  readonly reason: string;
}

/** What came of it: a transfer, a mandate, or neither for a release. */
export interface ApprovedReply {
  readonly transfer: Opt<number>;
  readonly mandate: Opt<number>;
}

export interface RequestReply {
  readonly request: number;
  readonly delegate: Principal;
  /** Under which it was asked. */
  readonly mandate: number;
  readonly act: ActAsked;
  /** In the delegate's own words: text of a third party. */
  readonly reason: string;
  readonly created_ns: bigint;
  readonly expires_ns: bigint;
  readonly status: Word<'open' | 'expired' | 'declined'> | { readonly approved: ApprovedReply };
  /** What is approved is the hash of these bytes, and `text` is made from them alone. */
  readonly payload: Bytes;
  readonly payload_hash: Bytes;
  readonly text: string;
}

/**
 * `Waiting` is no refusal: the operator decides. `Pending`: ask `transfer` for its number later. `Granted` and `Released` come of
 * an approval alone.
 */
export type PayReply =
  | { readonly Paid: TransferReply }
  | { readonly Pending: TransferReply }
  | { readonly Waiting: RequestReply }
  | { readonly Granted: MandateReply }
  | { readonly Released: null };

export type EntryCauseReply =
  | { readonly receipt: { readonly from: Opt<CandidAccount>; readonly memo: Bytes } }
  | { readonly sent: { transfer: number; to: CandidAccount; cause: TransferCauseReply; fee: bigint } }
  | { readonly moved: { readonly transfer: number; readonly from: PurseWord; readonly cause: TransferCauseReply } }
  | { readonly held: { readonly order: number; readonly from: CandidAccount } };

export interface EntryReply {
  readonly number: number;
  readonly at_ns: bigint;
  readonly ledger: Principal;
  readonly purse: PurseWord;
  readonly change: bigint;
  readonly block: bigint;
  readonly cause: EntryCauseReply;
}

export interface StatementReply {
  readonly entries: EntryReply[];
  readonly first: number;
  readonly next: number;
}

export interface BalanceReply {
  readonly ledger: Principal;
  readonly symbol: string;
  readonly decimals: number;
  readonly fee: bigint;
  readonly purse: PurseWord;
  readonly account: CandidAccount;
  readonly booked: bigint;
  /** Of entries that are no longer kept. */
  readonly carried: bigint;
  readonly reserved: bigint;
  readonly available: bigint;
}

export type AnnounceReply = { readonly Booked: EntryReply } | { readonly Pending: null };

/** What was taken over of the registry's terms. `left`: what was not, with the reason and the next step. */
export interface MoneyTermsTakenReply {
  readonly ledgers: Principal[];
  readonly compute: ComputeReply['source'];
  readonly left: CandidRefusal[];
}

const page = [IDL.Nat32, IDL.Nat32] as [IDL.Type, IDL.Type];
type Page = [from: number, limit: number];

export const walletMethods = {
  grant_mandate: updateMethod<[{ command_id: string; delegate: Principal; terms: CandidMandateTerms }], MandateReply>(
    [GrantArgsType],
    MandateType,
    true,
  ),
  revoke_mandate: updateMethod<[{ mandate: number }], null>([RevokeArgsType], IDL.Null, false),
  mandates: queryMethod<[], MandateReply[]>([], IDL.Vec(MandateType)),
  /** For a machine with so many large ones that they do not fit one answer. */
  mandate_numbers: queryMethod<[], number[] | Uint32Array>([], IDL.Vec(IDL.Nat32)),
  mandate: queryMethod<[number], Opt<MandateReply>>([IDL.Nat32], IDL.Opt(MandateType)),
  /** By a delegate: for the operator to approve. */
  ask: updateMethod<[AskWanted], RequestReply>([AskArgsType], RequestType, true),
  pay: updateMethod<[Payment], PayReply>([PayArgsType], PayReplyType, true),
  approve: updateMethod<[{ request: number; payload_hash: Bytes }], PayReply>([ApproveArgsType], PayReplyType, false),
  decline: updateMethod<[{ request: number }], null>([DeclineArgsType], IDL.Null, false),
  request: queryMethod<[request: number], Opt<RequestReply>>([IDL.Nat32], IDL.Opt(RequestType)),
  /** Numbers of those that wait for the operator; `readRequests` reads them all. */
  requests: queryMethod<[], number[] | Uint32Array>([], IDL.Vec(IDL.Nat32)),
  transfer: queryMethod<[transfer: number], Opt<TransferReply>>([IDL.Nat32], IDL.Opt(TransferType)),
  transfers: queryMethod<Page, TransferReply[]>(page, IDL.Vec(TransferType)),
  /** A block is booked once, however often it is announced. */
  announce_receipt: updateMethod<[{ ledger: Principal; block: bigint }], AnnounceReply>(
    [AnnounceArgsType],
    AnnounceReplyType,
    true,
  ),
  /** By the operator, of its machine's own money, after no ledger would execute it any more. */
  declare_unexecuted: updateMethod<[{ transfer: number }], TransferReply>([DeclareArgsType], TransferType, false),
  /** By the operator. */
  take_money_terms: updateMethod<[], MoneyTermsTakenReply>([], MoneyTermsTakenType, true),
  statement: queryMethod<Page, StatementReply>(page, StatementType),
  balances: queryMethod<[], BalanceReply[]>([], IDL.Vec(BalanceType)),
};

/** How many are read at the same time: each is a query that may be large. */
const readAtOnce = 8;

/** Those that wait for the operator, oldest first. One that was decided meanwhile is left out. */
export async function readRequests({
  requests,
  request,
}: Pick<Service<typeof walletMethods>, 'requests' | 'request'>): Promise<Result<readonly RequestReply[], CallError>> {
  const numbers = await requests();
  if (!numbers.ok) return numbers;
  const found = await readEach(numbers.value, request);
  return found.ok ? ok(found.value.filter(({ status }) => 'open' in status)) : found;
}

/** The network's word for a query that is too long. */
const instructionLimit = 'IC0522';

/** All in force: in one query where they fit into one, which some twenty of the largest do not. */
export async function readMandates({
  mandates,
  mandate_numbers,
  mandate,
}: Pick<Service<typeof walletMethods>, 'mandates' | 'mandate_numbers' | 'mandate'>): Promise<
  Result<readonly MandateReply[], CallError>
> {
  const all = await mandates();
  if (all.ok || all.error.code !== instructionLimit) return all;
  const numbers = await mandate_numbers();
  return numbers.ok ? await readEach(numbers.value, mandate) : numbers;
}

/** In the order of their numbers; what is gone by then is left out. */
async function readEach<T>(
  numbers: Iterable<number>,
  read: (number: number) => Promise<Result<Opt<T>, CallError>>,
): Promise<Result<readonly T[], CallError>> {
  const sorted = [...numbers].sort((a, b) => a - b);
  const found: T[] = [];
  for (let at = 0; at < sorted.length; at += readAtOnce) {
    for (const one of await Promise.all(sorted.slice(at, at + readAtOnce).map((number) => read(number)))) {
      if (!one.ok) return one;
      found.push(...one.value);
    }
  }
  return ok(found);
}
