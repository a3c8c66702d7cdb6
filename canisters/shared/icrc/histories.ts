// Random lives of a token, for tests: a few people, small amounts, times that move, repetitions; the same on rules and on Wasm.
import fc from 'fast-check';
import type { GivenAccount } from './account.ts';
import { accountOf, approve, fee, minter, startNs, transfer, transferFrom, zeros } from './token-for-tests.ts';
import type { Transaction } from './transaction.ts';

export interface Step {
  readonly transaction: Transaction;
  readonly nowNs: bigint;
}

const hourNs = 3_600_000_000_000n;

const people: readonly GivenAccount[] = [
  accountOf(1),
  { ...accountOf(1), subaccount: zeros },
  accountOf(1, 7),
  accountOf(2),
  accountOf(3),
  minter,
];
const anyone = fc.constantFrom(...people);
const amount = fc.oneof(
  fc.bigInt({ min: 0n, max: 5n * fee }),
  fc.constantFrom(0n, 1n, fee, fee - 1n, 2n ** 127n, 2n ** 128n, 2n ** 200n),
);
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 2 });
const asked = {
  amount,
  fee: fc.option(fc.constantFrom(fee, 0n, 1n), { nil: null, freq: 1 }),
  memo: orNull(fc.uint8Array({ maxLength: 34 })),
  /** In hours from the beginning; a few, so that they come again. */
  createdAt: orNull(fc.integer({ min: -2, max: 40 })),
};

const created = (hours: number | null) => (hours === null ? null : startNs + BigInt(hours) * hourNs);

const anyTransfer = fc
  .record({ from: anyone, to: anyone, spender: orNull(anyone), ...asked })
  .map((given): Transaction => {
    const { from, to, spender, createdAt, ...rest } = given;
    const more = { ...rest, createdAtNs: created(createdAt) };
    return spender === null
      ? transfer(from, to, rest.amount, more)
      : transferFrom(spender, from, to, rest.amount, more);
  });

const terms = { expected: orNull(amount), expires: orNull(fc.integer({ min: -1, max: 60 })) };
const anyApproval = fc.record({ from: anyone, spender: anyone, ...terms, ...asked }).map((given): Transaction => {
  const { from, spender, createdAt, expected, expires, ...rest } = given;
  const more = { ...rest, createdAtNs: created(createdAt), expectedAllowance: expected, expiresAtNs: created(expires) };
  return approve(from, spender, rest.amount, more);
});

const anyStep = fc.record({
  transaction: fc.oneof({ weight: 3, arbitrary: anyTransfer }, { weight: 1, arbitrary: anyApproval }),
  /** How much later than the step before. */
  pauseHours: fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 12 }) },
  ),
  /** Asks again what was asked this many steps before. */
  repeats: fc.option(fc.integer({ min: 1, max: 10 }), { nil: null, freq: 4 }),
});

export function anyHistory(maxLength: number): fc.Arbitrary<readonly Step[]> {
  return fc.array(anyStep, { minLength: 1, maxLength }).map((steps) => {
    let nowNs = startNs;
    const made: Step[] = [];
    for (const { transaction, pauseHours, repeats } of steps) {
      nowNs += BigInt(pauseHours) * hourNs;
      const again = repeats === null ? undefined : made[made.length - repeats]?.transaction;
      made.push({ transaction: again ?? transaction, nowNs });
    }
    return made;
  });
}
