import { record, text } from '@tamc/base/codec';
import { ok } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCanister, type Rule, sharedTablesOf } from '../canister.ts';
import type { OutgoingCall } from '../rule.ts';
import { createMemoryStore, defineTables } from '../tables/index.ts';
import {
  addCalls,
  callsOpenMax,
  dueCalls,
  keepOutcome,
  loseAllAttempts,
  markSent,
  nextDueNs,
  openAttemptsMax,
  openCalls,
  outboxRoom,
  settleAttempt,
  takeOutcome,
} from './outbox.ts';
import { attemptsMaxDefault } from './outbox-tables.ts';
import { createSimulation } from './simulated-callee.ts';

const step = fc.record({
  kind: fc.constantFrom(
    'decide',
    'drive',
    'drive',
    'deliver',
    'deliver',
    'notDelivered',
    'refuse',
    'loseReply',
    'receive',
    'receive',
    'receive',
    'receiveAndTrap',
    'upgrade',
    'pass',
    'fault',
    'heal',
  ),
  pick: fc.nat({ max: 9 }),
  seconds: fc.constantFrom(0, 1, 2, 15, 100, 400, 100_000),
  word: fc.constantFrom('repeatable', 'limited', 'single'),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

type Simulation = ReturnType<typeof createSimulation>;

function run(simulation: Simulation, { kind, pick, seconds, word }: Step, number: number): void {
  const attempt = simulation.flying[pick % Math.max(1, simulation.flying.length)];
  if (kind === 'decide') simulation.decide(`once/${number}/${word}`);
  else if (kind === 'drive') simulation.drive();
  else if (kind === 'upgrade') simulation.upgrade();
  else if (kind === 'pass') simulation.pass(seconds);
  else if (kind === 'fault' || kind === 'heal') simulation.setFaulty(kind === 'fault');
  else if (attempt === undefined) return;
  else if (kind === 'deliver') simulation.deliver(attempt);
  else if (kind === 'notDelivered') simulation.reject(attempt, 2);
  else if (kind === 'refuse') simulation.reject(attempt, 4);
  else if (kind === 'loseReply') simulation.reject(attempt, 6);
  else if (attempt.answer === null) return;
  else if (kind === 'receive') simulation.receive(attempt);
  else simulation.receiveAndTrap(attempt);
}

/** Nothing goes wrong any more, and enough time passes. */
function settle(simulation: Simulation): void {
  simulation.setFaulty(false);
  for (let i = 0; i < 12; i++) {
    for (const attempt of [...simulation.flying]) {
      simulation.deliver(attempt);
      simulation.receive(attempt);
    }
    simulation.pass(400);
    simulation.drive();
  }
}

describe('calls through the outbox', () => {
  it('have their effect and their outcome exactly once, whatever goes wrong on the way', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const simulation = createSimulation();
        steps.forEach((given, i) => {
          run(simulation, given, i);
        });
        settle(simulation);
        const decided = steps.flatMap(({ kind, word }, i) => (kind === 'decide' ? [`once/${i}/${word}`] : []));
        for (const id of decided) {
          const outcome = simulation.tables.outcomes.get(id);
          expect(outcome?.times, id).toBe(1);
          const effects = simulation.effects.get(id) ?? 0;
          expect(effects).toBeLessThanOrEqual(1);
          if (outcome?.word === 'replied') expect(effects).toBe(1);
          if (outcome?.word === 'rejected') expect(effects).toBe(0);
          if (id.endsWith('repeatable')) expect(outcome?.word).not.toBe('unknown');
          else expect(simulation.deliveries.get(id) ?? 0).toBeLessThanOrEqual(id.endsWith('limited') ? 2 : 1);
        }
        expect(openCalls(simulation.tables)).toEqual([]);
        expect(outboxRoom(simulation.tables)).toBe(callsOpenMax);
      }),
      { numRuns: 300 },
    );
  });
});

const event = record({ word: text });
const tableSet = defineTables(sharedTablesOf(event));
const callee = '00000000000000020101' as PrincipalHex;
const callOf = (id: string, isRepeatable = true): OutgoingCall => {
  return { id, callee, method: 'pay', argument: new Uint8Array(0), cycles: 0n, isRepeatable };
};
const secondNs = 1_000_000_000n;
const open = (...calls: OutgoingCall[]) => {
  const tables = tableSet.open(createMemoryStore());
  addCalls(tables, 0n, calls);
  return tables;
};

describe('a call', () => {
  it('that is not delivered is due again after 2, 10 and 60 seconds, then every five minutes', () => {
    const tables = open(callOf('pay/1'));
    const rejected = { kind: 'rejected', code: 2, message: 'later' } as const;
    const delays = [1, 2, 3, 4, 5].map(() => {
      markSent(tables, 'pay/1', 0n);
      expect(settleAttempt(tables, { id: 'pay/1', serial: 0 }, rejected, 0n)).toBeNull();
      return Number(nextDueNs(tables)! / secondNs);
    });
    expect(delays).toEqual([2, 10, 60, 300, 300]);
  });

  it('has no more than three attempts open, the next after a minute, then five, and then waits for an answer', () => {
    const tables = open(callOf('pay/1'));
    const delays = Array.from({ length: openAttemptsMax }, () => {
      markSent(tables, 'pay/1', 0n);
      return nextDueNs(tables);
    });
    expect(delays).toEqual([60n * secondNs, 60n * secondNs, null]);
    expect(dueCalls(tables, 10n ** 18n, 10)).toEqual([]);
  });

  it('that is never delivered is given up after many attempts, and its rule is told why', () => {
    const tables = open(callOf('pay/1'));
    const rejected = { kind: 'rejected', code: 2, message: 'later' } as const;
    for (let i = 1; i < attemptsMaxDefault; i++) {
      markSent(tables, 'pay/1', 0n);
      expect(settleAttempt(tables, { id: 'pay/1', serial: 0 }, rejected, 0n)).toBeNull();
    }
    markSent(tables, 'pay/1', 0n);
    expect(settleAttempt(tables, { id: 'pay/1', serial: 0 }, rejected, 0n)).toEqual(rejected);
  });

  it('with a number of attempts is not sent more often, and its rule is told', () => {
    const tables = open({ ...callOf('pay/1'), attemptsMax: 1 });
    const rejected = { kind: 'rejected', code: 2, message: 'gave up' } as const;
    markSent(tables, 'pay/1', 0n);
    expect(nextDueNs(tables)).toBeNull();
    expect(settleAttempt(tables, { id: 'pay/1', serial: 0 }, rejected, 0n)).toEqual(rejected);
  });

  it('sent as often as it may be waits for the attempts that are open, and after the last nobody knows', () => {
    const tables = open({ ...callOf('pay/1'), attemptsMax: 2 });
    const attempt = { id: 'pay/1', serial: 0 };
    markSent(tables, 'pay/1', 0n);
    markSent(tables, 'pay/1', 0n);
    expect(settleAttempt(tables, attempt, { kind: 'rejected', code: 6, message: 'lost' }, 0n)).toBeNull();
    expect(nextDueNs(tables)).toBeNull();
    expect(settleAttempt(tables, attempt, { kind: 'rejected', code: 4, message: 'no' }, 0n)).toEqual({
      kind: 'unknown',
    });
  });

  it('whose only attempt is lost with an upgrade is over, and nobody knows', () => {
    const tables = open({ ...callOf('pay/1'), attemptsMax: 1 }, callOf('pay/2'));
    for (const id of ['pay/1', 'pay/2']) markSent(tables, id, 0n);
    loseAllAttempts(tables, 5n);
    expect(tables.outbox.get('pay/1')).toMatchObject({ state: 'answered', outcome: { kind: 'unknown' }, dueNs: 5n });
    expect(tables.outbox.get('pay/2')).toMatchObject({ state: 'waiting', outcome: null });
  });

  it('whose outcome its rule cannot take yet was sent no more often for it', () => {
    const tables = open(callOf('pay/1'));
    markSent(tables, 'pay/1', 0n);
    const outcome = { kind: 'replied', bytes: new Uint8Array(0) } as const;
    const delays = [1, 2, 3, 4].map(() => {
      keepOutcome(tables, 'pay/1', outcome, 0n);
      return Number(nextDueNs(tables)! / secondNs);
    });
    expect(delays).toEqual([2, 10, 60, 300]);
    expect(takeOutcome(tables, 'pay/1').attempts).toBe(1);
  });

  it('is named with its callee while it is open', () => {
    const tables = open(callOf('pay/1'), callOf('pay/2'));
    markSent(tables, 'pay/2', 7n);
    expect(openCalls(tables)).toEqual([{ id: 'pay/2', callee, method: 'pay', sinceNs: 7n }]);
  });

  it('must not have the id of an open one', () => {
    const tables = open(callOf('pay/1'));
    expect(() => addCalls(tables, 0n, [callOf('pay/1')])).toThrow('call pay/1 is open already');
  });

  it('is not settled by the late answer to an earlier one of the same id', () => {
    const tables = open(callOf('pay/1'));
    const late = { id: 'pay/1', serial: 5 };
    expect(settleAttempt(tables, late, { kind: 'replied', bytes: new Uint8Array(0) }, 0n)).toBeNull();
  });
});

describe('a command that leads to calls', () => {
  const canister = () =>
    openCanister({ tables: tableSet, events: event, apply: () => {}, outcomes: {} }, createMemoryStore());
  const pay: Rule<unknown, number, { readonly word: string }, null> = (_tables, _context, calls) =>
    ok({
      events: [{ word: 'paid' }],
      calls: Array.from({ length: calls }, (_, i) => callOf(`pay/${i}`)),
      reply: null,
    });
  const context = { self: callee, caller: callee, nowNs: 5n };

  it('is refused, changing nothing, when too many are open', () => {
    const { update, log, tables } = canister();
    expect(update(context, pay, callsOpenMax + 1)).toMatchObject({ ok: false, error: { code: 'CallsOpenTooMany' } });
    expect(log.next()).toBe(0);
    expect(outboxRoom(tables)).toBe(callsOpenMax);
  });

  it('tells which calls it led to', () => {
    expect(canister().update(context, pay, 2)).toEqual(ok({ reply: null, callIds: ['pay/0', 'pay/1'] }));
  });
});
