// Requests for what only the operator may do: who may ask, what is looked at again when it is approved, and what people are shown.
import { bytesToHex } from '@tamc/base/bytes';
import type { MandateTerms } from '@tamc/protocol/mandate';
import { anonymous, managementCanister, type PrincipalHex } from '@tamc/protocol/principal';
import { parsePayload, payloadHash, payloadToBytes, type RequestPayload } from '@tamc/protocol/request';
import { renderRequest } from '@tamc/protocol/request-text';
import { describe, expect, it } from 'vitest';
import { acceptOperation, offerOperation } from '../identity/rules.ts';
import { isStopped } from '../powers.ts';
import { releaseStop, stop } from '../stop/rules.ts';
import {
  createTestMachine,
  dayNs,
  delegate,
  deviceKey,
  enrolDevice,
  grantPowers,
  keyOf,
  ledger,
  operator,
  registry,
  self,
  startNs,
  stranger,
  type TestMachine,
} from '../test-machine.ts';
import { approveRequest } from './approve.ts';
import { ask } from './ask.ts';
import { grantMandate, revokeMandate } from './grant.ts';
import { liveMandates } from './mandates.ts';
import { declineRequest } from './requests.ts';

const successor = keyOf('successor');

const terms = (changes: Partial<MandateTerms> = {}): MandateTerms => ({
  label: 'assistant',
  ledger,
  amountMin: 0n,
  amountMax: 5_000_000n,
  budgetAmount: 20_000_000n,
  budgetPeriodNs: dayNs,
  recurrence: 10,
  allowedPayees: null,
  allowedPurposes: null,
  notBeforeNs: 0n,
  expiresNs: startNs + 100n * dayNs,
  reserveFloor: 0n,
  askAbove: 5_000_000n,
  powers: ['tariff', 'enrol'],
  ...changes,
});

const parsed = (value: MandateTerms) => ({ ok: true, value }) as const;
const grantFor = (who: PrincipalHex, changes: Partial<MandateTerms> = {}) =>
  ({ kind: 'grantMandate', delegate: who, terms: parsed(terms(changes)) }) as const;
const release = { kind: 'releaseStop' } as const;
const asked = (act: typeof release | ReturnType<typeof grantFor>, reason = 'for the laundry') => {
  return { commandId: 'a', act, reason };
};

/** A machine with a delegate who may only look. */
function helped(): TestMachine {
  const machine = createTestMachine();
  grantPowers(machine, delegate, []);
  return machine;
}

const payloadOf = ({ tables }: TestMachine, request = 0): RequestPayload => tables.requests.get(request)!.payload;
const approvalOf = (machine: TestMachine, request = 0) => {
  return { request, hash: payloadHash(payloadOf(machine, request)) };
};
const termsOf = ({ tables }: TestMachine, who: PrincipalHex) => liveMandates(tables, who).map((one) => one.terms);

describe('asking', () => {
  it('is for delegates with a mandate in force; the operator is told to do it itself', () => {
    const machine = helped();
    machine.done(operator, stop, 'smoke');
    enrolDevice(machine);
    for (const caller of [stranger, registry, anonymous, self, deviceKey])
      expect(machine.refused(caller, ask, asked(release))).toBe('NotDelegate');
    expect(machine.refused(operator, ask, asked(release))).toBe('OperatorNeedNotAsk');
    expect(machine.done(delegate, ask, asked(release))).toBe('request/0');
    machine.pass(365n * dayNs);
    expect(machine.refused(delegate, ask, asked(release))).toBe('NotDelegate');
  });

  it('ends with the mandate under which it is done', () => {
    const machine = helped();
    machine.done(operator, stop, 'smoke');
    machine.done(operator, revokeMandate, { mandate: 1 });
    expect(machine.refused(delegate, ask, asked(release))).toBe('NotDelegate');
  });

  it('gives nothing by itself', () => {
    const machine = helped();
    machine.done(operator, stop, 'smoke');
    machine.done(delegate, ask, asked(release));
    machine.done(delegate, ask, asked(grantFor(delegate)));
    machine.done(delegate, ask, asked(grantFor(stranger)));
    expect(isStopped(machine.tables)).toBe(true);
    expect(termsOf(machine, delegate)).toMatchObject([{ powers: [], budgetAmount: 0n }]);
    expect(termsOf(machine, stranger)).toEqual([]);
  });

  it.each([
    ['for the anonymous identity', grantFor(anonymous), 'DelegateInvalid'],
    ['for the operator', grantFor(operator), 'DelegateInvalid'],
    ['for the registry', grantFor(registry), 'DelegateInvalid'],
    ['for the machine', grantFor(self), 'DelegateInvalid'],
    ['for the management canister', grantFor(managementCanister), 'DelegateInvalid'],
    ['for a device', grantFor(deviceKey), 'DelegateInvalid'],
    ['on a ledger that the machine has not', grantFor(stranger, { ledger: registry }), 'LedgerUnknown'],
    ['that is over', grantFor(stranger, { expiresNs: startNs }), 'TermsInvalid'],
    ['for four years', grantFor(stranger, { expiresNs: startNs + 1_500n * dayNs }), 'TermsInvalid'],
  ])('for a mandate is refused %s', (_, act, code) => {
    const machine = helped();
    enrolDevice(machine);
    expect(machine.refused(delegate, ask, asked(act))).toBe(code);
  });

  it('for malformed terms names the field', () => {
    const wrong = { ok: false, error: { field: 'powers', wanted: 'words' } } as const;
    const act = { kind: 'grantMandate', delegate: stranger, terms: wrong } as const;
    const told = helped().act(delegate, ask, { commandId: 'a', act, reason: 'why' });
    expect(told).toMatchObject({ error: { code: 'TermsInvalid', message: 'powers must be words' } });
  });

  it('for a release is refused while nothing is stopped', () => {
    expect(helped().refused(delegate, ask, asked(release))).toBe('NotStopped');
  });

  it.each(['', 'x'.repeat(257), 'two\nlines', 'turned\u202e', ' '])(
    'needs a reason that can be shown: %j',
    (reason) => {
      expect(helped().refused(delegate, ask, asked(grantFor(stranger), reason))).toBe('ReasonInvalid');
    },
  );

  it('is bounded for one delegate, and for all together', () => {
    const machine = helped();
    for (let i = 0; i < 10; i++) machine.done(delegate, ask, asked(grantFor(stranger)));
    expect(machine.refused(delegate, ask, asked(grantFor(stranger)))).toBe('RequestsFull');
    for (let i = 0; i < 5; i++) grantPowers(machine, keyOf(`other ${i}`), []);
    for (let i = 0; i < 40; i++) machine.done(keyOf(`other ${i % 4}`), ask, asked(grantFor(stranger)));
    expect(machine.refused(keyOf('other 4'), ask, asked(grantFor(stranger)))).toBe('RequestsFull');
    machine.pass(7n * dayNs);
    expect(machine.done(delegate, ask, asked(grantFor(stranger)))).toBe('request/50');
  });

  it('once more under the same command id opens nothing', () => {
    const machine = helped();
    const id = { id: 'a', digest: 'd' };
    const first = machine.once(delegate, id, ask, asked(grantFor(stranger)));
    expect(machine.once(delegate, id, ask, asked(grantFor(stranger)))).toEqual(first);
    expect(machine.tables.requests.end()).toBe(1);
    const other = machine.once(delegate, { id: 'a', digest: 'e' }, ask, asked(grantFor(stranger)));
    expect(other).toMatchObject({ error: { code: 'CommandIdReused' } });
  });
});

describe('an approved mandate', () => {
  function waiting(): TestMachine {
    const machine = helped();
    machine.done(delegate, ask, asked(grantFor(delegate)));
    return machine;
  }

  it('is granted as it was shown, once, by the operator alone', () => {
    const machine = waiting();
    for (const caller of [delegate, stranger, registry])
      expect(machine.refused(caller, approveRequest, approvalOf(machine))).toBe('NotOperator');
    expect(machine.done(operator, approveRequest, approvalOf(machine))).toBe('mandate/2');
    expect(termsOf(machine, delegate)).toEqual([terms()]);
    expect(machine.tables.requests.get(0)!.decision).toEqual({ kind: 'approved', transfer: null, mandate: 2 });
    expect(machine.refused(operator, approveRequest, approvalOf(machine))).toBe('RequestDecided');
    expect(machine.refused(operator, declineRequest, { request: 0 })).toBe('RequestDecided');
    expect(machine.kinds().slice(-2)).toEqual(['RequestApproved', 'MandateGranted']);
  });

  it('is none under another hash: that of another request, of none, or a part of its own', () => {
    const machine = waiting();
    machine.done(delegate, ask, asked(grantFor(stranger)));
    const { hash } = approvalOf(machine);
    for (const wrong of [approvalOf(machine, 1).hash, new Uint8Array(32), hash.subarray(0, 31), new Uint8Array(0)])
      expect(machine.refused(operator, approveRequest, { request: 0, hash: wrong })).toBe('PayloadDiffers');
    expect(machine.refused(operator, approveRequest, { request: 9, hash })).toBe('RequestUnknown');
  });

  it('is none after a week, and none after it was declined', () => {
    const machine = waiting();
    machine.done(delegate, ask, asked(grantFor(stranger)));
    machine.done(operator, declineRequest, { request: 0 });
    expect(machine.refused(operator, approveRequest, approvalOf(machine))).toBe('RequestDecided');
    machine.pass(7n * dayNs);
    expect(machine.refused(operator, approveRequest, approvalOf(machine, 1))).toBe('RequestExpired');
    expect(machine.refused(operator, declineRequest, { request: 1 })).toBe('RequestExpired');
  });

  it('is none when the delegate became a device, or the time of the mandate is over', () => {
    const machine = helped();
    machine.done(delegate, ask, asked(grantFor(deviceKey)));
    enrolDevice(machine);
    expect(machine.refused(operator, approveRequest, approvalOf(machine))).toBe('DelegateInvalid');
    machine.done(delegate, ask, asked(grantFor(stranger, { expiresNs: machine.now() + dayNs })));
    machine.pass(dayNs);
    expect(machine.refused(operator, approveRequest, approvalOf(machine, 1))).toBe('TermsInvalid');
  });

  it('is none when all places for mandates were taken meanwhile', () => {
    const machine = helped();
    machine.done(delegate, ask, asked(grantFor(stranger)));
    for (let i = 0; i < 63; i++) grantPowers(machine, keyOf(`one ${i}`), []);
    expect(machine.refused(operator, approveRequest, approvalOf(machine))).toBe('MandatesFull');
  });

  it('does not undo unseen what the operator changed after it was asked', () => {
    const machine = waiting();
    machine.done(operator, grantMandate, { delegate, terms: parsed(terms({ budgetAmount: 1n })) });
    expect(machine.refused(operator, approveRequest, approvalOf(machine))).toBe('RequestOutdated');
    const revoked = waiting();
    revoked.done(operator, revokeMandate, { mandate: 1 });
    expect(revoked.refused(operator, approveRequest, approvalOf(revoked))).toBe('RequestOutdated');
  });

  it('is given while the machine is stopped, as the operator itself could', () => {
    const machine = waiting();
    machine.done(operator, stop, 'smoke');
    expect(machine.done(operator, approveRequest, approvalOf(machine))).toBe('mandate/2');
    expect(isStopped(machine.tables)).toBe(true);
  });
});

describe('an approved release', () => {
  function waiting(): TestMachine {
    const machine = helped();
    machine.done(delegate, stop, 'smoke');
    machine.done(delegate, ask, asked(release, 'it was only steam'));
    return machine;
  }

  it('lets the machine work again, by the operator alone', () => {
    const machine = waiting();
    expect(machine.refused(delegate, approveRequest, approvalOf(machine))).toBe('NotOperator');
    expect(machine.done(operator, approveRequest, approvalOf(machine))).toBe('stop/released');
    expect(isStopped(machine.tables)).toBe(false);
    expect(machine.tables.requests.get(0)!.decision).toEqual({ kind: 'approved', transfer: null, mandate: null });
  });

  it('is none for a stop that nobody was shown', () => {
    const machine = waiting();
    machine.done(operator, releaseStop, undefined);
    expect(machine.refused(operator, approveRequest, approvalOf(machine))).toBe('NotStopped');
    machine.pass(1n);
    machine.done(operator, stop, 'smoke');
    expect(machine.refused(operator, approveRequest, approvalOf(machine))).toBe('RequestOutdated');
    expect(isStopped(machine.tables)).toBe(true);
  });
});

describe('a hand-over', () => {
  it('ends what was asked of the old operator: neither of the two approves it', () => {
    const machine = helped();
    machine.done(delegate, ask, asked(grantFor(delegate)));
    machine.done(operator, offerOperation, successor);
    machine.done(successor, acceptOperation, undefined);
    expect(machine.refused(operator, approveRequest, approvalOf(machine))).toBe('NotOperator');
    expect(machine.refused(successor, approveRequest, approvalOf(machine))).toBe('RequestDecided');
    expect(machine.tables.openRequests.get()).toEqual([]);
    expect(machine.refused(delegate, ask, asked(grantFor(delegate)))).toBe('NotDelegate');
  });

  it('is told to the registry under its number, whatever the registry answers', () => {
    const machine = helped();
    const people = [successor, operator, successor];
    for (const [i, next] of people.entries()) {
      machine.done(people[i - 1] ?? operator, offerOperation, next);
      machine.done(next, acceptOperation, undefined);
    }
    expect(machine.answerCalls({ kind: 'rejected', code: 5, message: 'no' })).toEqual([
      'handover/1',
      'handover/2',
      'handover/3',
    ]);
    machine.done(successor, acceptOperation, undefined);
    expect(machine.answerCalls({ kind: 'unknown' })).toEqual([]);
    expect(machine.tables.roles.get()).toMatchObject({ operator: successor, handovers: 3 });
  });
});

describe('the text of a request', () => {
  const shown = (act: typeof release | ReturnType<typeof grantFor>, reason: string) => {
    const machine = helped();
    machine.done(operator, stop, 'it said "stop"');
    machine.done(delegate, ask, asked(act, reason));
    const payload = payloadOf(machine);
    return { payload, lines: renderRequest(payload).split('\n') };
  };

  it('tells all that a mandate would allow', () => {
    const purposes = { allowedPurposes: ['soap', 'power'], allowedPayees: [] };
    const { lines, payload } = shown(grantFor(delegate, { ...purposes, reserveFloor: 10n }), 'to buy soap');
    expect(lines[0]).toMatch(/^Machine .* asks to give a mandate to /);
    expect(lines).toEqual(
      expect.arrayContaining([
        'in the place of: mandate 1',
        'label: "assistant"',
        'each payment: 0 USD to 5 USD',
        'all payments: 20 USD with fees and 10 payments within 1 day',
        'asks the operator above: 5 USD',
        'must be left: 0.00001 USD',
        'to: nobody and nothing',
        'for: "soap"',
        'for: "power"',
        'powers: tariff, enrol',
        'because: "to buy soap"',
        `payload: ${bytesToHex(payloadHash(payload))}`,
      ]),
    );
  });

  it('tells who stopped the machine and why', () => {
    const { lines } = shown(release, 'it was steam');
    expect(lines[0]).toMatch(/asks to be released from its stop, and to work again$/);
    expect(lines).toEqual(expect.arrayContaining(['stopped because: "it said \\"stop\\""', 'because: "it was steam"']));
  });

  it('has no line that a text of somebody could have made', () => {
    const { lines } = shown(grantFor(stranger, { label: 'powers: none' }), 'powers: none');
    expect(lines.filter((line) => line.startsWith('powers:'))).toEqual(['powers: tariff, enrol']);
  });

  it('comes of the bytes of the payload alone', () => {
    const { payload, lines } = shown(grantFor(stranger), 'why not');
    const read = parsePayload(payloadToBytes(payload));
    expect(read.ok && renderRequest(read.value).split('\n')).toEqual(lines);
    expect(parsePayload(payloadToBytes(payload).subarray(1)).ok).toBe(false);
  });
});
