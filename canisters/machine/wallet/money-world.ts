// A machine and model ledgers in Node's memory for tests of money: calls of the outbox are carried out one by one, each with a
// fault if the test wants one, and after every step everything that must always hold is checked.

import type { Result } from '@tamc/base/result';
import { bytesToHexQuickly } from '@tamc/base/utf8';
import { accountOf } from '@tamc/protocol/account';
import type { MachineInit } from '@tamc/protocol/identity';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { type Purse, purses, purseToAccount } from '@tamc/protocol/purse';
import type { Refusal } from '@tamc/protocol/refusal';
import { openCanister } from '@tamc/shared/canister';
import type { CallOutcome } from '@tamc/shared/rule';
import { dueCalls, loseAllAttempts, loseAttempt, markSent, nextDueNs, settleAttempt } from '@tamc/shared/saga/outbox';
import { createMemoryStore, stateHash } from '@tamc/shared/tables/index';
import { giveBirth } from '../identity/birth.ts';
import { type MachineRule, machineDefinition, nextWakeNs, notices } from '../machine.ts';
import * as people from '../test-machine.ts';
import { noteUpgrade } from '../upgrade.ts';
import { isRunning } from '../use/ended.ts';
import { bookOf } from './books.ts';
import { createModelLedger, type ModelLedger } from './model-ledger.ts';

export const { self, operator, delegate, stranger, deviceKey, keyOf, canisterOf, secondNs, dayNs } = people;
export const [home, second] = [canisterOf(3), canisterOf(4)];
export const homeFee = 10n;
/** Who pays its account on the home ledger burns. */
export const minter = people.keyOf('minter');

/**
 * What happens to one attempt of a call. `lost`: executed, and the reply never comes. `trapped`: not executed, rejected. `late`:
 * executed, and answered when the test says so. `delayed`: executed and answered only then.
 */
export type Fault = 'none' | 'lost' | 'trapped' | 'unreachable' | 'malformed' | 'silent' | 'late' | 'delayed';

const init: MachineInit = {
  ...people.init,
  ledgers: [
    { id: hexToPrincipal(home), symbol: 'USD', decimals: 6, fee: homeFee },
    { id: hexToPrincipal(second), symbol: 'OTH', decimals: 2, fee: 1n },
  ],
  home_ledger: hexToPrincipal(home),
};

export type OtherCanister = (method: string, argument: Uint8Array, caller: PrincipalHex) => Uint8Array;

export type MoneyWorld = ReturnType<typeof createMoneyWorld>;

export function createMoneyWorld(given: Partial<MachineInit> = {}) {
  const store = createMemoryStore();
  const canister = openCanister(machineDefinition, store);
  const { tables } = canister;
  const ledgers = new Map<PrincipalHex, ModelLedger>([
    [home, createModelLedger({ fee: homeFee, minting: accountOf(minter) })],
    [second, createModelLedger({ fee: 1n })],
  ]);
  const others = new Map<PrincipalHex, OtherCanister>();
  const underWay: { readonly id: string; readonly serial: number; readonly arrive: () => CallOutcome }[] = [];
  let nowNs = people.startNs;
  const contextOf = (caller: PrincipalHex) => ({ self, caller, nowNs });

  function perform<C, R>(caller: PrincipalHex, rule: MachineRule<C, R>, command: C): Result<R, Refusal> {
    const done = canister.update(contextOf(caller), rule, command);
    return done.ok ? { ok: true, value: done.value.reply } : done;
  }

  function notice(): void {
    for (const rule of notices) {
      const noticed = perform(self, rule, null);
      if (!noticed.ok) throw new Error(`a notice was refused: ${noticed.error.message}`);
    }
  }

  function act<C, R>(caller: PrincipalHex, rule: MachineRule<C, R>, command: C): Result<R, Refusal> {
    notice();
    const before = bytesToHexQuickly(stateHash(store));
    const result = perform(caller, rule, command);
    const isChanged = bytesToHexQuickly(stateHash(store)) !== before;
    if (!result.ok && isChanged) throw new Error(`the refusal ${result.error.code} changed the state`);
    check();
    return result;
  }

  function execute(callee: PrincipalHex, method: string, argument: Uint8Array): CallOutcome {
    const ledger = ledgers.get(callee);
    const other = others.get(callee);
    try {
      if (ledger !== undefined) return { kind: 'replied', bytes: ledger.call(self, method, argument, nowNs) };
      if (other !== undefined) return { kind: 'replied', bytes: other(method, argument, self) };
    } catch (error) {
      return { kind: 'rejected', code: 5, message: String(error) };
    }
    return { kind: 'rejected', code: 3, message: 'no such canister' };
  }

  /** Sends what is due; false when nothing is. */
  function deliver(faultOf: (id: string) => Fault): boolean {
    notice();
    const due = dueCalls(tables, nowNs, 50);
    for (const { id, entry } of due) {
      if (entry.state === 'answered') {
        take(id, entry.outcome!);
        continue;
      }
      markSent(tables, id, nowNs);
      const { callee, method, argument, serial } = tables.outbox.get(id)!;
      const fault = faultOf(id);
      const run = () => execute(callee, method, argument);
      const outcome = outcomeOf(fault, run);
      check();
      if (fault === 'delayed') underWay.push({ id, serial, arrive: run });
      else if (outcome === 'lost') loseAttempt(tables, { id, serial }, nowNs);
      else if (outcome !== 'silent' && fault === 'late') underWay.push({ id, serial, arrive: () => outcome });
      else if (outcome !== 'silent') receive({ id, serial }, outcome);
      check();
    }
    return due.length > 0;
  }

  function receive(attempt: { readonly id: string; readonly serial: number }, outcome: CallOutcome): void {
    if (outcome.kind === 'unknown') return;
    const settled = settleAttempt(tables, attempt, outcome, nowNs);
    if (settled !== null) take(attempt.id, settled);
  }

  /** The oldest of what is under way arrives; false when nothing is. */
  function arrive(): boolean {
    const attempt = underWay.shift();
    if (attempt === undefined) return false;
    const outcome = attempt.arrive();
    check();
    receive(attempt, outcome);
    check();
    return true;
  }

  /** Other code takes the place of this one: what is under way arrives, in its order, and nobody hears the answers any more. */
  function upgrade(): void {
    for (const { arrive } of underWay.splice(0)) arrive();
    loseAllAttempts(tables, nowNs);
    perform(self, noteUpgrade, null);
    check();
  }

  function take(id: string, outcome: CallOutcome): void {
    const taken = canister.takeOutcome(contextOf(self), id, outcome);
    if (!taken.ok) throw taken.error;
  }

  const ledgerOf = (id: PrincipalHex) => ledgers.get(id)!;

  /** What must hold at every moment. */
  function check(): void {
    for (const id of ledgers.keys()) for (const purse of purses) checkBook(id, purse);
    for (const id of ledgers.keys()) {
      const held = sum(
        tables.openOrders.get().map(({ order }) => {
          const { terms, ...rest } = tables.orders.get(order)!;
          return terms.ledger === id && isRunning({ terms, ...rest }) ? terms.hold : 0n;
        }),
      );
      const inEscrow = ledgerOf(id).balanceOf(purseToAccount(self, 'escrow'));
      if (inEscrow < held) throw new Error(`open orders hold ${held} and in escrow are ${inEscrow}`);
      checkEscrow(id);
    }
  }

  /** Exactly what open orders hold, and what of it is not yet moved, is booked. */
  function checkEscrow(id: PrincipalHex): void {
    const left = tables.openOrders.get().map(({ order }) => {
      const { terms, held, ended, capture, refund } = tables.orders.get(order)!;
      if (terms.ledger !== id || held === null) return 0n;
      if (ended === null) return terms.hold;
      return sum([capture, refund].map((part) => (part === null || part.paid !== null ? 0n : part.total)));
    });
    const { booked } = bookOf(tables, id, 'escrow');
    if (booked !== sum(left)) throw new Error(`open orders hold ${sum(left)} and in escrow are booked ${booked}`);
  }

  function checkBook(id: PrincipalHex, purse: Purse): void {
    const { booked, carried, reserved } = bookOf(tables, id, purse);
    const { statement } = tables;
    const numbers = Array.from({ length: statement.end() - statement.first() }, (_, i) => statement.first() + i);
    const entries = numbers.map((number) => statement.get(number)!);
    const own = entries.filter((entry) => entry.ledger === id && entry.purse === purse);
    const total = carried + sum(own.map(({ change }) => change));
    if (total !== booked) throw new Error(`${purse}: booked ${booked}, the statement sums to ${total}`);
    if (reserved < 0n || reserved > booked) throw new Error(`${purse}: reserved ${reserved} of ${booked}`);
  }

  const world = {
    tables,
    ledger: ledgerOf,
    others,
    now: () => nowNs,
    pass: (durationNs: bigint) => {
      nowNs += durationNs;
    },
    setTime: (timeNs: bigint) => {
      nowNs = timeNs;
    },
    act,
    done: <C, R>(caller: PrincipalHex, rule: MachineRule<C, R>, command: C): R => {
      const result = act(caller, rule, command);
      if (!result.ok) throw new Error(`refused: ${result.error.code}: ${result.error.message}`);
      return result.value;
    },
    refused: <C, R>(caller: PrincipalHex, rule: MachineRule<C, R>, command: C): string => {
      const result = act(caller, rule, command);
      if (result.ok) throw new Error('done, although a refusal was expected');
      return result.error.code;
    },
    deliver,
    arrive,
    upgrade,
    /** Until nothing is due any more, letting time pass where something waits, at most for so long. */
    settle: (faultOf: (id: string) => Fault = () => 'none', forNs: bigint = 3_600n * secondNs): void => {
      const endNs = nowNs + forNs;
      for (let steps = 0; steps < 5_000; steps++) {
        if (deliver(faultOf)) continue;
        const times = [nextDueNs(tables), nextWakeNs(tables, nowNs)].flatMap((time) => time ?? []);
        const next = times.reduce((least, time) => (time < least ? time : least), endNs);
        if (next >= endNs) return;
        nowNs = next > nowNs ? next : nowNs + secondNs;
      }
      throw new Error('it does not come to rest');
    },
    check,
    hash: () => bytesToHexQuickly(stateHash(store)),
    machineAccount: (purse: Purse = 'main') => purseToAccount(self, purse),
    person: (who: PrincipalHex) => accountOf(who),
  };
  const born = perform(people.registry, giveBirth, { ...init, ...given });
  if (!born.ok) throw new Error(`not born: ${born.error.message}`);
  return world;
}

function outcomeOf(fault: Fault, execute: () => CallOutcome): CallOutcome | 'lost' | 'silent' {
  if (fault === 'unreachable') return { kind: 'rejected', code: 2, message: 'not delivered' };
  if (fault === 'trapped') return { kind: 'rejected', code: 5, message: 'trapped' };
  if (fault === 'silent' || fault === 'delayed') return 'silent';
  const outcome = execute();
  if (fault === 'lost') return 'lost';
  return fault === 'malformed' ? { kind: 'replied', bytes: Uint8Array.of(1, 2, 3) } : outcome;
}

export function sum(numbers: readonly bigint[]): bigint {
  return numbers.reduce((total, number) => total + number, 0n);
}
