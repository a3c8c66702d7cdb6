// A canister on pure rules and tables in memory, which is given the messages that its twin of Wasm executed. What the shell does
// around the rules in Wasm (sending what is due, taking answers, timers) is written here a second time, on purpose.

import type { IDL } from '@dfinity/candid';
import { assert } from '@tamc/base/assert';
import { decode as decodeValue } from '@tamc/base/codec';
import type { Result } from '@tamc/base/result';
import { envelopedCodec, noEventsHash } from '@tamc/protocol/events';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { type CanisterDefinition, openCanister, type Rule, type SharedTables } from '@tamc/shared/canister';
import { argumentDigest } from '@tamc/shared/guard/commands';
import type { CallOutcome } from '@tamc/shared/rule';
import {
  type AttemptResult,
  dueCalls,
  loseAllAttempts,
  loseAttempt,
  markSent,
  nextDueNs,
  openCalls,
  settleAttempt,
} from '@tamc/shared/saga/outbox';
import { createMemoryStore, type MemoryStore } from '@tamc/shared/tables/index';
import type { Methods } from '../../stack/src/candid/parse-did.ts';
import { decode } from '../harness/canisters.ts';
import { type DecidedCall, expectSameCalls, ownCalls } from './made-calls.ts';
import type { Execution } from './recorded.ts';
import { createTimers, type Timers, timerMethod } from './timers.ts';

const secondNs = 1_000_000_000n;
const sentPerMessage = 10;
const quietDelayNs = 30n * secondNs;

/** What the methods of a twin act through, in the message that it executes now. */
export interface ShellTwin<Tables, Event> {
  readonly tables: Tables;
  nowNs(): bigint;
  /** Of cycles: calls are made, and paid, only when all rules of the message are through. */
  balance(): bigint;
  perform<C, R>(rule: Rule<Tables, C, Event, R>, command: C): Result<R, Refusal>;
  /** Once for each command id. */
  once<C>(id: string, rule: Rule<Tables, C, Event, string>, command: C): Result<string, Refusal>;
  timers(): Timers;
}

/** Candid values, as they came; each method knows its own. */
// biome-ignore lint/suspicious/noExplicitAny: the interface of the canister has checked them
export type Given = any;

export interface TwinRules {
  begin(given: Given): void;
  /** After an upgrade: `resume` takes up the calls that were open. */
  goOn(resume: () => void): void;
  readonly methods: Readonly<Record<string, (...given: Given[]) => Result<unknown, Refusal> | null>>;
  /** When an outcome is given to its rule. */
  onOutcome?(): void;
}

export interface Twin<Tables> {
  readonly tables: Tables;
  readonly store: MemoryStore;
  /** Null where the message was no call of a method. */
  take(execution: Execution): TwinAnswer | null;
  /** Which kinds of events happened, to see that a life came far. */
  kinds(): ReadonlySet<string>;
  /** Calls that were open when new code came. */
  lostCalls(): number;
}

export interface TwinAnswer {
  readonly method: string;
  /** `done` or that of the refusal. */
  readonly code: string;
}

export interface TwinParts<Tables extends SharedTables, Event> {
  readonly self: PrincipalHex;
  readonly definition: CanisterDefinition<Tables, Event>;
  readonly interface: Methods;
  readonly initTypes: readonly IDL.Type[];
  rules(shell: ShellTwin<Tables, Event>): TwinRules;
}

interface Attempt {
  readonly id: string;
  readonly serial: number;
}

interface Sent extends Attempt {
  readonly call: DecidedCall;
}

export function createTwin<Tables extends SharedTables, Event>(parts: TwinParts<Tables, Event>): Twin<Tables> {
  const { self, definition } = parts;
  const store = createMemoryStore();
  const canister = openCanister(definition, store);
  const { tables } = canister;
  let execution: Execution | null = null;
  let sent: Sent[] = [];
  let lostCalls = 0;
  /** By what the callback of Wasm is called with. */
  let attempts = new Map<string, Attempt>();
  let timers = createTimers();
  let waiting = createWaitingTimer();

  const message = () => {
    assert(execution !== null, 'a rule acts in a message');
    return execution;
  };
  const nowNs = () => message().timeNs;
  const contextOf = (caller: PrincipalHex) => ({ self, caller, nowNs: nowNs() });
  const balance = () => message().balance;

  function createWaitingTimer() {
    let armed: { readonly atNs: bigint; readonly id: bigint } | null = null;
    return (atNs: bigint | null): void => {
      if (armed?.atNs === atNs && atNs !== null && atNs > nowNs()) return;
      if (armed !== null) timers.clear(armed.id);
      armed = atNs === null ? null : { atNs, id: timers.setInterval(drive) };
    };
  }

  function drive(): void {
    const timeNs = nowNs();
    const isQuiet = definition.isQuiet?.(tables, timeNs) ?? false;
    for (const { id, entry } of dueCalls(tables, timeNs, sentPerMessage)) {
      if (entry.state === 'answered' && entry.outcome !== null) takeOutcome(id, entry.outcome);
      else if (!isQuiet) send(id);
    }
    const next = nextDueNs(tables);
    waiting(next !== null && isQuiet ? timeNs + quietDelayNs : next);
  }

  function send(id: string): void {
    markSent(tables, id, nowNs());
    const { serial, callee, method, argument, cycles } = tables.outbox.get(id)!;
    sent.push({ id, serial, call: { callee, method, argument, cycles } });
  }

  function takeOutcome(id: string, outcome: CallOutcome): void {
    rules.onOutcome?.();
    canister.takeOutcome(contextOf(self), id, outcome);
  }

  function receive(attempt: Attempt, result: AttemptResult): void {
    const outcome = settleAttempt(tables, attempt, result, nowNs());
    if (outcome !== null) takeOutcome(attempt.id, outcome);
    drive();
  }

  function done<R>(result: ReturnType<typeof canister.update<unknown, R>>): Result<R, Refusal> {
    if (!result.ok) return result;
    if (result.value.callIds.length > 0) drive();
    return { ok: true, value: result.value.reply };
  }

  const rules = parts.rules({
    tables,
    nowNs,
    balance,
    perform: (rule, command) => done(canister.update(contextOf(message().caller), rule, command)),
    once: (id, rule, command) => {
      const digest = argumentDigest(message().argument);
      return done(canister.command(contextOf(message().caller), { id, digest }, rule, command));
    },
    timers: () => timers,
  });

  function runMethod(name: string): TwinAnswer {
    const method = rules.methods[name];
    assert(method !== undefined, `the twin has no method ${name}`);
    const result = method(...decode(parts.interface[name]!.argTypes, message().argument));
    return { method: name, code: result === null || result.ok ? 'done' : result.error.code };
  }

  /** Nothing of the heap outlives an upgrade. */
  function forgetHeap(): void {
    attempts = new Map();
    timers = createTimers();
    waiting = createWaitingTimer();
  }

  const resume = () => {
    lostCalls += openCalls(tables).length;
    loseAllAttempts(tables, nowNs());
    waiting(nextDueNs(tables));
  };

  function runExport(name: string): TwinAnswer | null {
    if (name === 'canister_init') {
      rules.begin(decode([...parts.initTypes], message().argument)[0]);
      timers.set(askForSeed);
    } else if (name === 'canister_post_upgrade') {
      forgetHeap();
      rules.goOn(resume);
      timers.set(askForSeed);
    } else if (name === `canister_update ${timerMethod}`) timers.ring(message().argument);
    else if (name.startsWith('canister_update ')) return runMethod(name.slice('canister_update '.length));
    return null;
  }

  function runCallback({ environment, entryPoint, answer }: Execution): void {
    const attempt = attempts.get(environment!);
    // Of a timer's message, or of code that is gone.
    if (attempt === undefined) return;
    attempts.delete(environment!);
    if (entryPoint === 'C') {
      loseAttempt(tables, attempt, nowNs());
      waiting(nextDueNs(tables));
    } else if (answer?.kind === 'reply') receive(attempt, { kind: 'replied', bytes: answer.data });
    else if (answer?.kind === 'reject') {
      const { code, message } = answer.reject;
      receive(attempt, { kind: 'rejected', code, message });
    }
  }

  const codec = envelopedCodec(definition.events);

  function kinds(): ReadonlySet<string> {
    const { eventLog } = tables;
    const numbers = Array.from({ length: eventLog.end() - eventLog.first() }, (_, i) => eventLog.first() + i);
    const events = numbers.map((number) => decodeValue(codec, eventLog.get(number)!.subarray(noEventsHash.length)));
    return new Set(events.map(({ event }) => String(Reflect.get(event as object, 'kind'))));
  }

  return {
    tables,
    store,
    kinds,
    lostCalls: () => lostCalls,
    take: (given) => {
      // A trap takes back everything. Code that is gone may trap when an answer comes to it, and an install says itself why.
      const isOwn = given.environment === null ? given.entryPoint === 'U' : attempts.has(given.environment);
      if (given.trap !== null && isOwn) throw new Error(`${given.name ?? 'a callback'} traps in Wasm: ${given.trap}`);
      if (given.trap !== null) return null;
      execution = given;
      sent = [];
      const answer = given.name === null ? void runCallback(given) : runExport(given.name);
      expectSameCalls(
        given,
        sent.map(({ call }) => call),
      );
      for (const [i, { environment }] of ownCalls(given).entries()) attempts.set(environment, sent[i]!);
      return answer ?? null;
    },
  };
}

/** Its call is Azle's own, which no rule decides. */
function askForSeed(): void {}
