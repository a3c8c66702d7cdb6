// Any ledger of ICRC-1 and ICRC-2, ours or another's. A transfer carries its time of creation, so that sending it again is safe: the
// ledger recognises it, and "duplicate" means that it was done.
import { IDL } from '@dfinity/candid';
import { ok, type Result, refuse } from '@tamc/base/result';
import { type Account, AccountType, accountToCandid, type CandidAccount } from '@tamc/protocol/account';
import {
  AllowanceArgsType,
  AllowanceType,
  ApproveArgType,
  ApproveResultType,
  type CandidApproveArg,
  type CandidTransferArg,
  type IcrcError,
  TransferArgType,
  TransferResultType,
} from '@tamc/protocol/icrc-types';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { CallError } from './call-error.ts';
import type { Connection } from './connection.ts';
import { bindService, type Called, type MethodSpec, queryMethod, type Service } from './service.ts';

export interface LedgerFacts {
  readonly id: PrincipalHex;
  readonly symbol: string;
  readonly decimals: number;
  readonly fee: bigint;
}

type Answer = { readonly Ok: bigint } | { readonly Err: IcrcError };

interface Dated {
  readonly created_at_time: [] | [bigint];
}

/**
 * The standards' own form of an answer, which is not that of our other canisters. A ledger recognises a repetition by the time of
 * creation: without one it is another transfer, and is sent once.
 */
function icrcUpdate<Arg extends Dated>(arg: IDL.Type, result: IDL.Type): MethodSpec<[Arg], Answer> {
  const isRepeatable = ({ created_at_time: time }: Arg) => time.length === 1;
  return { type: IDL.Func([arg], [result]), isRepeatable, isAnswer: false };
}

export const ledgerMethods = {
  icrc1_name: queryMethod<[], string>([], IDL.Text),
  icrc1_symbol: queryMethod<[], string>([], IDL.Text),
  icrc1_decimals: queryMethod<[], number>([], IDL.Nat8),
  icrc1_fee: queryMethod<[], bigint>([], IDL.Nat),
  icrc1_total_supply: queryMethod<[], bigint>([], IDL.Nat),
  icrc1_balance_of: queryMethod<[CandidAccount], bigint>([AccountType], IDL.Nat),
  icrc2_allowance: queryMethod<
    [{ account: CandidAccount; spender: CandidAccount }],
    { allowance: bigint; expires_at: [] | [bigint] }
  >([AllowanceArgsType], AllowanceType),
  icrc1_transfer: icrcUpdate<CandidTransferArg>(TransferArgType, TransferResultType),
  icrc2_approve: icrcUpdate<CandidApproveArg>(ApproveArgType, ApproveResultType),
};

export interface Transfer {
  readonly to: Account;
  readonly amount: bigint;
  readonly fromSubaccount?: Uint8Array;
  readonly memo?: Uint8Array;
  /** Of the first attempt: who repeats a transfer repeats it. */
  readonly createdNs: bigint;
}

export interface Approval {
  readonly spender: Account;
  readonly amount: bigint;
  readonly expiresNs?: bigint;
  readonly createdNs: bigint;
}

export interface Ledger {
  readonly id: PrincipalHex;
  readonly methods: Service<typeof ledgerMethods>;
  /** As the ledger tells them now: fees change. */
  facts(): Called<LedgerFacts>;
  balanceOf(account: Account): Called<bigint>;
  /** Gives the block's index. */
  transfer(transfer: Transfer): Called<bigint>;
  approve(approval: Approval): Called<bigint>;
}

export function bindLedger(connection: Connection, id: PrincipalHex): Ledger {
  const methods = bindService(connection, id, ledgerMethods);
  return {
    id,
    methods,
    facts: async () => {
      const [symbol, decimals, fee] = await Promise.all([
        methods.icrc1_symbol(),
        methods.icrc1_decimals(),
        methods.icrc1_fee(),
      ]);
      if (!symbol.ok) return symbol;
      if (!decimals.ok) return decimals;
      return fee.ok ? ok({ id, symbol: symbol.value, decimals: decimals.value, fee: fee.value }) : fee;
    },
    balanceOf: (account) => methods.icrc1_balance_of(accountToCandid(account)),
    transfer: async ({ to, amount, fromSubaccount, memo, createdNs }) =>
      blockOf(
        await methods.icrc1_transfer({
          to: accountToCandid(to),
          amount,
          fee: [],
          memo: asOption(memo),
          from_subaccount: asOption(fromSubaccount),
          created_at_time: [createdNs],
        }),
      ),
    approve: async ({ spender, amount, expiresNs, createdNs }) =>
      blockOf(
        await methods.icrc2_approve({
          spender: accountToCandid(spender),
          amount,
          expires_at: asOption(expiresNs),
          expected_allowance: [],
          fee: [],
          memo: [],
          from_subaccount: [],
          created_at_time: [createdNs],
        }),
      ),
  };
}

function asOption<T>(value: T | undefined): [] | [T] {
  return value === undefined ? [] : [value];
}

function blockOf(called: Result<Answer, CallError>): Result<bigint, CallError> {
  if (!called.ok) return called;
  const answer = called.value;
  if ('Ok' in answer) return ok(answer.Ok);
  if ('Duplicate' in answer.Err) return ok(answer.Err.Duplicate.duplicate_of);
  return refuse(icrcErrorToCallError(answer.Err));
}

interface Row {
  readonly kind: CallError['kind'];
  readonly nextStep: string;
}

const rows: Readonly<Record<string, Row>> = {
  BadFee: { kind: 'input', nextStep: 'Ask the ledger for its fee and send it again with that one, or with none.' },
  BadBurn: { kind: 'input', nextStep: 'Burn at least the smallest amount that the ledger takes.' },
  InsufficientFunds: {
    kind: 'funds',
    nextStep: 'Send less, or bring money into the account first; the fee counts too.',
  },
  InsufficientAllowance: { kind: 'approval', nextStep: 'The owner of the account approves a larger allowance.' },
  AllowanceChanged: { kind: 'state', nextStep: 'Look at the allowance and decide again.' },
  Expired: { kind: 'input', nextStep: 'Choose an expiry in the future.' },
  TooOld: { kind: 'state', nextStep: 'Look whether it was done; if not, send a new one.' },
  CreatedInFuture: { kind: 'input', nextStep: 'Set the clock of this computer.' },
  TemporarilyUnavailable: { kind: 'elsewhere', nextStep: 'Try again in a moment: nothing was done.' },
};

/** The standards' refusals in our form: the name as code, the facts in the sentence. */
export function icrcErrorToCallError(error: IcrcError): CallError {
  const [code = 'GenericError', facts] = Object.entries(error)[0] ?? [];
  const row = rows[code] ?? { kind: 'input', nextStep: 'Read what the ledger says.' };
  const text = Object.entries(facts ?? {}).map(([name, value]) => `${name.replaceAll('_', ' ')} ${String(value)}`);
  const message =
    text.length === 0 ? `the ledger refuses: ${code}` : `the ledger refuses: ${code} (${text.join(', ')})`;
  return { kind: row.kind, code, message, nextStep: row.nextStep, rejectCode: null };
}
