// A ledger: one token by ICRC-1, 2, 3, 10 and 21, as a canister. Methods decode, ask the rules, carry out, certify and answer; any
// number of instances can exist, each told at installation what it is.

import type { Result } from '@tamc/base/result';
import { AccountType, type CandidAccount } from '@tamc/protocol/account';
import {
  AllowanceArgsType,
  AllowanceType,
  ApproveArgType,
  ApproveResultType,
  type IcrcError,
  MetadataType,
  StandardType,
  TransferArgType,
  TransferFromArgType,
  TransferFromResultType,
  TransferResultType,
} from '@tamc/protocol/icrc-types';
import {
  AccountHistoryArgsType,
  AccountHistoryType,
  AccountTransactionsArgsType,
  AccountTransactionsResultType,
  BlockTypesType,
  GetArchivesArgsType,
  GetArchivesResultType,
  GetBlocksArgsType,
  GetBlocksResultType,
  TipCertificateType,
} from '@tamc/protocol/icrc3-types';
import { type CandidConsentRequest, ConsentRequestType, ConsentResponseType } from '@tamc/protocol/icrc21-types';
import { type CandidLedgerInit, LedgerInitType, type TokenSettings, tokenLimits } from '@tamc/protocol/ledger';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { entriesFor } from '@tamc/shared/azle/replicated';
import { createStableStore } from '@tamc/shared/azle/stable-store';
import { type GivenAccount, givenToAccount } from '@tamc/shared/icrc/account';
import { applyDecided } from '@tamc/shared/icrc/apply';
import { begin, candidToGiven, parseBeginning } from '@tamc/shared/icrc/begin';
import { consentMessage } from '@tamc/shared/icrc/consent';
import { accountHistory } from '@tamc/shared/icrc/history';
import { blockToIndexed } from '@tamc/shared/icrc/indexed';
import { argumentBytesMax, decodeOne, parseApprove, parseTransfer, parseTransferFrom } from '@tamc/shared/icrc/parse';
import { readBlocks } from '@tamc/shared/icrc/range';
import { balanceOf, readAccount, readAllowance, readSummary } from '@tamc/shared/icrc/records';
import { decide } from '@tamc/shared/icrc/rules';
import { blockTypes, standards, tokenMetadata } from '@tamc/shared/icrc/standards';
import { tipRootHash, tipWitness } from '@tamc/shared/icrc/tip';
import type { Transaction } from '@tamc/shared/icrc/transaction';
import { toLeb128 } from '@tamc/shared/icrc/value';
import { createBlocksWriter, createResultWriter } from '@tamc/shared/icrc/wire';
import { stateHash } from '@tamc/shared/tables/index';
import {
  certifiedDataSet,
  dataCertificate,
  IDL,
  init,
  inspectMessage,
  isController,
  msgArgData,
  msgCaller,
  msgMethodName,
  msgReply,
  type Principal,
  postUpgrade,
  query,
  time,
  trap,
  update,
} from 'azle';
import '@tamc/shared/candid-guard';
import { ledgerTables } from './state.ts';

/** What stable memory holds, for the check before an upgrade: the build puts it into the module. */
export const layout = ledgerTables.layoutText();

const store = createStableStore();
const tables = ledgerTables.open(store);

/** Fixed since installation, so reading it once is enough. */
let knownSettings: TokenSettings | null = null;
function settings(): TokenSettings {
  knownSettings ??= tables.settings.get();
  return knownSettings;
}

const writeTransferResult = createResultWriter<IcrcError>(TransferResultType);
const writeTransferFromResult = createResultWriter<IcrcError>(TransferFromResultType);
const writeApproveResult = createResultWriter<IcrcError>(ApproveResultType);
const writeBlocks = createBlocksWriter(
  GetBlocksResultType,
  { log_length: 0n, blocks: [], archived_blocks: [] },
  'blocks',
);
const writeHistory = createBlocksWriter(AccountHistoryType, { blocks: [], next: [] }, 'blocks');
/** Some ranges of blocks, asked for by an update that is free for who sends it; queries and canisters are not inspected. */
const rangesBytesMax = 256;
const noList = Uint8Array.of(0);

type Parse = (bytes: Uint8Array, caller: Uint8Array) => Result<Transaction, IcrcError>;
type Write = (result: { Ok: bigint } | { Err: IcrcError }) => Uint8Array;

function transact(parse: Parse, write: Write): void {
  const bytes = msgArgData();
  if (bytes.length > argumentBytesMax) trap(`the argument is longer than ${argumentBytesMax} bytes`);
  const parsed = parse(bytes, msgCaller().toUint8Array());
  msgReply(write(parsed.ok ? perform(parsed.value) : { Err: parsed.error }));
}

function perform(transaction: Transaction): { Ok: bigint } | { Err: IcrcError } {
  const nowNs = time();
  const decided = decide(tables, settings(), transaction, nowNs);
  if (!decided.ok) return { Err: decided.error };
  const index = applyDecided(tables, settings(), decided.value, nowNs);
  certify();
  return { Ok: BigInt(index) };
}

function certify(): void {
  const root = tipRootHash(tables);
  if (root !== null) certifiedDataSet(root);
}

function givenOrTrap(account: CandidAccount): GivenAccount {
  return candidToGiven(account) ?? trap('a subaccount has 32 bytes');
}

export default class {
  @init([LedgerInitType])
  init(given: CandidLedgerInit): void {
    const parsed = parseBeginning(given);
    const wrong = parsed.ok ? begin(tables, parsed.value, time()) : parsed.error;
    if (wrong !== null) trap(wrong);
    certify();
  }

  /** Takes what `init` takes because a canister has one argument; it is not read, so an upgrade may send anything. */
  @postUpgrade([LedgerInitType], { manual: true })
  resume(): void {
    certify();
  }

  /** Who sends more than a standard argument holds pays nothing for it, so it must cost nothing. */
  @inspectMessage({ manual: true })
  inspect(): boolean {
    const bytesMax = msgMethodName() === 'icrc3_get_blocks' ? rangesBytesMax : 2 * argumentBytesMax;
    return msgArgData().length <= bytesMax;
  }

  @query([], IDL.Text)
  icrc1_name(): string {
    return settings().name;
  }

  @query([], IDL.Text)
  icrc1_symbol(): string {
    return settings().symbol;
  }

  @query([], IDL.Nat8)
  icrc1_decimals(): number {
    return settings().decimals;
  }

  @query([], IDL.Nat)
  icrc1_fee(): bigint {
    return settings().fee;
  }

  @query([], MetadataType)
  icrc1_metadata(): unknown {
    return tokenMetadata(settings());
  }

  @query([], IDL.Nat)
  icrc1_total_supply(): bigint {
    return readSummary(tables).supply;
  }

  @query([], IDL.Opt(AccountType))
  icrc1_minting_account(): unknown {
    return [toCandid(settings().mintingAccount)];
  }

  @query([AccountType], IDL.Nat)
  icrc1_balance_of(account: CandidAccount): bigint {
    return balanceOf(tables, givenOrTrap(account));
  }

  @query([], IDL.Vec(StandardType))
  icrc1_supported_standards(): unknown {
    return standards;
  }

  @query([], IDL.Vec(StandardType))
  icrc10_supported_standards(): unknown {
    return standards;
  }

  @update([TransferArgType], TransferResultType, { manual: true })
  icrc1_transfer(): void {
    transact(parseTransfer, writeTransferResult);
  }

  @update([ApproveArgType], ApproveResultType, { manual: true })
  icrc2_approve(): void {
    transact(parseApprove, writeApproveResult);
  }

  @update([TransferFromArgType], TransferFromResultType, { manual: true })
  icrc2_transfer_from(): void {
    transact(parseTransferFrom, writeTransferFromResult);
  }

  @query([AllowanceArgsType], AllowanceType)
  icrc2_allowance({ account, spender }: { account: CandidAccount; spender: CandidAccount }): unknown {
    const { amount, expiresAtNs } = readAllowance(tables, givenOrTrap(account), givenOrTrap(spender), time());
    return { allowance: amount, expires_at: expiresAtNs === null ? [] : [expiresAtNs] };
  }

  @query([GetBlocksArgsType], GetBlocksResultType, { manual: true })
  icrc3_get_blocks(): void {
    const [ranges] = IDL.decode([GetBlocksArgsType], msgArgData()) as unknown as [{ start: bigint; length: bigint }[]];
    const logLength = toLeb128(BigInt(readSummary(tables).blocks));
    const { blocksPerAnswerMax, blocksReplicatedMax } = tokenLimits;
    const blocks = readBlocks(tables, ranges, entriesFor(blocksPerAnswerMax, blocksReplicatedMax));
    msgReply(writeBlocks(blocks, { log_length: logLength, archived_blocks: noList }));
  }

  /** Every block is here. */
  @query([GetArchivesArgsType], GetArchivesResultType)
  icrc3_get_archives(_: unknown): unknown {
    return [];
  }

  @query([], IDL.Opt(TipCertificateType))
  icrc3_get_tip_certificate(): unknown {
    const certificate = dataCertificate();
    if (certificate === undefined || readSummary(tables).blocks === 0) return [];
    return [{ certificate, hash_tree: tipWitness(tables) }];
  }

  @query([], BlockTypesType)
  icrc3_supported_block_types(): unknown {
    return blockTypes;
  }

  @update([ConsentRequestType], ConsentResponseType, { manual: true })
  icrc21_canister_call_consent_message(): void {
    const request = decodeOne<CandidConsentRequest>(ConsentRequestType, msgArgData(), 2 * argumentBytesMax);
    const answer = consentMessage(settings(), msgCaller().toUint8Array(), request);
    msgReply(new Uint8Array(IDL.encode([ConsentResponseType], [answer])));
  }

  /** The account's blocks, newest first, as they are in the chain. */
  @query([AccountHistoryArgsType], AccountHistoryType, { manual: true })
  account_history(): void {
    const [{ account, start, limit }] = IDL.decode([AccountHistoryArgsType], msgArgData()) as unknown as [
      { account: CandidAccount; start: [] | [bigint]; limit: number },
    ];
    const { blocks, next } = pageOf(account, start, BigInt(limit));
    const nextBytes = next === null ? [0] : [1, ...toLeb128(BigInt(next))];
    msgReply(writeHistory(blocks, { next: Uint8Array.from(nextBytes) }));
  }

  /** As the stock ledger's index canister answers. */
  @query([AccountTransactionsArgsType], AccountTransactionsResultType)
  get_account_transactions(args: { account: CandidAccount; start: [] | [bigint]; max_results: bigint }): unknown {
    const { balance, first } = readAccount(tables, givenOrTrap(args.account));
    const { blocks, next } = pageOf(args.account, args.start, args.max_results);
    // An empty page would say that nothing is older.
    if (blocks.length === 0 && next !== null && args.max_results > 0n) return { Err: { message: farStart } };
    const transactions = blocks.map(({ index, value }) => ({ id: BigInt(index), transaction: blockToIndexed(value) }));
    return { Ok: { balance, transactions, oldest_tx_id: first === null ? [] : [BigInt(first)] } };
  }

  /** Of everything kept: equal hashes, equal ledgers. Walks the whole state, so only for controllers, and only a small one. */
  @query([], IDL.Vec(IDL.Nat8), { hidden: true })
  state_hash(): Uint8Array {
    if (!isController(msgCaller())) trap('only a controller may ask for the state hash');
    return stateHash(store);
  }
}

const farStart =
  'start is no transaction of this account, and too far from any; give the id of the last one you were told';

function pageOf(account: CandidAccount, [start]: [] | [bigint], limit: bigint) {
  const before = start === undefined || start > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(start);
  const most = BigInt(tokenLimits.historyPerAnswerMax);
  const { historySkippedMax, historySkippedReplicatedMax } = tokenLimits;
  const count = entriesFor(Number(limit < most ? limit : most));
  const skippedMax = entriesFor(historySkippedMax, historySkippedReplicatedMax);
  return accountHistory(tables, givenOrTrap(account), before, count, skippedMax);
}

function toCandid({ owner, subaccount }: GivenAccount): { owner: Principal; subaccount: [] | [Uint8Array] } {
  const principal = hexToPrincipal(givenToAccount({ owner, subaccount: null }).owner);
  return { owner: principal, subaccount: subaccount === null ? [] : [subaccount] };
}
