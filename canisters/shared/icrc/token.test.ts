// Properties of a token over random lives, against a naive model that keeps balances and allowances in maps.
import { bytesToHex } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCertifiedTree } from '../certified/tree.ts';
import { accountKeyBytes, type GivenAccount, keyText, keyToGiven } from './account.ts';
import { bytesToStored, storedToValue } from './block.ts';
import { anyHistory, type Step } from './histories.ts';
import { accountHistory, entryOf, valueToGiven } from './history.ts';
import { blockToIndexed } from './indexed.ts';
import { readBlocks } from './range.ts';
import { balanceOf, readAllowance, readSummary } from './records.ts';
import { tipLeaves, tipRootHash } from './tip.ts';
import {
  accountOf,
  alice,
  approve,
  bob,
  carol,
  createToken,
  fee,
  minter,
  startNs,
  type Token,
  transfer,
} from './token-for-tests.ts';
import { hashValue, type Value } from './value.ts';

const rich: [GivenAccount, bigint][] = [
  [alice, 100n * fee],
  [bob, 20n * fee],
];
const withHistory = (check: (token: Token, steps: readonly Step[]) => void, changed = {}) =>
  fc.assert(
    fc.property(anyHistory(60), (steps) => {
      check(createToken(changed, rich), steps);
    }),
    { numRuns: 150 },
  );

const blocksOf = ({ tables }: Token): Value[] =>
  Array.from({ length: readSummary(tables).blocks }, (_, index) =>
    storedToValue(bytesToStored(tables.blocks.get(index)!)),
  );

const keyOf = (account: GivenAccount) => keyText(accountKeyBytes(account));
const natOf = (value: Value | null) => (value?.kind === 'Nat' ? value.value : null);

/** Balances, allowances and supply as the blocks alone tell them (ICRC-3, evaluation model). */
function replay(blocks: readonly Value[]) {
  const balances = new Map<string, bigint>();
  const allowances = new Map<string, bigint>();
  let supply = 0n;
  const add = (key: string, by: bigint) => balances.set(key, (balances.get(key) ?? 0n) + by);
  for (const block of blocks) {
    const tx = entryOf(block, 'tx');
    const key = (name: string, of = tx) => {
      const account = valueToGiven(entryOf(of, name));
      return account === null ? null : keyOf(account);
    };
    const operation = entryOf(tx, 'op');
    const [from, to, spender, collector] = [key('from'), key('to'), key('spender'), key('fee_col', block)];
    const amount = natOf(entryOf(tx, 'amt'))!;
    const charged = natOf(entryOf(block, 'fee')) ?? natOf(entryOf(tx, 'fee')) ?? 0n;
    const isApproval = operation?.kind === 'Text' && operation.text === 'approve';
    if (from !== null) add(from, -charged - (isApproval ? 0n : amount));
    if (to !== null) add(to, amount);
    if (collector !== null) add(collector, charged);
    supply += (to === null || isApproval ? 0n : amount) - (from === null || isApproval ? 0n : amount);
    if (collector === null) supply -= charged;
    if (isApproval) allowances.set(`${from}/${spender}`, amount);
    else if (spender !== null) {
      allowances.set(`${from}/${spender}`, allowances.get(`${from}/${spender}`)! - amount - charged);
    }
    expect(Math.min(...[...balances.values(), ...allowances.values()].map((left) => (left < 0n ? -1 : 0)))).toBe(0);
  }
  return { balances, allowances, supply };
}

function perform(token: Token, steps: readonly Step[]): void {
  for (const { transaction, nowNs } of steps) token.run(transaction, nowNs);
}

describe('a token', () => {
  it('[icrc.conservation] has as much on its accounts as was minted and neither burned nor spent on fees', () => {
    withHistory((token, steps) => {
      perform(token, steps);
      let [minted, gone] = [0n, 0n];
      for (const block of blocksOf(token)) {
        const tx = entryOf(block, 'tx');
        const operation = entryOf(tx, 'op');
        const amount = natOf(entryOf(tx, 'amt'))!;
        if (operation?.kind === 'Text' && operation.text === 'mint') minted += amount;
        if (operation?.kind === 'Text' && operation.text === 'burn') gone += amount;
        gone += natOf(entryOf(block, 'fee')) ?? natOf(entryOf(tx, 'fee')) ?? 0n;
      }
      const { supply } = readSummary(token.tables);
      const { balances } = replay(blocksOf(token));
      expect(supply).toBe(minted - gone);
      expect([...balances.keys()].reduce((sum, key) => sum + balanceOf(token.tables, keyed(key)), 0n)).toBe(supply);
    });
  });

  it.each([
    ['burned', {}],
    ['collected', { feeCollector: carol }],
  ])('[icrc3.replay] is told completely by its blocks, with fees %s; no allowance is ever exceeded', (_, changed) => {
    withHistory((token, steps) => {
      perform(token, steps);
      const { balances, allowances, supply } = replay(blocksOf(token));
      expect(supply).toBe(readSummary(token.tables).supply);
      for (const [key, amount] of balances) expect(balanceOf(token.tables, keyed(key))).toBe(amount);
      const lastNs = steps.at(-1)!.nowNs;
      for (const [pair, amount] of allowances) {
        const [from, spender] = pair.split('/') as [string, string];
        const kept = readAllowance(token.tables, keyed(from), keyed(spender), lastNs);
        expect([amount, 0n]).toContain(kept.amount);
      }
    }, changed);
  });

  it('[icrc.refusal] changes nothing when it refuses', () => {
    withHistory((token, steps) => {
      for (const { transaction, nowNs } of steps) {
        const before = bytesToHex(token.stateHash());
        const result = token.run(transaction, nowNs);
        if (!result.ok) expect(bytesToHex(token.stateHash())).toBe(before);
      }
    });
  });

  it('[icrc.exactly-once] does each dated transaction once, however often and whenever it is asked again', () => {
    withHistory((token, steps) => {
      const done = new Map<string, bigint>();
      for (const { transaction, nowNs } of steps) {
        for (let again = 0; again < 2; again++) {
          const identity = JSON.stringify(transaction, (_, item) => (typeof item === 'bigint' ? `${item}` : item));
          const known = transaction.createdAtNs === null ? undefined : done.get(identity);
          const result = token.run(transaction, nowNs);
          if (result.ok) {
            expect(known).toBeUndefined();
            done.set(identity, BigInt(result.value));
          } else if ('Duplicate' in result.error) expect(result.error.Duplicate.duplicate_of).toBe(known);
        }
      }
    });
  });

  it('[icrc3.chain] chains every block to the one before by its hash, up to the tip', () => {
    withHistory((token, steps) => {
      perform(token, steps);
      const blocks = blocksOf(token);
      expect(entryOf(blocks[0]!, 'phash')).toBeNull();
      for (const [i, block] of blocks.slice(1).entries()) {
        expect(entryOf(block, 'phash')).toEqual({ kind: 'Blob', bytes: hashValue(blocks[i]!) });
      }
      expect(readSummary(token.tables).tipHash).toEqual(hashValue(blocks.at(-1)!));
    });
  });

  it('[icrc3.tip] certifies the same root as the tree that witnesses are made from', () => {
    const token = createToken();
    expect(tipRootHash(token.tables)).toBeNull();
    for (let i = 0; i < 200; i++) token.run(transfer(minter, alice, 1n));
    expect(tipRootHash(token.tables)).toEqual(createCertifiedTree(tipLeaves(token.tables)).rootHash());
  });

  it('[icrc.history] tells every account its blocks, newest first, in pages of any size', () => {
    withHistory((token, steps) => {
      perform(token, steps);
      const blocks = blocksOf(token);
      for (const account of [alice, bob, carol, accountOf(1, 7)]) {
        const expected = blocks.flatMap((block, index) => (isPartyOf(block, account) ? [index] : [])).reverse();
        expect(pages(token, account, 100)).toEqual(expected);
        expect(pages(token, account, 1)).toEqual(expected);
        for (let before = 0; before <= blocks.length + 1; before++) {
          const { blocks: found } = accountHistory(token.tables, account, before, 100);
          expect(found.map(({ index }) => index)).toEqual(expected.filter((index) => index < before));
        }
      }
    });
  });
});

function keyed(text: string): GivenAccount {
  return keyToGiven(Uint8Array.from(text, (char) => char.charCodeAt(0)));
}

function isPartyOf(block: Value, account: GivenAccount): boolean {
  const tx = entryOf(block, 'tx');
  const parties = ['from', 'to'].map((name) => valueToGiven(entryOf(tx, name)));
  return parties.some((party) => party !== null && keyOf(party) === keyOf(account));
}

function pages({ tables }: Token, account: GivenAccount, limit: number): number[] {
  const found: number[] = [];
  for (let before: number | null = null; ; ) {
    const page = accountHistory(tables, account, before, limit);
    found.push(...page.blocks.map(({ index }) => index));
    if (page.next === null) return found;
    before = page.next;
  }
}

describe('ICRC-3 blocks', () => {
  const keysOf = (value: Value | null) => (value?.kind === 'Map' ? value.entries.map(([key]) => key) : []);
  const blockOf = (token: Token) => blocksOf(token).at(-1)!;

  it('[icrc3.block.given] show only what the caller gave, and the fee that was charged', () => {
    const token = createToken({}, rich);
    token.run(transfer(alice, bob, 5n));
    expect(keysOf(blockOf(token))).toEqual(['fee', 'phash', 'ts', 'tx']);
    expect(keysOf(entryOf(blockOf(token), 'tx'))).toEqual(['amt', 'from', 'op', 'to']);
    token.run(transfer(alice, bob, 5n, { fee, memo: Uint8Array.of(1), createdAtNs: startNs, spender: null }));
    expect(keysOf(blockOf(token))).toEqual(['phash', 'ts', 'tx']);
    expect(keysOf(entryOf(blockOf(token), 'tx'))).toEqual(['amt', 'fee', 'from', 'memo', 'op', 'to', 'ts']);
    token.run(approve(alice, bob, 5n, { expectedAllowance: 0n, expiresAtNs: startNs + 1n }));
    const approval = ['amt', 'expected_allowance', 'expires_at', 'from', 'op', 'spender'];
    expect(keysOf(entryOf(blockOf(token), 'tx'))).toEqual(approval);
  });

  it('[icrc3.block.mint-burn] have neither fee nor the minting account for mints and burns', () => {
    const token = createToken({}, rich);
    token.run(transfer(minter, bob, 5n, { fee: 0n }));
    expect(keysOf(entryOf(blockOf(token), 'tx'))).toEqual(['amt', 'op', 'to']);
    token.run(transfer(bob, minter, fee, { fee: 0n }));
    expect(keysOf(blockOf(token))).toEqual(['phash', 'ts', 'tx']);
    expect(keysOf(entryOf(blockOf(token), 'tx'))).toEqual(['amt', 'from', 'op']);
  });

  it('[icrc3.block.no-btype] carry no btype, as blocks of ICRC-1 and ICRC-2 must not', () => {
    const token = createToken({}, rich);
    expect(keysOf(blockOf(token))).not.toContain('btype');
  });

  it('[icrc3.block.account] write an account as it was given', () => {
    const token = createToken({}, rich);
    const zeros = new Uint8Array(32);
    token.run(transfer(alice, { ...bob, subaccount: zeros }, 5n));
    const tx = entryOf(blockOf(token), 'tx');
    const items = [
      { kind: 'Blob', bytes: bob.owner },
      { kind: 'Blob', bytes: zeros },
    ];
    expect(entryOf(tx, 'from')).toEqual({ kind: 'Array', items: [{ kind: 'Blob', bytes: alice.owner }] });
    expect(entryOf(tx, 'to')).toEqual({ kind: 'Array', items });
  });

  it('[icrc3.ranges] come by ranges, in the order asked, as many as fit; beyond the end there are none', () => {
    const token = createToken({}, rich);
    for (let i = 0; i < 10; i++) token.run(transfer(minter, alice, 1n));
    const ask = (...ranges: [bigint, bigint][]) =>
      readBlocks(
        token.tables,
        ranges.map(([start, length]) => ({ start, length })),
      ).map(({ index }) => index);
    expect(ask([0n, 3n], [10n, 5n], [2n, 1n])).toEqual([0, 1, 2, 10, 11, 2]);
    expect(ask([12n, 1n], [2n ** 200n, 1n], [3n, 0n])).toEqual([]);
    expect(ask([0n, 2n ** 200n])).toHaveLength(12);
    expect(ask(...Array.from({ length: 5_000 }, (): [bigint, bigint] => [0n, 12n]))).toHaveLength(1_000);
  });

  it('[icrc.indexed] read as the stock index canister tells them', () => {
    const token = createToken({}, rich);
    token.run(transfer(alice, bob, 5n, { memo: Uint8Array.of(9) }));
    expect(blockToIndexed(blockOf(token))).toMatchObject({
      kind: 'transfer',
      timestamp: startNs,
      transfer: [{ amount: 5n, fee: [fee], memo: [Uint8Array.of(9)], created_at_time: [], spender: [] }],
      mint: [],
    });
    token.run(approve(alice, bob, 5n, { expiresAtNs: startNs + 9n }));
    expect(blockToIndexed(blockOf(token))).toMatchObject({
      kind: 'approve',
      approve: [{ expires_at: [startNs + 9n] }],
    });
  });
});
