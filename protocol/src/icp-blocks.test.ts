import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { accountOf } from './account.ts';
import { accountIdentifier } from './account-identifier.ts';
import { readIcpBlocksAnswer } from './icp-blocks.ts';
import { principalToHex } from './principal.ts';

// As the ledger of ICP publishes its interface.
const Tokens = IDL.Record({ e8s: IDL.Nat64 });
const TimeStamp = IDL.Record({ timestamp_nanos: IDL.Nat64 });
const Identifier = IDL.Vec(IDL.Nat8);
const Operation = IDL.Variant({
  Mint: IDL.Record({ to: Identifier, amount: Tokens }),
  Burn: IDL.Record({ from: Identifier, spender: IDL.Opt(Identifier), amount: Tokens }),
  Transfer: IDL.Record({
    from: Identifier,
    to: Identifier,
    amount: Tokens,
    fee: Tokens,
    spender: IDL.Opt(IDL.Vec(IDL.Nat8)),
  }),
});
const Block = IDL.Record({
  parent_hash: IDL.Opt(IDL.Vec(IDL.Nat8)),
  transaction: IDL.Record({
    memo: IDL.Nat64,
    icrc1_memo: IDL.Opt(IDL.Vec(IDL.Nat8)),
    operation: IDL.Opt(Operation),
    created_at_time: TimeStamp,
  }),
  timestamp: TimeStamp,
});
const Range = IDL.Record({ start: IDL.Nat64, length: IDL.Nat64 });
const Answer = IDL.Record({
  chain_length: IDL.Nat64,
  certificate: IDL.Opt(IDL.Vec(IDL.Nat8)),
  blocks: IDL.Vec(Block),
  first_block_index: IDL.Nat64,
  archived_blocks: IDL.Vec(
    IDL.Record({ start: IDL.Nat64, length: IDL.Nat64, callback: IDL.Func([Range], [IDL.Vec(Block)], ['query']) }),
  ),
});

const own = accountOf(principalToHex(Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai')));
const stranger = accountOf(principalToHex(Principal.anonymous()));
const identifier = (account: typeof own) => parseHex(accountIdentifier(account))!;
const transfer = (from: typeof own, to: typeof own, amount: bigint) => ({
  Transfer: { from: identifier(from), to: identifier(to), amount: { e8s: amount }, fee: { e8s: 10_000n }, spender: [] },
});
const blockOf = (operation: object) => ({
  parent_hash: [],
  transaction: {
    memo: 0n,
    icrc1_memo: [Uint8Array.of(1, 2)],
    operation: [operation],
    created_at_time: { timestamp_nanos: 5n },
  },
  timestamp: { timestamp_nanos: 7n },
});
const answerOf = (changes: object) =>
  new Uint8Array(
    IDL.encode(
      [Answer],
      [
        {
          chain_length: 100n,
          certificate: [],
          blocks: [],
          first_block_index: 40n,
          archived_blocks: [],
          ...changes,
        },
      ],
    ),
  );

describe('an account identifier', () => {
  it('is the one that the ledger computes', () => {
    expect(accountIdentifier(stranger)).toBe('1c7a48ba6a562aa9eaa2481a9049cdf0433b9738c992d698c31d8abf89cadc79');
    expect(accountIdentifier({ ...stranger, subaccount: '00'.repeat(32) })).toBe(accountIdentifier(stranger));
    expect(accountIdentifier({ ...stranger, subaccount: '01'.repeat(32) })).not.toBe(accountIdentifier(stranger));
  });
});

describe('blocks of the ICP ledger', () => {
  it('are read with the accounts that one looks for, and no others', () => {
    const blocks = [
      blockOf(transfer(stranger, own, 9n)),
      blockOf({ Mint: { to: identifier(own), amount: { e8s: 4n } } }),
    ];
    const read = readIcpBlocksAnswer(answerOf({ blocks }), [own]);
    const common = { from: null, to: own, spender: null, memo: '0102', createdNs: 5n, atNs: 7n };
    expect(read).toEqual({
      logLength: 100n,
      isArchived: false,
      archive: null,
      blocks: [
        { ...common, index: 40n, kind: 'transfer', amount: 9n },
        { ...common, index: 41n, kind: 'mint', amount: 4n },
      ],
    });
    expect(readIcpBlocksAnswer(answerOf({ blocks }), [stranger])?.blocks[0]).toMatchObject({
      from: stranger,
      to: null,
    });
  });

  it('that move nothing, or lie in an archive, are told as such', () => {
    const approval = blockOf({ Burn: { from: identifier(own), spender: [], amount: { e8s: 4n } } });
    const none = { ...approval, transaction: { ...approval.transaction, operation: [] } };
    expect(readIcpBlocksAnswer(answerOf({ blocks: [approval, none] }), [own])?.blocks.map(({ kind }) => kind)).toEqual([
      'other',
      'other',
    ]);
    const callback = [Principal.anonymous(), 'get_blocks'];
    const archived = answerOf({ archived_blocks: [{ start: 0n, length: 40n, callback }] });
    expect(readIcpBlocksAnswer(archived, [own])).toMatchObject({ isArchived: true, blocks: [] });
  });

  it('of more money than there is hold no transfer', () => {
    const wide = IDL.Record({
      chain_length: IDL.Nat64,
      first_block_index: IDL.Nat64,
      blocks: IDL.Vec(
        IDL.Record({
          transaction: IDL.Record({
            operation: IDL.Opt(
              IDL.Variant({ Mint: IDL.Record({ to: Identifier, amount: IDL.Record({ e8s: IDL.Nat }) }) }),
            ),
          }),
        }),
      ),
    });
    const mint = { Mint: { to: identifier(own), amount: { e8s: 2n ** 200n } } };
    const answer = { chain_length: 1n, first_block_index: 0n, blocks: [{ transaction: { operation: [mint] } }] };
    const read = readIcpBlocksAnswer(new Uint8Array(IDL.encode([wide], [answer])), [own]);
    expect(read?.blocks).toMatchObject([{ kind: 'other', amount: 0n }]);
  });

  it('are none in what is no such answer', () => {
    for (const bytes of ['', '4449444c0000', bytesToHex(answerOf({})).slice(0, -2)])
      expect(readIcpBlocksAnswer(parseHex(bytes)!, [own])).toBeNull();
    expect(readIcpBlocksAnswer(new Uint8Array(IDL.encode([IDL.Text], ['no'])), [own])).toBeNull();
  });
});
