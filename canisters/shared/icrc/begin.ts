// The first message of a token: what it is told, checked, and the mints of its first balances. What is wrong is said with a name,
// because a token that began wrongly cannot be corrected.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { CandidAccount } from '@tamc/protocol/account';
import type { CandidMetadataValue } from '@tamc/protocol/icrc-types';
import { type CandidLedgerInit, type TokenSettings, tokenLimits } from '@tamc/protocol/ledger';
import { type GivenAccount, isSameAccount } from './account.ts';
import { applyDecided } from './apply.ts';
import { decide } from './rules.ts';
import type { TokenTables } from './tables.ts';

const secondNs = 1_000_000_000n;

export interface Beginning {
  readonly settings: TokenSettings;
  readonly balances: readonly (readonly [GivenAccount, bigint])[];
}

/** Null when its subaccount has not 32 bytes. */
export function candidToGiven({ owner, subaccount: [given] }: CandidAccount): GivenAccount | null {
  if (given !== undefined && given.length !== 32) return null;
  return { owner: owner.toUint8Array(), subaccount: given === undefined ? null : Uint8Array.from(given) };
}

export function parseBeginning(init: CandidLedgerInit): Result<Beginning, string> {
  const minting = candidToGiven(init.minting_account);
  const [collectorGiven] = init.fee_collector_account;
  const collector = collectorGiven === undefined ? null : candidToGiven(collectorGiven);
  if (minting === null) return refuse('minting_account: a subaccount has 32 bytes');
  if (collectorGiven !== undefined && collector === null) {
    return refuse('fee_collector_account: a subaccount has 32 bytes');
  }
  if (collector !== null && isSameAccount(collector, minting)) {
    return refuse('fee_collector_account: the minting account collects nothing; leave it out to burn fees');
  }
  const settings = toSettings(init, minting, collector);
  const wrong = wrongSetting(settings) ?? wrongMetadata(settings);
  if (wrong !== null) return refuse(wrong);
  return toBalances(init, settings);
}

function toSettings(init: CandidLedgerInit, minting: GivenAccount, collector: GivenAccount | null): TokenSettings {
  const [windowSeconds] = init.transaction_window_seconds;
  const [driftSeconds] = init.permitted_drift_seconds;
  return {
    name: init.token_name,
    symbol: init.token_symbol,
    decimals: init.decimals[0] ?? 8,
    fee: init.transfer_fee,
    mintingAccount: minting,
    feeCollector: collector,
    windowNs: windowSeconds === undefined ? tokenLimits.windowNs : windowSeconds * secondNs,
    driftNs: driftSeconds === undefined ? tokenLimits.driftNs : driftSeconds * secondNs,
    memoBytesMax: init.max_memo_length[0] ?? tokenLimits.memoBytes,
    metadata: init.metadata.map(([key, value]) => [key, toMetadataValue(value)] as const),
  };
}

function toMetadataValue(value: CandidMetadataValue): TokenSettings['metadata'][number][1] {
  if ('Nat' in value) return { kind: 'Nat', value: value.Nat };
  if ('Int' in value) return { kind: 'Int', value: value.Int };
  if ('Text' in value) return { kind: 'Text', value: value.Text };
  return { kind: 'Blob', value: Uint8Array.from(value.Blob) };
}

function wrongSetting({ name, symbol, decimals, fee, windowNs, driftNs, memoBytesMax }: TokenSettings): string | null {
  const { nameCharsMax, symbolCharsMax, decimalsMax, amountMax, windowNsMax, driftNsMax, memoBytes } = tokenLimits;
  if (name.length === 0 || name.length > nameCharsMax) return `token_name: 1 to ${nameCharsMax} characters`;
  if (symbol.length === 0 || symbol.length > symbolCharsMax) return `token_symbol: 1 to ${symbolCharsMax} characters`;
  if (decimals > decimalsMax) return `decimals: at most ${decimalsMax}`;
  if (fee > amountMax) return 'transfer_fee: below 2^128';
  if (windowNs > windowNsMax) return `transaction_window_seconds: at most ${windowNsMax / secondNs}`;
  if (driftNs > driftNsMax) return `permitted_drift_seconds: at most ${driftNsMax / secondNs}`;
  if (memoBytesMax < memoBytes || memoBytesMax > tokenLimits.memoBytesMax) {
    return `max_memo_length: ${memoBytes} to ${tokenLimits.memoBytesMax}`;
  }
  return null;
}

/** Keys of the standard are answered from the settings; a second value for one could contradict them. */
function wrongMetadata({ metadata }: TokenSettings): string | null {
  const { metadataEntriesMax, metadataBytesMax } = tokenLimits;
  if (metadata.length > metadataEntriesMax) return `metadata: at most ${metadataEntriesMax} entries`;
  const taken = new Set(['icrc1:symbol', 'icrc1:name', 'icrc1:decimals', 'icrc1:fee', 'icrc1:max_memo_length']);
  for (const [key] of metadata) {
    if (!/^[^:]+:./.test(key)) return `metadata: ${JSON.stringify(key.slice(0, 40))} is not namespace:key`;
    if (taken.has(key)) return `metadata: ${key.slice(0, 40)} is there already`;
    taken.add(key);
  }
  const isTooLong =
    JSON.stringify(metadata, (_, item) => (typeof item === 'bigint' ? `${item}` : item)).length > metadataBytesMax;
  return isTooLong ? `metadata: at most ${metadataBytesMax} bytes` : null;
}

function toBalances(init: CandidLedgerInit, settings: TokenSettings): Result<Beginning, string> {
  const { initialBalancesMax } = tokenLimits;
  if (init.initial_balances.length > initialBalancesMax)
    return refuse(`initial_balances: at most ${initialBalancesMax}`);
  const balances: [GivenAccount, bigint][] = [];
  for (const [candid, amount] of init.initial_balances) {
    const account = candidToGiven(candid);
    if (account === null) return refuse('initial_balances: a subaccount has 32 bytes');
    balances.push([account, amount]);
  }
  return ok({ settings, balances });
}

/** Says what is wrong with a balance, null when all of it is done. */
export function begin(tables: TokenTables, { settings, balances }: Beginning, nowNs: bigint): string | null {
  tables.settings.set(settings);
  for (const [to, amount] of balances) {
    const transfer = { kind: 'transfer', from: settings.mintingAccount, to, spender: null } as const;
    const decided = decide(tables, settings, { ...transfer, amount, fee: null, memo: null, createdAtNs: null }, nowNs);
    if (!decided.ok)
      return `initial_balances: ${JSON.stringify(decided.error, (_, item) => (typeof item === 'bigint' ? `${item}` : item))}`;
    applyDecided(tables, settings, decided.value, nowNs);
  }
  return null;
}
