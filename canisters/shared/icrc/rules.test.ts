// Every MUST and SHOULD of ICRC-1 and ICRC-2 that a rule decides, and every error there is. The names are stable.
import { bytesToHex } from '@tamc/base/bytes';
import { genericErrors, tokenLimits } from '@tamc/protocol/ledger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountKeyBytes } from './account.ts';
import { allowanceKey, balanceOf, readAllowance, readSummary } from './records.ts';
import {
  accountOf,
  alice,
  approve,
  bob,
  carol,
  createToken,
  fee,
  minter,
  secondNs,
  startNs,
  type Token,
  transfer,
  transferFrom,
  zeros,
} from './token-for-tests.ts';
import type { Transaction } from './transaction.ts';

const million = 1_000_000n;
const rich = (changed = {}) => createToken(changed, [[alice, million]]);
const balance = ({ tables }: Token, account = alice) => balanceOf(tables, account);
const supply = ({ tables }: Token) => readSummary(tables).supply;
const allowance = ({ tables }: Token, nowNs = startNs) => readAllowance(tables, alice, bob, nowNs);

/** The error, after checking that nothing changed. */
function refused(token: Token, transaction: Transaction, nowNs = startNs) {
  const before = bytesToHex(token.stateHash());
  const result = token.run(transaction, nowNs);
  expect(bytesToHex(token.stateHash())).toBe(before);
  return result.ok ? `block ${result.value}` : result.error;
}

const generic = (name: keyof typeof genericErrors) => {
  const { code, message } = genericErrors[name];
  return { GenericError: { error_code: code, message } };
};

describe('icrc1_transfer', () => {
  it('[icrc1.transfer] moves the amount and charges the sender the fee, which is burned', () => {
    const token = rich();
    expect(token.run(transfer(alice, bob, 5n))).toEqual({ ok: true, value: 1 });
    expect([balance(token), balance(token, bob), supply(token)]).toEqual([million - 5n - fee, 5n, million - fee]);
  });

  it('[icrc1.transfer.self] to oneself costs only the fee', () => {
    const token = rich();
    expect(token.run(transfer(alice, alice, 7n)).ok).toBe(true);
    expect(balance(token)).toBe(million - fee);
  });

  it('[icrc1.transfer.zero] of nothing is allowed and costs the fee', () => {
    const token = rich();
    expect(token.run(transfer(alice, bob, 0n)).ok).toBe(true);
    expect(balance(token)).toBe(million - fee);
  });

  it('[icrc1.subaccount.default] knows no subaccount and the one of zeros as the same account', () => {
    const token = rich();
    expect(token.run(transfer({ ...alice, subaccount: zeros }, { ...bob, subaccount: zeros }, 5n)).ok).toBe(true);
    expect(balance(token, bob)).toBe(5n);
    expect(balance(token, { ...bob, subaccount: zeros })).toBe(5n);
  });

  it('[icrc1.subaccount] keeps subaccounts apart', () => {
    const token = rich();
    expect(token.run(transfer(alice, accountOf(2, 9), 5n)).ok).toBe(true);
    expect([balance(token, bob), balance(token, accountOf(2, 9)), balance(token, accountOf(2, 8))]).toEqual([
      0n,
      5n,
      0n,
    ]);
  });

  it('[icrc1.transfer.bad-fee] refuses another fee than its own, and takes its own', () => {
    const token = rich();
    for (const wrong of [0n, fee - 1n, fee + 1n, 2n ** 200n]) {
      expect(refused(token, transfer(alice, bob, 5n, { fee: wrong }))).toEqual({ BadFee: { expected_fee: fee } });
    }
    expect(token.run(transfer(alice, bob, 5n, { fee })).ok).toBe(true);
  });

  it('[icrc1.transfer.insufficient-funds] tells the balance', () => {
    const token = rich();
    const error = { InsufficientFunds: { balance: million } };
    expect(refused(token, transfer(alice, bob, million - fee + 1n))).toEqual(error);
    expect(refused(token, transfer(alice, bob, 2n ** 128n))).toEqual(error);
    expect(refused(token, transfer(alice, bob, 2n ** 4000n))).toEqual(error);
    expect(refused(token, transfer(bob, alice, 0n))).toEqual({ InsufficientFunds: { balance: 0n } });
    expect(token.run(transfer(alice, bob, million - fee)).ok).toBe(true);
    expect(balance(token)).toBe(0n);
  });

  it('[icrc1.memo] takes 32 bytes, and refuses more than it says in its metadata', () => {
    const token = rich();
    expect(token.run(transfer(alice, bob, 5n, { memo: new Uint8Array(32) })).ok).toBe(true);
    expect(refused(token, transfer(alice, bob, 5n, { memo: new Uint8Array(33) }))).toEqual(generic('memoTooLong'));
  });

  it('[icrc1.fee-collector] gives fees to the collector where there is one', () => {
    const token = rich({ feeCollector: carol });
    expect(token.run(transfer(alice, bob, 5n)).ok).toBe(true);
    expect(token.run(approve(alice, bob, 5n)).ok).toBe(true);
    expect([balance(token, carol), supply(token)]).toEqual([2n * fee, million]);
    expect(token.run(transfer(carol, carol, 5n)).ok).toBe(true);
    expect(balance(token, carol)).toBe(2n * fee);
  });
});

describe('minting and burning', () => {
  it('[icrc1.mint] creates tokens without a fee', () => {
    const token = rich();
    expect(token.run(transfer(minter, bob, 5n)).ok).toBe(true);
    expect([balance(token, bob), balance(token, minter), supply(token)]).toEqual([5n, 0n, million + 5n]);
  });

  it('[icrc1.mint.fee] refuses a fee for minting and burning, but for zero', () => {
    const token = rich();
    const error = { BadFee: { expected_fee: 0n } };
    expect(refused(token, transfer(minter, bob, 5n, { fee }))).toEqual(error);
    expect(refused(token, transfer(alice, minter, fee, { fee }))).toEqual(error);
    expect(token.run(transfer(minter, bob, 5n, { fee: 0n })).ok).toBe(true);
    expect(token.run(transfer(alice, minter, fee, { fee: 0n })).ok).toBe(true);
  });

  it('[icrc1.mint.supply] never makes more than 16 bytes hold', () => {
    const token = rich();
    const most = tokenLimits.amountMax - million;
    for (const amount of [most + 1n, 2n ** 128n, 2n ** 300n]) {
      expect(refused(token, transfer(minter, bob, amount))).toEqual(generic('supplyLimit'));
    }
    expect(token.run(transfer(minter, bob, most)).ok).toBe(true);
    expect([balance(token, bob), supply(token)]).toEqual([most, tokenLimits.amountMax]);
  });

  it('[icrc1.burn] destroys tokens without a fee', () => {
    const token = rich();
    expect(token.run(transfer(alice, minter, fee)).ok).toBe(true);
    expect([balance(token), supply(token)]).toEqual([million - fee, million - fee]);
  });

  it('[icrc1.burn.bad-burn] refuses to burn less than a fee, unless it is all there is', () => {
    const token = rich();
    const error = { BadBurn: { min_burn_amount: fee } };
    expect(refused(token, transfer(alice, minter, fee - 1n))).toEqual(error);
    expect(refused(token, transfer(alice, minter, 0n))).toEqual(error);
    expect(token.run(transfer(alice, minter, million - 5n)).ok).toBe(true);
    expect(refused(token, transfer(alice, minter, 4n))).toEqual(error);
    expect(token.run(transfer(alice, minter, 5n)).ok).toBe(true);
    expect(supply(token)).toBe(0n);
    const free = rich({ fee: 0n });
    expect(refused(free, transfer(alice, minter, 0n))).toEqual({ BadBurn: { min_burn_amount: 1n } });
  });

  it('[icrc3.minting-to-itself] refuses when both accounts are the minting account', () => {
    const token = rich();
    expect(refused(token, transfer(minter, { ...minter, subaccount: zeros }, 5n))).toEqual(
      generic('mintingAccountToItself'),
    );
  });

  it('[icrc1.mint.owner] lets nobody else mint, not even another subaccount of the owner', () => {
    const token = rich();
    const error = { InsufficientFunds: { balance: 0n } };
    expect(refused(token, transfer({ ...minter, subaccount: zeros.map(() => 1) }, bob, 5n))).toEqual(error);
    expect(refused(token, transferFrom(alice, minter, bob, 5n))).toEqual({ InsufficientAllowance: { allowance: 0n } });
    expect(refused(token, transferFrom(alice, minter, bob, 0n))).toEqual(generic('mintingAccountApproves'));
    expect(token.run(transferFrom(minter, minter, bob, 5n)).ok).toBe(true);
  });
});

describe('deduplication', () => {
  const createdAtNs = startNs;
  const asked = transfer(alice, bob, 5n, { createdAtNs, memo: Uint8Array.of(1) });

  it('[icrc1.dedup.duplicate] tells the block of the first one, and does nothing', () => {
    const token = rich();
    expect(token.run(asked)).toEqual({ ok: true, value: 1 });
    expect(refused(token, asked)).toEqual({ Duplicate: { duplicate_of: 1n } });
    const lastNs = startNs + tokenLimits.windowNs + tokenLimits.driftNs;
    expect(refused(token, asked, lastNs)).toEqual({ Duplicate: { duplicate_of: 1n } });
  });

  it('[icrc1.dedup.broke] tells it also when the money is gone since', () => {
    const token = rich();
    const all = transfer(alice, bob, million - fee, { createdAtNs });
    expect(token.run(all)).toEqual({ ok: true, value: 1 });
    expect(refused(token, all)).toEqual({ Duplicate: { duplicate_of: 1n } });
  });

  it('[icrc1.dedup.off] does not deduplicate without a time of creation', () => {
    const token = rich();
    expect(token.run(transfer(alice, bob, 5n)).ok).toBe(true);
    expect(token.run(transfer(alice, bob, 5n))).toEqual({ ok: true, value: 2 });
  });

  const others: readonly (readonly [string, Transaction])[] = [
    ['another memo', { ...asked, memo: Uint8Array.of(2) }],
    ['no memo', { ...asked, memo: null }],
    ['an empty memo', { ...asked, memo: new Uint8Array(0) }],
    ['the fee given', { ...asked, fee }],
    ['another amount', { ...asked, amount: 6n }],
    ['another receiver', { ...asked, to: carol }],
    ['another time', { ...asked, createdAtNs: createdAtNs + 1n }],
    ['the default subaccount of the sender written out', { ...asked, from: { ...alice, subaccount: zeros } }],
    ['the default subaccount of the receiver written out', { ...asked, to: { ...bob, subaccount: zeros } }],
    ['another method', { ...asked, spender: alice }],
  ];
  it.each(others)('[icrc1.dedup.identity] takes it for another transaction with %s', (_, other) => {
    const token = rich();
    expect(token.run(asked)).toEqual({ ok: true, value: 1 });
    expect(token.run(other)).toEqual({ ok: true, value: 2 });
    expect(refused(token, other)).toEqual({ Duplicate: { duplicate_of: 2n } });
  });

  it('[icrc1.dedup.identity] sees the form of what mints, burns and approvals leave out of their block', () => {
    const token = rich();
    const written = { subaccount: zeros };
    const pairs: [Transaction, Transaction][] = [
      [transfer(minter, bob, 5n, { createdAtNs }), transfer(minter, bob, 5n, { createdAtNs, fee: 0n })],
      [transfer(minter, carol, 5n, { createdAtNs }), transfer({ ...minter, ...written }, carol, 5n, { createdAtNs })],
      [transfer(alice, minter, fee, { createdAtNs }), transfer(alice, { ...minter, ...written }, fee, { createdAtNs })],
      [approve(alice, bob, 5n, { createdAtNs }), approve(alice, { ...bob, ...written }, 5n, { createdAtNs })],
      [approve(alice, bob, 7n, { createdAtNs }), approve(alice, bob, 7n, { createdAtNs, expiresAtNs: 2n ** 64n - 1n })],
    ];
    for (const pair of pairs) {
      for (const one of pair) expect(token.run(one).ok).toBe(true);
      for (const one of pair) expect(refused(token, one)).toMatchObject({ Duplicate: {} });
    }
  });

  it('[icrc1.dedup.too-old] refuses what is older than window and drift', () => {
    const token = rich();
    const oldest = startNs - tokenLimits.windowNs - tokenLimits.driftNs;
    expect(refused(token, { ...asked, createdAtNs: oldest - 1n })).toEqual({ TooOld: null });
    expect(token.run({ ...asked, createdAtNs: oldest }).ok).toBe(true);
    expect(refused(token, { ...asked, createdAtNs: 0n })).toEqual({ TooOld: null });
  });

  it('[icrc1.dedup.created-in-future] refuses what is ahead of its clock by more than the drift, and tells its time', () => {
    const token = rich();
    const latest = startNs + tokenLimits.driftNs;
    const error = { CreatedInFuture: { ledger_time: startNs } };
    expect(refused(token, { ...asked, createdAtNs: latest + 1n })).toEqual(error);
    expect(refused(token, { ...asked, createdAtNs: 2n ** 64n - 1n })).toEqual(error);
    expect(token.run({ ...asked, createdAtNs: latest }).ok).toBe(true);
  });

  it('[icrc1.dedup.window] forgets a few old ones with each transaction, and none that can still be repeated', () => {
    const token = rich();
    for (let i = 0n; i < 6n; i++) expect(token.run({ ...asked, createdAtNs: startNs + i }).ok).toBe(true);
    const edge = startNs + tokenLimits.windowNs + 2n * tokenLimits.driftNs;
    expect(token.run(transfer(minter, alice, 1n), edge).ok).toBe(true);
    expect(readSummary(token.tables).remembered).toBe(6);
    const counts = Array.from({ length: 5 }, () => {
      expect(token.run(transfer(minter, alice, 1n), edge + 1n).ok).toBe(true);
      return readSummary(token.tables).remembered;
    });
    // The first block that is looked at is the mint of the beginning.
    expect(counts).toEqual([5, 3, 1, 0, 0]);
  });

  it('[icrc1.dedup.full] says to come again later when it remembers as many as it can', () => {
    const token = rich();
    const { summary } = token.tables;
    const full = summary.get().slice();
    if (full.length === 0) throw new Error('there is a block');
    new DataView(full.buffer).setUint32(68, tokenLimits.windowTransactionsMax + 1);
    summary.set(full);
    expect(refused(token, asked)).toEqual({ TemporarilyUnavailable: null });
    expect(token.run(transfer(alice, bob, 5n)).ok).toBe(true);
  });

  it('[icrc1.dedup.full] takes dated ones again by itself when the window of the oldest is over', () => {
    const token = rich();
    const { summary } = token.tables;
    const full = summary.get().slice();
    new DataView(full.buffer).setUint32(68, tokenLimits.windowTransactionsMax + 1);
    summary.set(full);
    const over = startNs + tokenLimits.windowNs + 2n * tokenLimits.driftNs;
    expect(refused(token, { ...asked, createdAtNs: over }, over)).toEqual({ TemporarilyUnavailable: null });
    expect(token.run({ ...asked, createdAtNs: over + 1n }, over + 1n).ok).toBe(true);
  });
});

describe('an allowance', () => {
  /** A subaccount that begins with another account, and a spender's that goes on with the rest: both read the same in one row. */
  function crafted() {
    const thief = { owner: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9, 1, 1), subaccount: null };
    const depositor = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7, 1, 1);
    const held = new Uint8Array(32);
    held.set([depositor.length, ...depositor]);
    const rest = new Uint8Array(32);
    rest.set(held.subarray(1 + depositor.length));
    rest.set([thief.owner.length, ...thief.owner], 32 - 1 - depositor.length);
    return { thief, heldFor: { owner: alice.owner, subaccount: held }, other: { owner: depositor, subaccount: rest } };
  }

  it('[icrc2.approve] on a subaccount is none on another account, however the subaccounts are chosen', () => {
    const { thief, heldFor, other } = crafted();
    const token = createToken({}, [
      [alice, million],
      [heldFor, million],
    ]);
    expect(token.run(approve(heldFor, thief, 900n)).ok).toBe(true);
    expect(readAllowance(token.tables, alice, other, startNs).amount).toBe(0n);
    expect(refused(token, transferFrom(other, alice, bob, 5n))).toEqual({ InsufficientAllowance: { allowance: 0n } });
    expect(token.run(approve(alice, other, 7n)).ok).toBe(true);
    expect(readAllowance(token.tables, heldFor, thief, startNs).amount).toBe(900n);
  });

  it('[icrc2.approve] of each pair of accounts has a key of its own', () => {
    const { thief, heldFor, other } = crafted();
    // Pieces of keys make the owners and subaccounts, so that one row could be cut in several ways.
    const piece = fc.constantFrom(0, 1, 2, 10, 29, 32, 33);
    const owner = fc.uint8Array({ maxLength: 3, max: 33 });
    const subaccount = fc.tuple(fc.array(piece, { maxLength: 4 }), piece).map(([head, fill]) => {
      const bytes = new Uint8Array(32).fill(fill);
      bytes.set(head);
      return bytes;
    });
    const account = fc.oneof(
      fc.constantFrom(alice, thief, heldFor, other),
      fc.record({ owner, subaccount: fc.option(subaccount) }),
    );
    const text = (one: typeof alice) => bytesToHex(accountKeyBytes(one));
    fc.assert(
      fc.property(fc.array(fc.tuple(account, account), { minLength: 2, maxLength: 40 }), (pairs) => {
        const wanted = new Set(pairs.map(([from, spender]) => `${text(from)} ${text(spender)}`));
        expect(new Set(pairs.map(([from, spender]) => bytesToHex(allowanceKey(from, spender)))).size).toBe(wanted.size);
      }),
    );
  });
});

describe('icrc2_approve', () => {
  it('[icrc2.approve] sets the allowance and its end, and costs the fee', () => {
    const token = rich();
    expect(token.run(approve(alice, bob, 50n, { expiresAtNs: startNs + 1n })).ok).toBe(true);
    expect(allowance(token)).toEqual({ amount: 50n, expiresAtNs: startNs + 1n });
    expect([balance(token), supply(token)]).toEqual([million - fee, million - fee]);
  });

  it('[icrc2.approve.resets] replaces both, whatever they were', () => {
    const token = rich();
    expect(token.run(approve(alice, bob, 50n, { expiresAtNs: startNs + 1n })).ok).toBe(true);
    expect(token.run(approve(alice, bob, 7n)).ok).toBe(true);
    expect(allowance(token)).toEqual({ amount: 7n, expiresAtNs: null });
    expect(token.run(approve(alice, bob, 0n)).ok).toBe(true);
    expect(allowance(token)).toEqual({ amount: 0n, expiresAtNs: null });
  });

  it('[icrc2.approve.more-than-balance] needs no more money than the fee', () => {
    const token = createToken({}, [[alice, fee]]);
    expect(token.run(approve(alice, bob, million)).ok).toBe(true);
    expect(balance(token)).toBe(0n);
    expect(refused(token, approve(alice, bob, 1n))).toEqual({ InsufficientFunds: { balance: 0n } });
  });

  it('[icrc2.approve.self] refuses the owner as spender, with any subaccount', () => {
    const token = rich();
    for (const spender of [alice, accountOf(1, 5)]) {
      expect(refused(token, approve(alice, spender, 5n))).toEqual(generic('selfApproval'));
    }
    expect(refused(token, approve(minter, bob, 5n))).toEqual(generic('mintingAccountApproves'));
  });

  it('[icrc2.approve.expected-allowance] changes only what is as expected', () => {
    const token = rich();
    expect(token.run(approve(alice, bob, 50n)).ok).toBe(true);
    const error = { AllowanceChanged: { current_allowance: 50n } };
    for (const expectedAllowance of [0n, 49n, 2n ** 300n]) {
      expect(refused(token, approve(alice, bob, 0n, { expectedAllowance }))).toEqual(error);
    }
    expect(token.run(approve(alice, bob, 0n, { expectedAllowance: 50n })).ok).toBe(true);
    expect(token.run(approve(alice, bob, 1n, { expectedAllowance: 0n })).ok).toBe(true);
  });

  it('[icrc2.approve.expired] refuses an end that is not in the future', () => {
    const token = rich();
    const error = { Expired: { ledger_time: startNs } };
    for (const expiresAtNs of [0n, startNs - 1n, startNs]) {
      expect(refused(token, approve(alice, bob, 5n, { expiresAtNs }))).toEqual(error);
    }
  });

  it('[icrc2.approve.expires-at-max] keeps the largest end exactly', () => {
    const token = rich();
    expect(token.run(approve(alice, bob, 5n, { expiresAtNs: 2n ** 64n - 1n })).ok).toBe(true);
    expect(allowance(token)).toEqual({ amount: 5n, expiresAtNs: 2n ** 64n - 1n });
  });

  it('[icrc2.approve.cap] takes more than there can ever be for all that there can be', () => {
    const token = rich();
    expect(token.run(approve(alice, bob, 2n ** 256n - 1n)).ok).toBe(true);
    expect(allowance(token).amount).toBe(tokenLimits.amountMax);
  });

  it('[icrc2.approve.bad-fee] refuses another fee', () => {
    expect(refused(rich(), approve(alice, bob, 5n, { fee: 1n }))).toEqual({ BadFee: { expected_fee: fee } });
  });

  it('[icrc2.approve.dedup] knows a repetition, also when the first one changed what was expected', () => {
    const token = rich();
    const asked = approve(alice, bob, 5n, { createdAtNs: startNs, expectedAllowance: 0n });
    expect(token.run(asked)).toEqual({ ok: true, value: 1 });
    expect(refused(token, asked)).toEqual({ Duplicate: { duplicate_of: 1n } });
    expect(refused(token, { ...asked, createdAtNs: 0n })).toEqual({ TooOld: null });
    expect(refused(token, { ...asked, createdAtNs: 2n ** 63n })).toEqual({ CreatedInFuture: { ledger_time: startNs } });
  });
});

describe('icrc2_transfer_from', () => {
  const allowed = (amount: bigint, more = {}) => {
    const token = rich();
    expect(token.run(approve(alice, bob, amount, more)).ok).toBe(true);
    return token;
  };

  it('[icrc2.transfer-from] takes amount and fee from account and allowance', () => {
    const token = allowed(100_000n);
    expect(token.run(transferFrom(bob, alice, carol, 5n))).toEqual({ ok: true, value: 2 });
    expect([balance(token), balance(token, bob), balance(token, carol)]).toEqual([million - 2n * fee - 5n, 0n, 5n]);
    expect(allowance(token).amount).toBe(100_000n - 5n - fee);
  });

  it('[icrc2.transfer-from.insufficient-allowance] refuses when amount and fee exceed it, and tells it', () => {
    const token = allowed(fee + 5n);
    expect(refused(token, transferFrom(bob, alice, carol, 6n))).toEqual({
      InsufficientAllowance: { allowance: fee + 5n },
    });
    expect(token.run(transferFrom(bob, alice, carol, 5n)).ok).toBe(true);
    expect(refused(token, transferFrom(bob, alice, carol, 0n))).toEqual({ InsufficientAllowance: { allowance: 0n } });
    expect(refused(token, transferFrom(carol, alice, carol, 0n))).toEqual({ InsufficientAllowance: { allowance: 0n } });
  });

  it('[icrc2.transfer-from.insufficient-funds] refuses when the account has less, and leaves the allowance', () => {
    const token = allowed(10n * million);
    const left = million - fee;
    expect(refused(token, transferFrom(bob, alice, carol, left))).toEqual({ InsufficientFunds: { balance: left } });
    expect(allowance(token).amount).toBe(10n * million);
  });

  it('[icrc2.transfer-from.expired] takes nothing under an allowance whose time is over', () => {
    const token = allowed(million, { expiresAtNs: startNs + secondNs });
    expect(token.run(transferFrom(bob, alice, carol, 1n), startNs + secondNs - 1n).ok).toBe(true);
    const error = { InsufficientAllowance: { allowance: 0n } };
    expect(refused(token, transferFrom(bob, alice, carol, 1n), startNs + secondNs)).toEqual(error);
    expect(allowance(token, startNs + secondNs)).toEqual({ amount: 0n, expiresAtNs: null });
    expect(allowance(token).expiresAtNs).toBe(startNs + secondNs);
  });

  it('[icrc2.transfer-from.own] needs no allowance for the own account, and uses none', () => {
    const token = rich();
    expect(token.run(transferFrom(alice, alice, carol, 5n)).ok).toBe(true);
    expect(token.run(transferFrom({ ...alice, subaccount: zeros }, alice, carol, 5n)).ok).toBe(true);
    const other = accountOf(1, 5);
    expect(refused(token, transferFrom(other, alice, carol, 5n))).toEqual({ InsufficientAllowance: { allowance: 0n } });
  });

  it('[icrc2.transfer-from.not-transitive] gives nobody what another was allowed', () => {
    const token = allowed(million);
    expect(token.run(transfer(minter, bob, million)).ok).toBe(true);
    expect(token.run(approve(bob, carol, million)).ok).toBe(true);
    expect(refused(token, transferFrom(carol, alice, carol, 5n))).toEqual({ InsufficientAllowance: { allowance: 0n } });
  });

  it("[icrc2.transfer-from.spender-subaccount] keeps the spender's subaccounts apart", () => {
    const token = allowed(million);
    const error = { InsufficientAllowance: { allowance: 0n } };
    expect(refused(token, transferFrom(accountOf(2, 7), alice, carol, 5n))).toEqual(error);
    expect(token.run(transferFrom({ ...bob, subaccount: zeros }, alice, carol, 5n)).ok).toBe(true);
  });

  it('[icrc2.transfer-from.burn] burns without a fee, and not too little', () => {
    const token = allowed(million);
    expect(refused(token, transferFrom(bob, alice, minter, 5n))).toEqual({ BadBurn: { min_burn_amount: fee } });
    expect(token.run(transferFrom(bob, alice, minter, fee)).ok).toBe(true);
    expect([allowance(token).amount, supply(token)]).toEqual([million - fee, million - 2n * fee]);
  });

  it('[icrc2.transfer-from.bad-fee] refuses another fee', () => {
    const token = allowed(million);
    expect(refused(token, transferFrom(bob, alice, carol, 5n, { fee: 0n }))).toEqual({ BadFee: { expected_fee: fee } });
  });

  it('[icrc2.transfer-from.dedup] knows a repetition also when the allowance is used up', () => {
    const token = allowed(fee + 5n);
    const asked = transferFrom(bob, alice, carol, 5n, { createdAtNs: startNs });
    expect(token.run(asked)).toEqual({ ok: true, value: 2 });
    expect(refused(token, asked)).toEqual({ Duplicate: { duplicate_of: 2n } });
  });
});
