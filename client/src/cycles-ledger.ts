// The main network's cycles ledger: it keeps the cycles of people and creates canisters that are paid from them.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { ok, type Result, refuse } from '@tamc/base/result';
import { hexToPrincipal, type PrincipalHex, parsePrincipal, principalToHex } from '@tamc/protocol/principal';
import type { CallError } from './call-error.ts';
import type { Connection } from './connection.ts';
import { bindService, type Called, type MethodSpec } from './service.ts';

/** The same on the main network for everybody. */
const cyclesLedger = parsePrincipal('um5iw-rqaaa-aaaaq-qaaba-cai')!;

const SubnetSelection = IDL.Variant({ Subnet: IDL.Record({ subnet: IDL.Principal }) });
const CreationArgs = IDL.Record({ subnet_selection: IDL.Opt(SubnetSelection) });
const CreateArgs = IDL.Record({
  from_subaccount: IDL.Opt(IDL.Vec(IDL.Nat8)),
  created_at_time: IDL.Opt(IDL.Nat64),
  amount: IDL.Nat,
  creation_args: IDL.Opt(CreationArgs),
});
const CreateError = IDL.Variant({
  InsufficientFunds: IDL.Record({ balance: IDL.Nat }),
  TooOld: IDL.Null,
  CreatedInFuture: IDL.Record({ ledger_time: IDL.Nat64 }),
  TemporarilyUnavailable: IDL.Null,
  Duplicate: IDL.Record({ duplicate_of: IDL.Nat, canister_id: IDL.Opt(IDL.Principal) }),
  FailedToCreate: IDL.Record({ fee_block: IDL.Opt(IDL.Nat), refund_block: IDL.Opt(IDL.Nat), error: IDL.Text }),
  GenericError: IDL.Record({ error_code: IDL.Nat, message: IDL.Text }),
});
const CreateResult = IDL.Variant({
  Ok: IDL.Record({ block_id: IDL.Nat, canister_id: IDL.Principal }),
  Err: CreateError,
});

type Answer =
  | { readonly Ok: { readonly canister_id: Principal } }
  | { readonly Err: Readonly<Record<string, unknown>> };

export const cyclesLedgerMethods = {
  /** Deduplicated by the time of creation. */
  create_canister: {
    type: IDL.Func([CreateArgs], [CreateResult]),
    isRepeatable: true,
    isAnswer: false,
  } satisfies MethodSpec<[unknown], Answer>,
};

export async function createByCyclesLedger(
  connection: Connection,
  cycles: bigint,
  createdNs: bigint,
  subnet: PrincipalHex | null,
): Called<PrincipalHex> {
  const { create_canister: create } = bindService(connection, cyclesLedger, cyclesLedgerMethods);
  const creation = subnet === null ? [] : [{ subnet_selection: [{ Subnet: { subnet: hexToPrincipal(subnet) } }] }];
  const args = { from_subaccount: [], created_at_time: [createdNs], amount: cycles, creation_args: creation };
  const answer = await create(args);
  return answer.ok ? readAnswer(answer.value as Answer, connection.self) : answer;
}

function readAnswer(answer: Answer, self: PrincipalHex): Result<PrincipalHex, CallError> {
  if ('Ok' in answer) return ok(principalToHex(answer.Ok.canister_id));
  const { Duplicate, InsufficientFunds, FailedToCreate } = answer.Err as {
    Duplicate?: { canister_id: [] | [Principal] };
    InsufficientFunds?: { balance: bigint };
    FailedToCreate?: { error: string };
  };
  const created = Duplicate?.canister_id[0];
  if (created !== undefined) return ok(principalToHex(created));
  if (InsufficientFunds !== undefined) return refuse(poor(InsufficientFunds.balance, self));
  return refuse({
    kind: 'elsewhere',
    code: Object.keys(answer.Err)[0] ?? 'GenericError',
    message: `the cycles ledger created no canister: ${FailedToCreate?.error ?? Object.keys(answer.Err)[0]}`,
    nextStep: 'Try again in a moment; cycles that were not used are given back.',
    rejectCode: null,
  });
}

function poor(balance: bigint, self: PrincipalHex): CallError {
  return {
    kind: 'funds',
    code: 'InsufficientFunds',
    message: `the cycles ledger holds ${balance} cycles for you`,
    nextStep: `Send cycles to ${hexToPrincipal(self).toText()} (\`icp cycles mint\` turns ICP into cycles), then go on.`,
    rejectCode: null,
  };
}
