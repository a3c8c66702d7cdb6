// A machine that lives takes over what its registry has now: by its operator alone, from its registry alone, and without losing anything.
import { IDL } from '@dfinity/candid';
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import { computeTermsOfBirth } from '@tamc/protocol/compute';
import type { CandidComputeSource, CandidLedger } from '@tamc/protocol/identity';
import { hexToPrincipal, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { MoneyTermsType } from '@tamc/protocol/registry-candid';
import { walletLimits } from '@tamc/protocol/wallet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observeCycles, setCompute } from '../compute/rules.ts';
import { acceptOperation, approveUpgrade, offerOperation, prepareUpgrade } from '../identity/rules.ts';
import { registry } from '../test-machine.ts';
import { bookOf } from './books.ts';
import {
  canisterOf,
  createMoneyWorld,
  type Fault,
  home,
  type MoneyWorld,
  operator,
  second,
  secondNs,
  self,
  stranger,
} from './money-world.ts';
import { pay } from './pay.ts';
import { announceReceipt } from './receipts.ts';
import { takeMoneyTerms } from './take-terms.ts';
import { termsRefusal, termsReply } from './terms-view.ts';

const third = canisterOf(5);
const [desk, otherDesk] = [canisterOf(6), canisterOf(7)];
const ledgerTold = (id: PrincipalHex, symbol = 'NEW', decimals = 8): CandidLedger => {
  return { id: hexToPrincipal(id), symbol, decimals, fee: 10n };
};
const deskOf = (id: PrincipalHex): CandidComputeSource => ({ simulated_desk: { desk: hexToPrincipal(id) } });
const none: CandidComputeSource = { none: null };
const everything = [ledgerTold(home, 'USD', 6), ledgerTold(second, 'OTH', 2), ledgerTold(third)];

interface Told {
  readonly ledgers?: readonly CandidLedger[];
  readonly at?: PrincipalHex | null;
  readonly compute?: CandidComputeSource;
}

function tell(world: MoneyWorld, { ledgers = everything, at = home, compute = none }: Told = {}): void {
  const value = { ledgers, home_ledger: at === null ? [] : [hexToPrincipal(at)], compute };
  world.others.set(registry, (method) => {
    if (method !== 'money_terms') throw new Error(`no method ${method}`);
    return new Uint8Array(IDL.encode([MoneyTermsType], [value]));
  });
}

/** The code of what kept it from taking anything over, or what was left. */
function taken(world: MoneyWorld, fault: Fault = 'none'): string | readonly string[] {
  const subject = world.done(operator, takeMoneyTerms, undefined);
  world.deliver((id) => (id === subject ? fault : 'none'));
  const refusal = termsRefusal(world.tables, subject);
  return refusal?.message ?? termsReply(world.tables).left.map(({ code }) => code);
}

const symbols = ({ tables }: MoneyWorld) => tables.ledgers.get().map(({ symbol }) => symbol);
const sourceOf = ({ tables }: MoneyWorld) => tables.computeSource.get();
const born = (compute: CandidComputeSource = none) => createMoneyWorld({ compute });

describe('taking over the terms of the registry', () => {
  it('gives a machine the ledgers that came after its birth, and leaves those that it has as they are', () => {
    const world = born();
    const block = world.ledger(home).mint(world.machineAccount(), 1_000n);
    world.done(operator, announceReceipt, { ledger: home, block });
    world.deliver(() => 'none');
    const before = world.tables.ledgers.get();
    tell(world, { ledgers: [...everything.slice(0, 1), ledgerTold(third)] });
    const announce = { ledger: third, block: 0n };
    expect(world.refused(operator, announceReceipt, announce)).toBe('LedgerUnknown');
    expect(taken(world)).toEqual([]);
    // The second one has retired: money may lie there, so it stays.
    expect(world.tables.ledgers.get().slice(0, 2)).toEqual(before);
    expect(world.tables.ledgers.get()[2]).toMatchObject({ id: third, symbol: 'NEW', decimals: 8, isHome: false });
    expect(bookOf(world.tables, home, 'main').booked).toBe(1_000n);
    expect(world.done(operator, announceReceipt, announce)).toBe('receipt/1');
    const to = accountToCandid(accountOf(stranger));
    const payment = { commandId: 'a', ledger: third, to, amount: 1n, purpose: 'x' };
    expect(world.refused(operator, pay, payment)).toBe('FundsMissing');
  });

  it('changes nothing the second time', () => {
    const world = born();
    tell(world, { compute: deskOf(desk) });
    expect(taken(world)).toEqual([]);
    const [ledgers, source] = [world.tables.ledgers.get(), sourceOf(world)];
    expect(taken(world)).toEqual([]);
    expect([world.tables.ledgers.get(), sourceOf(world)]).toEqual([ledgers, source]);
    expect(termsReply(world.tables).ledgers).toEqual([]);
  });

  it('is wanted by the operator alone, and not while an upgrade is prepared', () => {
    const world = born();
    for (const who of [stranger, registry, self])
      expect(world.refused(who, takeMoneyTerms, undefined)).toBe('NotOperator');
    const hash = new Uint8Array(32).fill(7);
    world.done(operator, approveUpgrade, hash);
    world.done(registry, prepareUpgrade, hash);
    expect(world.refused(operator, takeMoneyTerms, undefined)).toBe('UpgradeUnderWay');
  });

  it('is not done for an operator who has gone before the answer came', () => {
    const world = born();
    tell(world);
    const subject = world.done(operator, takeMoneyTerms, undefined);
    world.deliver((id) => (id === subject ? 'late' : 'none'));
    world.done(operator, offerOperation, stranger);
    world.done(stranger, acceptOperation, undefined);
    world.arrive();
    expect(termsRefusal(world.tables, subject)).toMatchObject({ code: 'TermsNotTold', message: /operates it no more/ });
    expect(symbols(world)).toEqual(['USD', 'OTH']);
  });

  it('is done by the last asking alone: what another one is told late counts no more', () => {
    const world = born();
    tell(world, { ledgers: [ledgerTold(home), ledgerTold(third, 'OLD')] });
    const first = world.done(operator, takeMoneyTerms, undefined);
    world.deliver(() => 'late');
    tell(world, { ledgers: [ledgerTold(home), ledgerTold(third, 'NOW')] });
    expect(taken(world)).toEqual([]);
    world.arrive();
    expect(symbols(world)).toEqual(['USD', 'OTH', 'NOW']);
    expect(termsRefusal(world.tables, first)).toMatchObject({ code: 'TermsNotTold' });
  });

  it.each([
    ['unreachable', /does not tell its terms: not delivered/],
    ['trapped', /does not tell its terms: trapped/],
    ['malformed', /holds no terms/],
    ['lost', /gave no answer/],
    ['silent', /has not answered yet/],
  ] as const)('says why nothing was taken from a registry that is %s, and can be wanted again', (fault, reason) => {
    const world = born();
    tell(world);
    expect(taken(world, fault)).toBe(taken(world, fault));
    const subject = world.done(operator, takeMoneyTerms, undefined);
    world.deliver(() => fault);
    world.deliver(() => 'none');
    expect(termsRefusal(world.tables, subject)?.message).toMatch(reason);
    expect(symbols(world)).toEqual(['USD', 'OTH']);
    expect(taken(world)).toEqual([]);
    expect(symbols(world)).toEqual(['USD', 'OTH', 'NEW']);
  });

  it.each<readonly [string, Told]>([
    ['no ledgers', { ledgers: [] }],
    ['one ledger twice', { ledgers: [...everything, ledgerTold(third)] }],
    ['no home ledger', { at: null }],
    ['a home ledger that is none of them', { at: canisterOf(9) }],
    ['a symbol without end', { ledgers: [...everything, ledgerTold(canisterOf(9), 'X'.repeat(17))] }],
    ['more decimals than there are', { ledgers: [...everything, ledgerTold(canisterOf(9), 'X', 25)] }],
    [
      'a seller who is paid on an unknown ledger',
      { compute: { minting_canister: { cmc: hexToPrincipal(desk), icp_ledger: hexToPrincipal(canisterOf(9)) } } },
    ],
  ])('takes nothing of terms with %s', (_, told) => {
    const world = born();
    tell(world, told);
    expect(taken(world)).toMatch(/must be|no terms/);
    expect(symbols(world)).toEqual(['USD', 'OTH']);
  });

  it('takes no more ledgers than a machine has room for, that of the seller first, and says which it left', () => {
    const world = born();
    const { ledgersMax } = walletLimits;
    const added = Array.from({ length: ledgersMax }, (_, i) => ledgerTold(canisterOf(20 + i), `L${i}`));
    const last = added.at(-1)!.id;
    const compute = { minting_canister: { cmc: hexToPrincipal(desk), icp_ledger: last } };
    tell(world, { ledgers: [ledgerTold(home), ...added], compute });
    expect(taken(world)).toEqual(['LedgersFull', 'LedgersFull']);
    expect(world.tables.ledgers.get()).toHaveLength(ledgersMax);
    expect(sourceOf(world)).toMatchObject({ kind: 'mintingCanister', ledger: canisterOf(19 + ledgersMax) });
    const [left] = termsReply(world.tables).left;
    expect(left?.message).toContain(`${principalToText(canisterOf(17 + ledgersMax))} (L5)`);
    expect(left?.next_step).toMatch(/one of: USD, OTH, L7, L0, /);
  });
});

describe('the seller of cycles among the terms', () => {
  it('fills the reserve of a machine that was born without one, by terms that work', () => {
    const world = born();
    world.done(operator, setCompute, { target: 0n, topUpAmount: 0n, lowCycles: 9n, floorCycles: 1n });
    tell(world, { compute: deskOf(desk) });
    expect(taken(world)).toEqual([]);
    expect(sourceOf(world)).toEqual({ kind: 'simulatedDesk', desk, ledger: home });
    expect(world.tables.computeTerms.get()).toEqual({ ...computeTermsOfBirth(6), lowCycles: 9n, floorCycles: 1n });
  });

  it('is another one on the same ledger, and what was set and set aside for it stays', () => {
    const world = withReserve(5_000n);
    const terms = world.tables.computeTerms.get();
    tell(world, { compute: deskOf(otherDesk) });
    expect(taken(world)).toEqual([]);
    expect(sourceOf(world)).toMatchObject({ desk: otherDesk });
    expect(world.tables.computeTerms.get()).toEqual(terms);
    expect(bookOf(world.tables, home, 'compute').booked).toBe(5_000n);
  });

  it('is left for one on another ledger while the reserve holds money, and taken when it is spent', () => {
    const world = withReserve(600n);
    const minting = { minting_canister: { cmc: hexToPrincipal(otherDesk), icp_ledger: hexToPrincipal(second) } };
    tell(world, { compute: minting });
    expect(taken(world)).toEqual(['ReserveHeld']);
    expect(sourceOf(world)).toMatchObject({ desk });
    world.done(operator, setCompute, { target: 0n, topUpAmount: 590n, lowCycles: 900n, floorCycles: 1n });
    world.others.set(desk, () => Uint8Array.of(1));
    world.done(self, observeCycles, 500n);
    world.deliver(() => 'none');
    world.deliver(() => 'none');
    world.deliver(() => 'none');
    // Paid, and not delivered yet: it is the present seller who must be asked.
    expect(taken(world)).toEqual(['TopUpUnderWay']);
    expect(symbols(world)).toContain('NEW');
    world.others.set(desk, deliversCycles);
    world.settle(undefined, 600n * secondNs);
    expect(taken(world)).toEqual([]);
    expect(sourceOf(world)).toEqual({ kind: 'mintingCanister', cmc: otherDesk, ledger: second });
    expect(world.tables.computeTerms.get()).toMatchObject({
      ...computeTermsOfBirth(2),
      lowCycles: 900n,
      floorCycles: 1n,
    });
  });

  it('on another ledger gives back what was earmarked on the one before', () => {
    const world = withReserve(0n);
    world.tables.computeState.set({ ...world.tables.computeState.get(), earmarked: 30n });
    tell(world, { compute: none });
    expect(taken(world)).toEqual([]);
    expect(world.tables.computeState.get().earmarked).toBe(0n);
  });
});

const Delivered = IDL.Variant({ Ok: IDL.Record({ cycles: IDL.Nat }), Err: IDL.Empty });
const deliversCycles = () => new Uint8Array(IDL.encode([Delivered], [{ Ok: { cycles: 9n } }]));

function withReserve(amount: bigint): MoneyWorld {
  const world = born(deskOf(desk));
  world.done(operator, setCompute, { target: 700n, topUpAmount: 100n, lowCycles: 0n, floorCycles: 0n });
  if (amount === 0n) return world;
  const block = world.ledger(home).mint(world.machineAccount('compute'), amount);
  world.done(operator, announceReceipt, { ledger: home, block });
  world.deliver(() => 'none');
  return world;
}

it('whatever terms are told in whatever order, ledgers only come, and what is earmarked and bought is on the ledger of the seller', () => {
  const ids = [home, second, third, canisterOf(8)];
  const told = fc.record({
    ledgers: fc.subarray(ids, { minLength: 1 }),
    seller: fc.constantFrom('none', 'desk', 'otherDesk', 'minting'),
    paid: fc.nat({ max: 3 }),
    money: fc.bigInt({ min: 0n, max: 3_000n }),
    fault: fc.constantFrom<Fault>('none', 'none', 'lost', 'late', 'malformed'),
  });
  fc.assert(
    fc.property(fc.array(told, { maxLength: 8 }), (steps) => {
      const world = born(deskOf(desk));
      for (const { ledgers, seller, paid, money, fault } of steps) {
        const [at] = ledgers;
        const icp_ledger = hexToPrincipal(ledgers[paid % ledgers.length]!);
        const compute = {
          none,
          desk: deskOf(desk),
          otherDesk: deskOf(otherDesk),
          minting: { minting_canister: { cmc: hexToPrincipal(desk), icp_ledger } },
        }[seller]!;
        tell(world, { ledgers: ledgers.map((id) => ledgerTold(id)), at: at!, compute });
        const before = world.tables.ledgers.get();
        const subject = world.done(operator, takeMoneyTerms, undefined);
        world.deliver((id) => (id === subject ? fault : 'none'));
        if (fault === 'late') world.arrive();
        expect(world.tables.ledgers.get().slice(0, before.length)).toEqual(before);
        const source = sourceOf(world);
        if (source.kind === 'none') continue;
        const on = source.ledger;
        expect(world.tables.ledgers.get().map(({ id }) => id)).toContain(on);
        if (on !== home && on !== second) continue;
        const block = world.ledger(on).mint(world.machineAccount('compute'), money + 1n);
        world.done(operator, announceReceipt, { ledger: on, block });
        world.deliver(() => 'none');
        const reserves = [home, second].map((id) => bookOf(world.tables, id, 'compute').booked);
        // Money that nobody could spend any more would lie in the reserve of a ledger where nothing is bought.
        const strayed = reserves.filter((booked, i) => booked > 10n && [home, second][i] !== on);
        expect(strayed).toEqual([]);
      }
    }),
    { numRuns: 100 },
  );
});
