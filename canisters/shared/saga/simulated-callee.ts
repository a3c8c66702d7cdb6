// For tests: a canister with an outbox and the other canister that it calls, message by message, with everything that can go wrong
// on the way.
import { assert } from '@tamc/base/assert';
import { count, record, text } from '@tamc/base/codec';
import { ok } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { openCanister, type Rule, sharedTablesOf } from '../canister.ts';
import type { OutgoingCall } from '../rule.ts';
import { createMemoryStore, defineCell, defineTable, defineTables, type TablesOf, textKey } from '../tables/index.ts';
import { type AttemptResult, dueCalls, loseAllAttempts, loseAttempt, markSent, settleAttempt } from './outbox.ts';

const event = record({ id: text, word: text });
const tableSet = defineTables({
  outcomes: defineTable({ number: 1, name: 'outcomes', key: textKey, value: record({ times: count, word: text }) }),
  fault: defineCell({ number: 2, name: 'fault', value: text, default: '' }),
  ...sharedTablesOf(event),
});
type Tables = TablesOf<typeof tableSet.definitions>;
type Taken = { readonly id: string; readonly word: string };

const self = '00000000000000010101' as PrincipalHex;
const callee = '00000000000000020101' as PrincipalHex;
const secondNs = 1_000_000_000n;

interface Attempt {
  readonly id: string;
  readonly serial: number;
  /** Set once the callee has had it. */
  answer: AttemptResult | null;
  /** Nobody waits for the answer any more: the code was replaced. */
  isForgotten: boolean;
}

export function createSimulation() {
  let nowNs = 1_700_000_000n * secondNs;
  let isFaulty = false;
  const store = createMemoryStore();
  const canister = openCanister<Tables, Taken>(
    {
      tables: tableSet,
      events: event,
      apply: ({ outcomes }, { id, word }) => {
        outcomes.set(id, { times: (outcomes.get(id)?.times ?? 0) + 1, word });
        if (isFaulty) throw new Error('amid a change');
      },
      outcomes: {
        once: (_tables, _context, id, { kind }) => ok({ events: [{ id, word: kind }], calls: [], reply: null }),
      },
    },
    store,
  );
  const { tables } = canister;
  const flying: Attempt[] = [];
  const deliveries = new Map<string, number>();
  const effects = new Map<string, number>();
  const context = () => ({ self, caller: self, nowNs });

  const decide: Rule<Tables, OutgoingCall, Taken, null> = (_tables, _context, call) =>
    ok({ events: [], calls: [call], reply: null });

  function send(id: string): void {
    markSent(tables, id, nowNs);
    flying.push({ id, serial: tables.outbox.get(id)!.serial, answer: null, isForgotten: false });
  }

  /** The callee does what may be repeated only once; what may not, each time it comes. */
  function deliver(attempt: Attempt): void {
    if (attempt.answer !== null) return;
    const { id } = attempt;
    const isRepeatable = !id.endsWith('single');
    deliveries.set(id, (deliveries.get(id) ?? 0) + 1);
    if (!isRepeatable || !effects.has(id)) effects.set(id, (effects.get(id) ?? 0) + 1);
    attempt.answer = { kind: 'replied', bytes: new Uint8Array(0) };
  }

  function receive(attempt: Attempt): void {
    assert(attempt.answer !== null, 'nothing to receive');
    if (attempt.isForgotten) return;
    const outcome = settleAttempt(tables, attempt, attempt.answer, nowNs);
    if (outcome !== null) canister.takeOutcome(context(), attempt.id, outcome);
  }

  return {
    tables,
    flying,
    deliveries,
    effects,
    decide: (id: string) => {
      const isRepeatable = !id.endsWith('single');
      const base = { id, callee, method: 'pay', argument: new Uint8Array(0), cycles: 0n, isRepeatable };
      const call = id.endsWith('limited') ? { ...base, attemptsMax: 2 } : base;
      const done = canister.update(context(), decide, call);
      assert(done.ok, 'the call was refused');
    },
    drive: () => {
      for (const { id, entry } of dueCalls(tables, nowNs, 10)) {
        if (entry.state === 'answered') canister.takeOutcome(context(), id, entry.outcome!);
        else send(id);
      }
    },
    deliver,
    reject: (attempt: Attempt, code: number) => {
      if (attempt.answer === null) attempt.answer = { kind: 'rejected', code, message: 'no' };
      else if (code === 6) attempt.answer = { kind: 'rejected', code, message: 'the reply was lost' };
    },
    receive: (attempt: Attempt) => {
      flying.splice(flying.indexOf(attempt), 1);
      receive(attempt);
    },
    /** The callback runs out of instructions: everything it did is taken back, and the cleanup runs. */
    receiveAndTrap: (attempt: Attempt) => {
      flying.splice(flying.indexOf(attempt), 1);
      if (!attempt.isForgotten) loseAttempt(tables, attempt, nowNs);
    },
    upgrade: () => {
      for (const attempt of flying) attempt.isForgotten = true;
      loseAllAttempts(tables, nowNs);
    },
    pass: (seconds: number) => {
      nowNs += BigInt(seconds) * secondNs;
    },
    setFaulty: (faulty: boolean) => {
      isFaulty = faulty;
    },
  };
}
