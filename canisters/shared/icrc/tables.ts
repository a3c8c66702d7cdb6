// What a token keeps: accounts, allowances, blocks, what was seen lately, and one record of the whole. Fixed layouts in bytes,
// because each is read or written with nearly every transaction. A canister with a token of its own includes these tables.
import { raw } from '@tamc/base/codec';
import { type TokenSettings, tokenSettings } from '@tamc/protocol/ledger';
import { countKey, defineCell, defineTable, type KeyCodec, type TablesOf } from '../tables/index.ts';

/** Only ever alone in its table, so it need not say where it ends. */
const bytesKey: KeyCodec<Uint8Array> = {
  shape: 'bytes',
  toBytes: (key) => key,
  fromBytes: (bytes, at) => [bytes.slice(at), bytes.length],
};

const nothing = new Uint8Array(0);
const noAccount = { owner: nothing, subaccount: null };
const noSettings: TokenSettings = {
  name: '',
  symbol: '',
  decimals: 0,
  fee: 0n,
  mintingAccount: noAccount,
  feeCollector: null,
  windowNs: 0n,
  driftNs: 0n,
  memoBytesMax: 0,
  metadata: [],
};

/** Numbers 120 to 125 belong to a token, in every canister that has one. */
export const tokenTables = {
  settings: defineCell({ number: 120, name: 'token_settings', value: tokenSettings, default: noSettings }),
  /** `Summary`, version 1: tip hash 32, supply 16, blocks 8, purged 8, remembered 8. */
  summary: defineCell({ number: 121, name: 'token_summary_1', value: raw, default: nothing }),
  /** `AccountRecord`, version 1: hash 32, balance 16, first and last block 8 each, by the account's key. */
  accounts: defineTable({ number: 122, name: 'token_accounts_1', key: bytesKey, value: raw }),
  /** Amount 16, expiry 8 if there is one, by `allowanceKey`. */
  allowances: defineTable({ number: 123, name: 'token_allowances_1', key: bytesKey, value: raw }),
  /** `StoredBlock`, version 1, by index. */
  blocks: defineTable({ number: 124, name: 'token_blocks_1', key: countKey, value: raw }),
  /** Index of the block, 8 bytes, by the identity of its transaction. */
  seen: defineTable({ number: 125, name: 'token_seen_1', key: bytesKey, value: raw }),
};
export type TokenTables = TablesOf<typeof tokenTables>;
