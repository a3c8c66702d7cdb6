// Whatever delegates ask and in whatever order people decide: nobody has a power, and no stop ends, but by what its operator of that
// moment granted, or approved having seen exactly it.
import { sha256 } from '@tamc/protocol/hash';
import type { MandateTerms } from '@tamc/protocol/mandate';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { payloadHash } from '@tamc/protocol/request';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { acceptOperation, offerOperation } from '../identity/rules.ts';
import { isStopped, operatorOf } from '../powers.ts';
import { releaseStop, stop } from '../stop/rules.ts';
import { createTestMachine, dayNs, keyOf, ledger, operator, startNs, type TestMachine } from '../test-machine.ts';
import { approveRequest } from './approve.ts';
import { ask } from './ask.ts';
import { grantMandate, revokeMandate } from './grant.ts';
import { liveMandates } from './mandates.ts';
import { declineRequest } from './requests.ts';

const people = [operator, keyOf('ann'), keyOf('bob'), keyOf('cem')] as const;
const kinds = ['ask', 'ask', 'ask', 'approve', 'approve', 'approve', 'decline', 'grant', 'revoke', 'stop'] as const;
const others = ['release', 'ask release', 'ask release', 'hand over', 'pass'] as const;

const step = fc.record({
  kind: fc.constantFrom(...kinds, ...others),
  /** Most are sent by the operator or by who may; the others by anybody. */
  luck: fc.nat({ max: 3 }),
  who: fc.constantFrom(...people),
  other: fc.constantFrom(...people),
  number: fc.nat({ max: 5 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function terms(budget: number): MandateTerms {
  return {
    label: '',
    ledger,
    amountMin: 0n,
    amountMax: 10n,
    budgetAmount: BigInt(budget),
    budgetPeriodNs: dayNs,
    recurrence: 5,
    allowedPayees: null,
    allowedPurposes: null,
    notBeforeNs: 0n,
    expiresNs: startNs + 300n * dayNs,
    reserveFloor: 0n,
    askAbove: 0n,
    powers: budget > 2 ? ['command', 'tariff'] : [],
  };
}

/** What the operators of this life have decided themselves, and saw. */
interface Decided {
  mandates: { readonly delegate: PrincipalHex; readonly terms: MandateTerms }[];
  isReleased: boolean;
}

function take(machine: TestMachine, decided: Decided, { kind, luck, who, other, number }: Step, id: number): void {
  const boss = operatorOf(machine.tables);
  const by = luck === 0 ? who : boss;
  const granted = { delegate: other, terms: { ok: true, value: terms(number) } as const };
  const isBoss = by === boss;
  switch (kind) {
    case 'pass':
      machine.pass(BigInt(number) * dayNs);
      return;
    case 'ask':
      machine.tried(who, ask, { commandId: `${id}`, act: { kind: 'grantMandate', ...granted }, reason: 'why' });
      return;
    case 'ask release':
      machine.tried(who, ask, { commandId: `${id}`, act: { kind: 'releaseStop' }, reason: 'why' });
      return;
    case 'approve':
      approve(machine, decided, by, number, luck === 1);
      return;
    case 'decline':
      machine.tried(by, declineRequest, { request: machine.tables.requests.end() - 1 - number });
      return;
    case 'grant':
      if (machine.tried(by, grantMandate, granted).ok && isBoss)
        decided.mandates.push({ delegate: other, terms: granted.terms.value });
      return;
    case 'revoke':
      machine.tried(by, revokeMandate, { mandate: machine.tables.mandateIndex.get().live[number] ?? 0 });
      return;
    case 'stop':
      machine.tried(who, stop, 'smoke');
      return;
    case 'release':
      decided.isReleased = machine.tried(by, releaseStop, undefined).ok && isBoss;
      return;
    case 'hand over':
      handOver(machine, decided, by, other);
      return;
  }
}

/** Of one of the newest requests, sometimes with the hash of another. */
function approve(machine: TestMachine, decided: Decided, by: PrincipalHex, number: number, isWrong: boolean): void {
  const request = machine.tables.requests.end() - 1 - number;
  const found = machine.tables.requests.get(request);
  const hash = found === null || isWrong ? sha256(Uint8Array.of(number)) : payloadHash(found.payload);
  const result = machine.tried(by, approveRequest, { request, hash });
  if (!result.ok) return;
  expect(by).toBe(operatorOf(machine.tables));
  const { act } = found!.payload;
  if (act.kind === 'grantMandate') decided.mandates.push(act);
  decided.isReleased = act.kind === 'releaseStop';
}

/** The new operator has decided nothing yet. */
function handOver(machine: TestMachine, decided: Decided, by: PrincipalHex, to: PrincipalHex): void {
  if (!machine.tried(by, offerOperation, to).ok) return;
  const before = operatorOf(machine.tables);
  if (machine.tried(to, acceptOperation, undefined).ok && operatorOf(machine.tables) !== before) decided.mandates = [];
}

function check({ tables }: TestMachine, decided: Decided, wasStopped: boolean): void {
  for (const who of people) {
    for (const { terms: held } of liveMandates(tables, who)) {
      expect(decided.mandates).toContainEqual(expect.objectContaining({ delegate: who, terms: held }));
    }
  }
  if (wasStopped && !isStopped(tables)) expect(decided.isReleased).toBe(true);
}

it('gives nobody what its operator did not decide', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 60, size: 'max' }), (steps) => {
      const machine = createTestMachine();
      const decided: Decided = { mandates: [], isReleased: false };
      const first = { delegate: people[1], terms: { ok: true, value: terms(1) } as const };
      machine.done(operator, grantMandate, first);
      decided.mandates.push({ delegate: people[1], terms: first.terms.value });
      for (const [id, one] of steps.entries()) {
        const wasStopped = isStopped(machine.tables);
        decided.isReleased = false;
        take(machine, decided, one, id);
        machine.answerCalls({ kind: 'rejected', code: 3, message: 'nobody' });
        check(machine, decided, wasStopped);
      }
      for (const kind of machine.kinds()) seen.add(kind);
    }),
    { numRuns: 150 },
  );
  expect([...seen]).toEqual(
    expect.arrayContaining([
      'RequestOpened',
      'RequestApproved',
      'RequestDeclined',
      'StopReleased',
      'OperationAccepted',
    ]),
  );
}, 120_000);
