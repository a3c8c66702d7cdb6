// The ledger's Wasm on the replica: what crosses from Candid through the rules to state, certificate and back.
import { Cbor, Certificate, type HashTree, lookup_path, reconstruct } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { bytesToHex } from '@tamc/base/bytes';
import { AccountType } from '@tamc/protocol/account';
import {
  AllowanceArgsType,
  AllowanceType,
  MetadataType,
  StandardType,
  TransferArgType,
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
import { ConsentRequestType, ConsentResponseType } from '@tamc/protocol/icrc21-types';
import { parseLeb128 } from '@tamc/protocol/leb128';
import { hashValue, type Value } from '@tamc/shared/icrc/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCanister, encode, install, tryInstall } from '../harness/canisters.ts';
import { createTestWorld, secondNs, type TestWorld } from '../harness/world.ts';
import {
  type Account,
  accountOf,
  buildLedger,
  fee,
  initArgument,
  installLedger,
  type Ledger,
  type LedgerInit,
  ledgerAt,
  minter,
  person,
} from './harness.ts';

let world: TestWorld;
let wasm: Uint8Array;
beforeAll(async () => {
  // The public client compares the time of a certificate with the machine's.
  world = await createTestWorld({ virtualTime: true });
  wasm = await buildLedger();
});
afterAll(() => world.close());

const [alice, bob, carol] = [person(1), person(2), person(3)];
const units = 100_000_000n;
const rich = (more: LedgerInit = {}) =>
  installLedger(world.replica, wasm, { initial_balances: [[accountOf(alice), units]], ...more });

type CandidValue = { [kind: string]: unknown };

function toValue(candid: CandidValue): Value {
  const [kind, content] = Object.entries(candid)[0]!;
  if (kind === 'Map') {
    return { kind, entries: (content as [string, CandidValue][]).map(([key, item]) => [key, toValue(item)] as const) };
  }
  if (kind === 'Array') return { kind, items: (content as CandidValue[]).map(toValue) };
  if (kind === 'Blob') return { kind, bytes: Uint8Array.from(content as Uint8Array) };
  if (kind === 'Text') return { kind, text: content as string };
  return { kind: kind as 'Nat' | 'Int', value: content as bigint };
}

interface Blocks {
  log_length: bigint;
  blocks: { id: bigint; block: CandidValue }[];
  archived_blocks: unknown[];
}

const getBlocks = (ledger: Ledger, ...ranges: { start: bigint; length: bigint }[]) =>
  ledger.query<Blocks>('icrc3_get_blocks', [GetBlocksArgsType], [ranges], GetBlocksResultType);

describe('a ledger', () => {
  it('[icrc1.metadata] is what it was installed as', async () => {
    const ledger = await rich({ metadata: [['app:note', { Text: 'hello' }]] });
    const ask = (method: string, type: IDL.Type) => ledger.query(method, [], [], type);
    expect(await ask('icrc1_name', IDL.Text)).toBe('Test Token');
    expect(await ask('icrc1_symbol', IDL.Text)).toBe('XTKN');
    expect(await ask('icrc1_decimals', IDL.Nat8)).toBe(8);
    expect(await ask('icrc1_fee', IDL.Nat)).toBe(fee);
    expect(await ask('icrc1_total_supply', IDL.Nat)).toBe(units);
    expect(await ask('icrc1_minting_account', IDL.Opt(AccountType))).toEqual([minter]);
    expect(await ask('icrc1_metadata', MetadataType)).toEqual([
      ['icrc1:symbol', { Text: 'XTKN' }],
      ['icrc1:name', { Text: 'Test Token' }],
      ['icrc1:decimals', { Nat: 8n }],
      ['icrc1:fee', { Nat: fee }],
      ['icrc1:max_memo_length', { Nat: 32n }],
      ['app:note', { Text: 'hello' }],
    ]);
  });

  it('[icrc10.self] lists every standard it keeps, itself included, the same in both lists', async () => {
    const ledger = await rich();
    const ask = (method: string) =>
      ledger.query<{ name: string; url: string }[]>(method, [], [], IDL.Vec(StandardType));
    const listed = await ask('icrc10_supported_standards');
    expect(listed.map(({ name }) => name)).toEqual(['ICRC-1', 'ICRC-2', 'ICRC-3', 'ICRC-10', 'ICRC-21']);
    expect(listed).toContainEqual({ name: 'ICRC-1', url: 'https://github.com/dfinity/ICRC-1' });
    expect(listed).toContainEqual({ name: 'ICRC-10', url: 'https://github.com/dfinity/ICRCs/ICRC-10' });
    expect(await ask('icrc1_supported_standards')).toEqual(listed);
  });

  it('[icrc1.transfer] moves money for the caller, and tells the block', async () => {
    const ledger = await rich();
    expect(await ledger.transfer(alice, { to: accountOf(bob), amount: 10_000n })).toEqual({ Ok: 1n });
    expect(await ledger.balance(accountOf(bob))).toBe(10_000n);
    expect(await ledger.balance(accountOf(alice))).toBe(units - 10_000n - fee);
    expect(await ledger.transfer(minter.owner, { to: accountOf(bob), amount: 1n })).toEqual({ Ok: 2n });
    expect(await ledger.query('icrc1_total_supply', [], [], IDL.Nat)).toBe(units - fee + 1n);
  });

  it('[icrc1.errors] answers every error of ICRC-1 in Candid', async () => {
    const ledger = await rich();
    const now = world.replica.time.nowNs();
    const args = { to: accountOf(bob), amount: 1n };
    const transfer = (more: Record<string, unknown>, sender = alice) => ledger.transfer(sender, { ...args, ...more });
    expect(await transfer({ fee: [1n] })).toEqual({ Err: { BadFee: { expected_fee: fee } } });
    expect(await transfer({ to: minter })).toEqual({ Err: { BadBurn: { min_burn_amount: fee } } });
    expect(await transfer({}, carol)).toEqual({ Err: { InsufficientFunds: { balance: 0n } } });
    expect(await transfer({ amount: 2n ** 300n })).toEqual({ Err: { InsufficientFunds: { balance: units } } });
    expect(await transfer({ created_at_time: [0n] })).toEqual({ Err: { TooOld: null } });
    const future = { created_at_time: [now + 3_600n * secondNs] };
    expect(await transfer(future)).toMatchObject({ Err: { CreatedInFuture: {} } });
    expect(await transfer({ created_at_time: [now] })).toEqual({ Ok: 1n });
    expect(await transfer({ created_at_time: [now] })).toEqual({ Err: { Duplicate: { duplicate_of: 1n } } });
    expect(await transfer({ from_subaccount: [new Uint8Array(31)] })).toMatchObject({
      Err: { GenericError: { error_code: 1n } },
    });
    expect(await transfer({ memo: [new Uint8Array(33)] })).toMatchObject({ Err: { GenericError: { error_code: 2n } } });
    const itself = { to: { ...minter, subaccount: [new Uint8Array(32)] } };
    expect(await transfer(itself, minter.owner)).toMatchObject({ Err: { GenericError: { error_code: 3n } } });
  });

  it('[icrc2.flow] lets a spender spend what it was allowed, to the end of the allowance', async () => {
    const ledger = await rich();
    const pair = { account: accountOf(alice), spender: accountOf(bob) };
    const allowance = () => ledger.query('icrc2_allowance', [AllowanceArgsType], [pair], AllowanceType);
    expect(await allowance()).toEqual({ allowance: 0n, expires_at: [] });
    const max = 2n ** 64n - 1n;
    const approval = { spender: accountOf(bob), amount: 50_000n, expires_at: [max] };
    expect(await ledger.approve(alice, approval)).toEqual({ Ok: 1n });
    expect(await allowance()).toEqual({ allowance: 50_000n, expires_at: [max] });
    const args = { from: accountOf(alice), to: accountOf(carol), amount: 10_000n };
    expect(await ledger.transferFrom(bob, args)).toEqual({ Ok: 2n });
    expect(await ledger.balance(accountOf(carol))).toBe(10_000n);
    expect(await allowance()).toEqual({ allowance: 30_000n, expires_at: [max] });
    expect(await ledger.transferFrom(bob, { ...args, amount: 30_000n })).toEqual({
      Err: { InsufficientAllowance: { allowance: 30_000n } },
    });
    expect(await ledger.transferFrom(alice, args)).toEqual({ Ok: 3n });
    expect(await ledger.approve(alice, { ...approval, expected_allowance: [1n] })).toEqual({
      Err: { AllowanceChanged: { current_allowance: 30_000n } },
    });
    expect(await ledger.approve(alice, { ...approval, expires_at: [1n] })).toMatchObject({ Err: { Expired: {} } });
    expect(await ledger.approve(alice, { ...approval, spender: accountOf(alice) })).toMatchObject({
      Err: { GenericError: { error_code: 4n } },
    });
    expect(await ledger.approve(carol, { ...approval, fee: [fee] })).toEqual({ Ok: 4n });
    expect(await ledger.approve(carol, approval)).toEqual({ Ok: 5n });
    expect(await ledger.approve(carol, approval)).toEqual({ Err: { InsufficientFunds: { balance: 0n } } });
  });

  it('[icrc.huge] refuses an argument that is made to cost, and numbers that are too large, without harm', async () => {
    const ledger = await rich();
    const before = await ledger.stateHash();
    const args = { from_subaccount: [], to: accountOf(bob), amount: 1n, fee: [], created_at_time: [] };
    const arg = encode([TransferArgType], [{ ...args, memo: [new Uint8Array(5_000)] }]);
    const call = (bytes: Uint8Array) =>
      world.replica.call({ canister: ledger.canister, method: 'icrc1_transfer', arg: bytes, sender: alice.toText() });
    expect(await call(arg)).toMatchObject({ kind: 'rejected' });
    expect(await call(Uint8Array.of(1, 2, 3))).toMatchObject({ kind: 'rejected' });
    expect(await call(encode([IDL.Text], ['no']))).toMatchObject({ kind: 'rejected' });
    expect(await ledger.transfer(alice, { to: accountOf(bob), amount: 2n ** 10_000n })).toEqual({
      Err: { InsufficientFunds: { balance: units } },
    });
    expect(await ledger.approve(alice, { spender: accountOf(bob), amount: 1n, fee: [2n ** 1_000n] })).toEqual({
      Err: { BadFee: { expected_fee: fee } },
    });
    expect(await ledger.stateHash()).toEqual(before);
  });

  it('[icrc.candid] understands arguments whose types are written in another way', async () => {
    const ledger = await rich();
    // No optional field at all, and one that nobody knows.
    const type = IDL.Record({ to: IDL.Record({ owner: IDL.Principal }), amount: IDL.Nat, surprise: IDL.Text });
    const arg = encode([type], [{ to: { owner: bob }, amount: 7n, surprise: 'x' }]);
    const call = { canister: ledger.canister, method: 'icrc1_transfer', arg, sender: alice.toText() };
    expect(await world.replica.call(call)).toMatchObject({ kind: 'replied' });
    expect(await ledger.balance(accountOf(bob))).toBe(7n);
  });
});

describe('the block log', () => {
  it('[icrc3.chain] is a chain that a client checks from outside, up to a tip that the network certifies', async () => {
    const ledger = await rich();
    await ledger.transfer(alice, { to: accountOf(bob), amount: 10_000n, memo: [Uint8Array.of(1, 2)] });
    await ledger.approve(alice, { spender: accountOf(bob), amount: 2n ** 64n, expires_at: [2n ** 64n - 1n] });
    await ledger.transferFrom(bob, {
      from: accountOf(alice),
      to: accountOf(carol, new Uint8Array(32).fill(7)),
      amount: 5n,
    });
    await ledger.transfer(bob, { to: minter, amount: fee });
    const { last_block_index, last_block_hash } = await certifiedTip(ledger);
    const { log_length, blocks, archived_blocks } = await getBlocks(ledger, { start: 0n, length: 100n });
    expect([log_length, archived_blocks]).toEqual([5n, []]);
    expect(parseLeb128(last_block_index)).toBe(4n);
    let hash = '';
    for (const { block } of blocks) {
      const value = toValue(block);
      const parent = value.kind === 'Map' ? value.entries.find(([key]) => key === 'phash')?.[1] : undefined;
      expect(parent?.kind === 'Blob' ? bytesToHex(parent.bytes) : '').toBe(hash);
      hash = bytesToHex(hashValue(value));
    }
    expect(bytesToHex(last_block_hash)).toBe(hash);
  });

  it('[icrc3.block-types] holds no kind of block that is not listed, and has no archives', async () => {
    const ledger = await rich();
    const listed = await ledger.query<{ block_type: string }[]>('icrc3_supported_block_types', [], [], BlockTypesType);
    expect(listed.map(({ block_type }) => block_type).sort()).toEqual([
      '1burn',
      '1mint',
      '1xfer',
      '2approve',
      '2burn',
      '2xfer',
    ]);
    const archives = ledger.query('icrc3_get_archives', [GetArchivesArgsType], [{ from: [] }], GetArchivesResultType);
    expect(await archives).toEqual([]);
  });

  it('[icrc3.tip.none] has no tip before the first block', async () => {
    const ledger = await installLedger(world.replica, wasm);
    expect(await ledger.query('icrc3_get_tip_certificate', [], [], IDL.Opt(TipCertificateType))).toEqual([]);
    expect(await getBlocks(ledger, { start: 0n, length: 5n })).toEqual({
      log_length: 0n,
      blocks: [],
      archived_blocks: [],
    });
  });

  it('[icrc.history] tells an account its own blocks, newest first', async () => {
    const ledger = await rich();
    for (let i = 1n; i <= 5n; i++)
      await ledger.transfer(alice, { to: accountOf(i % 2n === 0n ? bob : carol), amount: i });
    const ask = (start: [] | [bigint], limit: number) =>
      ledger.query<{ blocks: { id: bigint; block: CandidValue }[]; next: [] | [bigint] }>(
        'account_history',
        [AccountHistoryArgsType],
        [{ account: accountOf(bob), start, limit }],
        AccountHistoryType,
      );
    const first = await ask([], 1);
    expect([first.blocks.map(({ id }) => id), first.next]).toEqual([[4n], [4n]]);
    const rest = await ask(first.next, 10);
    expect([rest.blocks.map(({ id }) => id), rest.next]).toEqual([[2n], []]);
    const [fourth] = (await getBlocks(ledger, { start: 4n, length: 1n })).blocks;
    expect(first.blocks[0]!.block).toEqual(fourth!.block);
    const asIndex = await ledger.query<{ Ok: { balance: bigint; transactions: unknown[]; oldest_tx_id: unknown } }>(
      'get_account_transactions',
      [AccountTransactionsArgsType],
      [{ account: accountOf(alice), start: [4n], max_results: 2n }],
      AccountTransactionsResultType,
    );
    expect(asIndex.Ok).toMatchObject({ oldest_tx_id: [0n], transactions: [{ id: 3n }, { id: 2n }] });
  });

  /** As a client of ICRC-3 does it: certificate by the network's key, its data by the tree, the tree's leaves. */
  async function certifiedTip(ledger: Ledger) {
    const type = IDL.Opt(TipCertificateType);
    const [tip] = await ledger.query<[{ certificate: Uint8Array; hash_tree: Uint8Array }]>(
      'icrc3_get_tip_certificate',
      [],
      [],
      type,
    );
    const canisterId = Principal.fromText(ledger.canister);
    const certificate = await Certificate.create({
      certificate: Uint8Array.from(tip.certificate),
      rootKey: world.replica.rootKey,
      canisterId,
    });
    const found = certificate.lookup_path(['canister', canisterId.toUint8Array(), 'certified_data']);
    const tree = Cbor.decode<HashTree>(Uint8Array.from(tip.hash_tree));
    expect('value' in found && bytesToHex(found.value as Uint8Array)).toBe(bytesToHex(await reconstruct(tree)));
    const leaf = (label: string) => {
      const { value } = lookup_path([label], tree) as { value: Uint8Array };
      return Uint8Array.from(value);
    };
    return { last_block_index: leaf('last_block_index'), last_block_hash: leaf('last_block_hash') };
  }
});

describe('a consent message', () => {
  const transferArg = (more: Record<string, unknown> = {}) =>
    encode(
      [TransferArgType],
      [
        {
          from_subaccount: [],
          to: accountOf(bob),
          amount: 123_450_000n,
          fee: [],
          memo: [],
          created_at_time: [],
          ...more,
        },
      ],
    );
  const ask = async (ledger: Ledger, method: string, arg: Uint8Array, device: [] | [object] = [], sender = alice) => {
    const metadata = { language: 'en', utc_offset_minutes: [] };
    const request = { method, arg, user_preferences: { metadata, device_spec: device } };
    const name = 'icrc21_canister_call_consent_message';
    return (await ledger.update(sender, name, [ConsentRequestType], [request], ConsentResponseType)) as {
      Ok: { consent_message: { GenericDisplayMessage: string } };
    };
  };

  it('[icrc21.generic] tells in Markdown what a transfer does', async () => {
    const ledger = await rich();
    const { Ok } = await ask(ledger, 'icrc1_transfer', transferArg({ memo: [Buffer.from('rent 7')] }));
    const text = Ok.consent_message.GenericDisplayMessage;
    for (const part of ['# Send XTKN', '1.2345 XTKN', '0.0001 XTKN', alice.toText(), bob.toText(), 'rent 7']) {
      expect(text).toContain(part);
    }
  });

  it('[icrc21.fields] tells it in fields for a small display', async () => {
    const ledger = await rich();
    const answer = await ask(ledger, 'icrc1_transfer', transferArg(), [{ FieldsDisplay: null }]);
    expect(answer).toEqual({
      Ok: {
        consent_message: {
          FieldsDisplayMessage: {
            intent: 'Send XTKN',
            fields: [
              ['Amount', { TokenAmount: { decimals: 8, amount: 123_450_000n, symbol: 'XTKN' } }],
              ['From', { Text: { content: alice.toText() } }],
              ['To', { Text: { content: bob.toText() } }],
              ['Fee', { TokenAmount: { decimals: 8, amount: fee, symbol: 'XTKN' } }],
            ],
          },
        },
        metadata: { language: 'en', utc_offset_minutes: [] },
      },
    });
  });

  it('[icrc21.anonymous] is given to anybody, and does not depend on the state', async () => {
    const ledger = await rich();
    const anonymous = Principal.anonymous();
    const first = await ask(ledger, 'icrc1_transfer', transferArg({ amount: 50n * units }), [], anonymous);
    expect(first.Ok.consent_message.GenericDisplayMessage).toContain('your account');
    await ledger.transfer(alice, { to: accountOf(bob), amount: units - fee });
    expect(await ask(ledger, 'icrc1_transfer', transferArg({ amount: 50n * units }), [], anonymous)).toEqual(first);
  });

  it('[icrc21.unsupported] is refused for a method or an argument that the ledger does not know', async () => {
    const ledger = await rich();
    for (const [method, arg] of [
      ['icrc1_balance_of', transferArg()],
      ['constructor', transferArg()],
      ['icrc1_transfer', Uint8Array.of(1, 2, 3)],
      ['icrc1_transfer', transferArg({ memo: [new Uint8Array(5_000)] })],
      ['icrc1_transfer', transferArg({ from_subaccount: [new Uint8Array(3)] })],
    ] as const) {
      expect(await ask(ledger, method, arg)).toMatchObject({ Err: { UnsupportedCanisterCall: {} } });
    }
  });
});

describe('an upgrade', () => {
  it('[ledger.upgrade] keeps everything, certifies again, and takes any argument', async () => {
    const ledger = await rich();
    const asked = { to: accountOf(bob), amount: 5n, created_at_time: [world.replica.time.nowNs()] };
    expect(await ledger.transfer(alice, asked)).toEqual({ Ok: 1n });
    await ledger.approve(alice, { spender: accountOf(bob), amount: 50_000n });
    const before = await ledger.stateHash();
    await install(world.replica, ledger.canister, wasm, 'upgrade');
    await install(world.replica, ledger.canister, wasm, 'upgrade', initArgument({ token_name: 'Other' }));
    expect(await ledger.stateHash()).toEqual(before);
    expect(await ledger.query('icrc1_name', [], [], IDL.Text)).toBe('Test Token');
    expect(await ledger.transfer(alice, asked)).toEqual({ Err: { Duplicate: { duplicate_of: 1n } } });
    expect(await ledger.transferFrom(bob, { from: accountOf(alice), to: accountOf(bob), amount: 5n })).toEqual({
      Ok: 3n,
    });
    const tip = ledger.query<unknown[]>('icrc3_get_tip_certificate', [], [], IDL.Opt(TipCertificateType));
    expect(await tip).toHaveLength(1);
  });

  it('[ledger.init] is refused with the name of the field when what it is told is wrong', async () => {
    const wrong: [LedgerInit & Record<string, unknown>, string][] = [
      [{ token_name: '' }, 'token_name'],
      [{ decimals: [200] }, 'decimals'],
      [{ transfer_fee: 2n ** 128n }, 'transfer_fee'],
      [{ fee_collector_account: [minter] }, 'fee_collector_account'],
      [{ max_memo_length: [8] }, 'max_memo_length'],
      [{ metadata: [['icrc1:fee', { Nat: 1n }]] }, 'metadata'],
      [{ metadata: [['nothing', { Nat: 1n }]] }, 'metadata'],
      [{ initial_balances: [[minter, 5n]] }, 'initial_balances'],
      [{ initial_balances: [[accountOf(alice, new Uint8Array(3)), 5n]] as [Account, bigint][] }, 'initial_balances'],
    ];
    const canister = await createCanister(world.replica);
    for (const [init, field] of wrong) {
      const answer = await tryInstall(world.replica, canister, wasm, 'install', initArgument(init));
      expect(answer.kind === 'rejected' && answer.message, field).toContain(field);
    }
    await install(world.replica, canister, wasm, 'install', initArgument());
    expect(await ledgerAt(world.replica, canister).balance(accountOf(alice))).toBe(0n);
  });

  it('[ledger.state-hash] is for controllers only', async () => {
    const ledger = await rich();
    const asked = world.replica.query({
      canister: ledger.canister,
      method: 'state_hash',
      arg: encode([], []),
      sender: alice.toText(),
    });
    expect(await asked).toMatchObject({ kind: 'rejected' });
  });
});
