// A machine in Node's memory for tests: the rules, the log and the outbox as in Wasm, a clock that is set by hand, and people.

import { Principal } from '@dfinity/principal';
import { textToBytes } from '@tamc/base/bytes';
import { decode } from '@tamc/base/codec';
import type { Result } from '@tamc/base/result';
import { bytesToHexQuickly } from '@tamc/base/utf8';
import { envelopedCodec } from '@tamc/protocol/events';
import { sha256 } from '@tamc/protocol/hash';
import type { MachineInit } from '@tamc/protocol/identity';
import type { Power } from '@tamc/protocol/powers';
import { hexToPrincipal, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import type { Report, ReportBody } from '@tamc/protocol/report';
import { openCanister } from '@tamc/shared/canister';
import type { IdentifiedCommand } from '@tamc/shared/guard/commands';
import type { CallOutcome } from '@tamc/shared/rule';
import { createMemoryStore, stateHash } from '@tamc/shared/tables/index';
import { report } from './commands/reports.ts';
import { enrol, issueEnrolment } from './devices/rules.ts';
import type { MachineEvent } from './events.ts';
import { giveBirth } from './identity/birth.ts';
import { type MachineRule, machineDefinition, notices } from './machine.ts';

export const secondNs = 1_000_000_000n;
export const dayNs = 86_400n * secondNs;
export const startNs = 1_700_000_000n * secondNs;

/** The principal of a public key, as devices and people have. */
export function keyOf(name: string): PrincipalHex {
  return principalToHex(Principal.fromUint8Array(Uint8Array.of(...sha256(textToBytes(name)).subarray(0, 28), 2)));
}

export function canisterOf(number: number): PrincipalHex {
  return principalToHex(Principal.fromUint8Array(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, number, 1, 1)));
}

export const self = canisterOf(1);
export const registry = canisterOf(2);
export const ledger = canisterOf(3);
export const operator = keyOf('operator');
export const delegate = keyOf('delegate');
export const stranger = keyOf('stranger');
export const deviceKey = keyOf('device');

export const thing = JSON.stringify({
  '@context': 'https://www.w3.org/2022/wot/td/v1.1',
  title: 'Washer 7',
  properties: { temperature: { type: 'number', unit: 'degree celsius' } },
  actions: { wash: { input: { type: 'object' } }, drain: {} },
});

export const init: MachineInit = {
  registry: hexToPrincipal(registry),
  operator: hexToPrincipal(operator),
  kind: 'washer',
  make: 'Acme',
  model: 'W7',
  place: 'u33dc0',
  thing,
  charter: 'It washes for whoever pays.',
  parent: [],
  generation: 0,
  ledgers: [{ id: hexToPrincipal(ledger), symbol: 'USD', decimals: 6, fee: 10n }],
  home_ledger: hexToPrincipal(ledger),
  compute: { none: null },
  mandates: [],
};

export type TestMachine = ReturnType<typeof createTestMachine>;

/** Whose birth it is like: a replica gives its own principals and times. */
export interface Birth {
  readonly self: PrincipalHex;
  readonly by: PrincipalHex;
  readonly timeNs: bigint;
}

export function createTestMachine(given: MachineInit = init, birth: Birth = { self, by: registry, timeNs: startNs }) {
  const store = createMemoryStore();
  const canister = openCanister(machineDefinition, store);
  const { tables } = canister;
  let nowNs = birth.timeNs;
  const contextOf = (caller: PrincipalHex) => ({ self: birth.self, caller, nowNs });

  function perform<C, R>(caller: PrincipalHex, rule: MachineRule<C, R>, command: C): Result<R, Refusal> {
    const done = canister.update(contextOf(caller), rule, command);
    return done.ok ? { ok: true, value: done.value.reply } : done;
  }

  function act<C, R>(caller: PrincipalHex, rule: MachineRule<C, R>, command: C): Result<R, Refusal> {
    for (const notice of notices) perform(caller, notice, null);
    return perform(caller, rule, command);
  }

  const born = perform(birth.by, giveBirth, given);
  if (!born.ok) throw new Error(`not born: ${born.error.code} ${born.error.message}`);

  const machine = {
    tables,
    now: () => nowNs,
    pass: (durationNs: bigint) => {
      nowNs += durationNs;
    },
    setTime: (timeNs: bigint) => {
      nowNs = timeNs;
    },
    context: contextOf,
    /** The rule alone. */
    perform,
    notice: (caller: PrincipalHex) => {
      for (const rule of notices) perform(caller, rule, null);
    },
    /** As a message: first what time has brought, then the rule. */
    act,
    /** The value, or an error that tells the refusal. */
    done: <C, R>(caller: PrincipalHex, rule: MachineRule<C, R>, command: C): R => {
      const result = act(caller, rule, command);
      if (!result.ok) throw new Error(`refused: ${result.error.code}: ${result.error.message}`);
      return result.value;
    },
    /** The code of the refusal, having checked that nothing changed. */
    refused: <C, R>(caller: PrincipalHex, rule: MachineRule<C, R>, command: C): string => {
      for (const notice of notices) perform(caller, notice, null);
      const before = bytesToHexQuickly(stateHash(store));
      const result = perform(caller, rule, command);
      if (result.ok) throw new Error('done, although a refusal was expected');
      if (bytesToHexQuickly(stateHash(store)) !== before) throw new Error('a refusal changed the state');
      return result.error.code;
    },
    /** What came of it; a refusal must have changed nothing. */
    tried: <C, R>(caller: PrincipalHex, rule: MachineRule<C, R>, command: C): Result<R, Refusal> => {
      for (const notice of notices) perform(caller, notice, null);
      const before = bytesToHexQuickly(stateHash(store));
      const result = perform(caller, rule, command);
      if (!result.ok && bytesToHexQuickly(stateHash(store)) !== before) throw new Error('a refusal changed the state');
      return result;
    },
    /** The same, once for each command id. */
    once: <C>(
      caller: PrincipalHex,
      identified: IdentifiedCommand,
      rule: MachineRule<C, string>,
      command: C,
    ): Result<string, Refusal> => {
      for (const notice of notices) perform(caller, notice, null);
      const done = canister.command(contextOf(caller), identified, rule, command);
      return done.ok ? { ok: true, value: done.value.reply } : done;
    },
    /** Ends every call that is open, with this outcome. */
    answerCalls: (outcome: CallOutcome): readonly string[] => {
      const ids = tables.outboxDue.keys({ limit: 100 }).map(([, id]) => id);
      for (const id of ids) {
        const taken = canister.takeOutcome(contextOf(birth.self), id, outcome);
        if (!taken.ok) throw taken.error;
      }
      return ids;
    },
    /** Events from this number on, with who caused them and when. */
    seen: (from = 0) => envelopesOf(tables).filter(({ number }) => number >= from),
    hash: () => bytesToHexQuickly(stateHash(store)),
    events: (): MachineEvent[] => eventsOf(tables),
    kinds: (): string[] => eventsOf(tables).map(({ kind }) => kind),
  };
  return machine;
}

type Tables = ReturnType<typeof machineDefinition.tables.open>;

function eventsOf(tables: Tables): MachineEvent[] {
  return envelopesOf(tables).map(({ event }) => event);
}

function envelopesOf({ eventLog }: Tables) {
  const numbers = Array.from({ length: eventLog.end() - eventLog.first() }, (_, i) => eventLog.first() + i);
  const codec = envelopedCodec(machineDefinition.events);
  return numbers.map((number) => decode(codec, eventLog.get(number)!.subarray(32)));
}

export function codeOf(name: string): Uint8Array {
  return textToBytes(`code of ${name}`.padEnd(16, '.'));
}

export function issueFor(machine: TestMachine, name: string): void {
  const codeHash = sha256(codeOf(name));
  machine.done(operator, issueEnrolment, { codeHash, label: name, expiresNs: machine.now() + dayNs });
}

/** Its number. */
export function enrolDevice(machine: TestMachine, name = 'device'): number {
  issueFor(machine, name);
  return machine.done(keyOf(name), enrol, codeOf(name));
}

/** A delegate with these powers, as the wallet would have it after a grant. */
export function grantPowers(machine: TestMachine, who: PrincipalHex, powers: readonly Power[], lifeNs = 365n * dayNs) {
  const { tables } = machine;
  const { next, live } = tables.mandateIndex.get();
  const terms = {
    label: 'test',
    ledger,
    amountMin: 0n,
    amountMax: 0n,
    budgetAmount: 0n,
    budgetPeriodNs: dayNs,
    recurrence: 0,
    allowedPayees: null,
    allowedPurposes: null,
    notBeforeNs: 0n,
    expiresNs: machine.now() + lifeNs,
    reserveFloor: 0n,
    askAbove: 0n,
    powers,
  };
  tables.mandates.set(next, { delegate: who, terms, payments: [], earlier: [] });
  tables.delegates.set(who, [next]);
  tables.mandateIndex.set({ next: next + 1, live: [...live, next] });
}

export function revokePowers({ tables }: TestMachine, who: PrincipalHex): void {
  tables.delegates.delete(who);
}

export const digest = 'ab'.repeat(32);

/** What the device reports next. */
export function nextReport(machine: TestMachine, key: PrincipalHex, body: ReportBody): Report {
  const device = machine.tables.devices.get(machine.tables.deviceKeys.get(key) ?? 0);
  return { sequence: (device?.lastSequence ?? 0) + 1, atNs: machine.now(), body };
}

export function reportNext(machine: TestMachine, key: PrincipalHex, body: ReportBody) {
  return machine.done(key, report, nextReport(machine, key, body));
}
