import { bytesToHex } from '@tamc/base/bytes';
import { count, nat, record } from '@tamc/base/codec';
import { ok, refuse } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { defineRefusals } from '@tamc/protocol/refusal';
import { describe, expect, it } from 'vitest';
import { firstWord, openCanister, type Rule, sharedTablesOf } from './canister.ts';
import type { CallOutcome } from './rule.ts';
import { addCalls } from './saga/outbox.ts';
import { createMemoryStore, defineCell, defineTables, stateHash, type TablesOf } from './tables/index.ts';

const event = record({ amount: nat, part: count });
const tableSet = defineTables({
  total: defineCell({ number: 1, name: 'total', value: nat, default: 0n }),
  ...sharedTablesOf(event),
});
type Tables = TablesOf<typeof tableSet.definitions>;
type Added = { readonly amount: bigint; readonly part: number };
const no = defineRefusals({ Odd: { kind: 'input', message: '{amount} is odd.', nextStep: 'Take an even number.' } });

const self = '0001' as PrincipalHex;
const context = { self, caller: '02' as PrincipalHex, nowNs: 9n };

const add: Rule<Tables, bigint, Added, string> = (_tables, _context, amount) => {
  if (amount % 2n === 1n) return refuse(no('Odd', { amount }));
  const half = amount / 2n;
  return ok({
    events: [
      { amount: half, part: 1 },
      { amount: half, part: 2 },
    ],
    calls: [],
    reply: `added ${amount}`,
  });
};

function create() {
  const store = createMemoryStore();
  let isBroken = false;
  const canister = openCanister<Tables, Added>(
    {
      tables: tableSet,
      events: event,
      apply: ({ total }, { amount, part }) => {
        total.set(total.get() + amount);
        if (isBroken && part === 2) throw new Error('broken');
      },
      outcomes: { add: (tables, given, _id, outcome) => add(tables, given, outcome.kind === 'replied' ? 10n : 1n) },
    },
    store,
  );
  const setBroken = (broken: boolean) => {
    isBroken = broken;
  };
  const addCall = (id: string) =>
    addCalls(
      canister.tables,
      0n,
      [{ id, callee: self, method: 'm', argument: new Uint8Array(0), cycles: 0n, isRepeatable: true }],
      'c9',
    );
  return { canister, store, setBroken, addCall };
}

const replied: CallOutcome = { kind: 'replied', bytes: new Uint8Array(0) };

describe('a decision', () => {
  it('becomes state by its events, each numbered and logged with caller, time and command', () => {
    const { canister } = create();
    expect(canister.update(context, add, 10n, 'c1')).toEqual(ok({ reply: 'added 10', callIds: [] }));
    expect(canister.tables.total.get()).toBe(10n);
    const texts = canister.log.read(0, 10).events.map((bytes) => new TextDecoder().decode(bytes));
    expect(texts).toEqual(['[0,"9","c1","02",["5",1]]', '[1,"9","c1","02",["5",2]]']);
  });

  it('that refuses changes nothing at all', () => {
    const { canister, store } = create();
    const before = bytesToHex(stateHash(store));
    expect(canister.command(context, { id: 'c1', digest: 'd' }, add, 3n)).toMatchObject({
      ok: false,
      error: { code: 'Odd' },
    });
    expect(bytesToHex(stateHash(store))).toBe(before);
  });

  it('with a command id is made once, and answered again', () => {
    const { canister, store } = create();
    const command = { id: 'c1', digest: 'd' };
    canister.command(context, command, add, 10n);
    const before = bytesToHex(stateHash(store));
    expect(canister.command(context, command, add, 10n)).toEqual(ok({ reply: 'added 10', callIds: [] }));
    expect(bytesToHex(stateHash(store))).toBe(before);
  });
});

describe('an outcome', () => {
  it('is applied and its call ended in one step, its events carrying the command that caused the call', () => {
    const { canister, addCall } = create();
    addCall('add/1');
    expect(canister.takeOutcome(context, 'add/1', replied)).toEqual(ok(undefined));
    expect(canister.tables.total.get()).toBe(10n);
    expect(canister.tables.outbox.get('add/1')).toBeNull();
    expect(new TextDecoder().decode(canister.log.read(0, 1).events[0])).toContain('"c9"');
  });

  it.each([
    ['apply throws amid the changes', 'add/1', true, replied],
    ['its rule refuses it', 'add/1', false, { kind: 'unknown' } as const],
    ['nobody takes it', 'other/1', false, replied],
  ])('leaves no trace but itself when %s, and is taken later', (_, id, isBroken, outcome) => {
    const { canister, setBroken, addCall } = create();
    addCall(id);
    setBroken(isBroken);
    expect(canister.takeOutcome(context, id, outcome).ok).toBe(false);
    expect(canister.tables.total.get()).toBe(0n);
    expect(canister.log.next()).toBe(0);
    expect(canister.tables.outbox.get(id)).toMatchObject({ state: 'answered', outcome });
    setBroken(false);
    if (id === 'add/1' && isBroken) {
      expect(canister.takeOutcome(context, id, outcome).ok).toBe(true);
      expect(canister.tables.total.get()).toBe(10n);
    }
  });
});

it('the first word of a call id names who takes its outcome', () => {
  expect(firstWord('payment/12/transfer')).toBe('payment');
});
