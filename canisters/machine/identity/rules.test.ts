import { sha256 } from '@tamc/protocol/hash';
import { anonymous, hexToPrincipal, managementCanister } from '@tamc/protocol/principal';
import { markSent } from '@tamc/shared/saga/outbox';
import { expect, describe as group, it } from 'vitest';
import { leaseNow } from '../control/lease.ts';
import { takeControl } from '../control/rules.ts';
import { enrol, issueEnrolment } from '../devices/rules.ts';
import { nextWakeNs } from '../machine.ts';
import { isQuiet, operatorOf } from '../powers.ts';
import {
  codeOf,
  createTestMachine,
  dayNs,
  delegate,
  deviceKey,
  enrolDevice,
  grantPowers,
  init,
  keyOf,
  ledger,
  operator,
  registry,
  secondNs,
  self,
  stranger,
  type TestMachine,
  thing,
} from '../test-machine.ts';
import { noteUpgrade } from '../upgrade.ts';
import { identityOf } from './apply.ts';
import { giveBirth } from './birth.ts';
import {
  acceptOperation,
  approveUpgrade,
  cancelUpgrade,
  describe,
  offerOperation,
  prepareUpgrade,
  setCharter,
} from './rules.ts';
import { approvedUpgrade, newCodeFault } from './upgrade.ts';

const successor = keyOf('successor');

group('birth', () => {
  it('writes down who the machine is, with hashes of its description and charter', () => {
    const { tables, kinds } = createTestMachine();
    expect(identityOf(tables)).toMatchObject({ kind: 'washer', make: 'Acme', place: 'u33dc0', generation: 0 });
    expect(identityOf(tables).thingHash).toHaveLength(64);
    expect(tables.actions.get()).toEqual(['wash', 'drain']);
    expect(kinds().slice(0, 3)).toEqual(['MachineBorn', 'MachineDescribed', 'CharterSet']);
  });

  it('happens once', () => {
    expect(createTestMachine().refused(registry, giveBirth, init)).toBe('FieldInvalid');
  });

  it.each([
    ['a kind with spaces', { kind: 'my washer' }],
    ['no kind', { kind: '' }],
    ['no make', { make: '' }],
    ['a long model', { model: 'x'.repeat(65) }],
    ['a make with a line end', { make: 'Acme\nCorp' }],
    ['a make that turns the text after it', { make: 'Acme\u202e' }],
    ['a model with half a character', { model: 'W\ud83e' }],
    ['a charter with a terminal command', { charter: 'Washes.\u001b[2J' }],
    ['a title that turns the text after it', { thing: thing.replace('"title":"', '"title":"\\u202e') }],
    ['no place', { place: '' }],
    ['a place that is no geohash', { place: 'aaaa' }],
    ['a place finer than the ground', { place: 'u33dc0u33dc0u' }],
    ['a charter above its limit', { charter: 'é'.repeat(8_193) }],
    ['a description that is no JSON', { thing: '{' }],
    ['an impossible generation', { generation: 4_000_000_000 }],
    ['an anonymous operator', { operator: hexToPrincipal(anonymous) }],
    ['the registry as operator', { operator: hexToPrincipal(registry) }],
    ['itself as operator', { operator: hexToPrincipal(self) }],
    ['an anonymous registry', { registry: hexToPrincipal(anonymous) }],
  ])('is refused with %s', (_, wrong) => {
    expect(() => createTestMachine({ ...init, ...wrong })).toThrow('not born');
  });
});

group('description and charter', () => {
  it('are changed by the operator, and by a delegate with that power', () => {
    const machine = createTestMachine();
    grantPowers(machine, delegate, ['describe']);
    machine.done(delegate, describe, thing.replace('drain', 'spin'));
    expect(machine.tables.actions.get()).toEqual(['wash', 'spin']);
    machine.done(operator, setCharter, 'It washes for less.');
    expect(machine.tables.documents.get('charter')).toBe('It washes for less.');
  });

  it('are not changed by others, nor to what cannot be', () => {
    const machine = createTestMachine();
    grantPowers(machine, delegate, ['command']);
    expect(machine.refused(stranger, describe, thing)).toBe('PowerMissing');
    expect(machine.refused(delegate, setCharter, 'mine')).toBe('PowerMissing');
    expect(machine.refused(operator, describe, '[]')).toBe('ThingInvalid');
    expect(machine.refused(operator, setCharter, 'x'.repeat(16_385))).toBe('FieldInvalid');
    expect(machine.refused(operator, setCharter, 'mine\u2066')).toBe('FieldInvalid');
    machine.done(operator, setCharter, 'It washes.\n\tFor less.');
  });
});

group('operation', () => {
  it('passes in two steps, the second by the new operator itself', () => {
    const machine = createTestMachine();
    machine.done(operator, offerOperation, successor);
    expect(operatorOf(machine.tables)).toBe(operator);
    machine.done(successor, acceptOperation, undefined);
    expect(operatorOf(machine.tables)).toBe(successor);
    expect(machine.refused(operator, setCharter, 'still mine')).toBe('PowerMissing');
    expect(machine.done(successor, acceptOperation, undefined)).toBe(null);
  });

  it('takes mandates, unused codes and an approved upgrade of the old operator with it, and says so', () => {
    const machine = createTestMachine();
    grantPowers(machine, delegate, ['describe']);
    grantPowers(machine, successor, ['command']);
    machine.done(operator, approveUpgrade, new Uint8Array(32).fill(7));
    machine.done(operator, offerOperation, successor);
    machine.done(delegate, setCharter, 'until the last moment');
    const code = { codeHash: sha256(codeOf('later')), label: 'later', expiresNs: machine.now() + dayNs };
    machine.done(operator, issueEnrolment, code);
    machine.done(successor, acceptOperation, undefined);
    expect(machine.kinds().slice(-5)).toEqual([
      'OperationAccepted',
      'MandateRevoked',
      'MandateRevoked',
      'EnrolmentWithdrawn',
      'UpgradeWithdrawn',
    ]);
    expect(machine.refused(delegate, setCharter, 'and after')).toBe('PowerMissing');
    expect(approvedUpgrade(machine.tables, machine.now())).toBe(null);
    expect(machine.tables.mandateIndex.get().live).toEqual([]);
    expect(machine.refused(deviceKey, enrol, codeOf('later'))).toBe('CodeUnknown');
    grantPowers(machine, delegate, ['describe']);
    machine.done(delegate, setCharter, 'by the new one');
  });

  it('ends the remote control that the old operator gave or held', () => {
    for (const holder of [operator, delegate]) {
      const machine = createTestMachine();
      grantPowers(machine, delegate, ['control']);
      machine.done(holder, takeControl, 60n * secondNs);
      machine.done(operator, offerOperation, successor);
      machine.done(successor, acceptOperation, undefined);
      expect(leaseNow(machine.tables, machine.now())).toBe(null);
    }
  });

  it('is taken by nobody to whom it is not offered, or no longer', () => {
    const machine = createTestMachine();
    expect(machine.refused(successor, acceptOperation, undefined)).toBe('NothingOffered');
    machine.done(operator, offerOperation, successor);
    expect(machine.refused(stranger, acceptOperation, undefined)).toBe('NothingOffered');
    machine.done(operator, offerOperation, null);
    expect(machine.refused(successor, acceptOperation, undefined)).toBe('NothingOffered');
  });

  it('is offered by the operator alone, and not to a device, the registry, the machine or anybody', () => {
    const machine = createTestMachine();
    enrolDevice(machine);
    grantPowers(machine, delegate, ['describe', 'control']);
    expect(machine.refused(delegate, offerOperation, successor)).toBe('NotOperator');
    for (const unfit of [deviceKey, registry, self, operator, anonymous, managementCanister])
      expect(machine.refused(operator, offerOperation, unfit)).toBe('OperatorUnfit');
  });
});

group('an upgrade', () => {
  const moduleHash = new Uint8Array(32).fill(7);

  it('is what the operator approved, until the approval expires or is withdrawn', () => {
    const machine = createTestMachine();
    machine.done(operator, approveUpgrade, moduleHash);
    expect(approvedUpgrade(machine.tables, machine.now())?.moduleHash).toBe('07'.repeat(32));
    machine.pass(30n * dayNs);
    expect(approvedUpgrade(machine.tables, machine.now())).toBe(null);
    machine.done(operator, approveUpgrade, moduleHash);
    machine.done(operator, cancelUpgrade, undefined);
    expect(approvedUpgrade(machine.tables, machine.now())).toBe(null);
  });

  it('is prepared by the registry alone, after an approval, and keeps the machine quiet for ten minutes at most', () => {
    const machine = createTestMachine();
    expect(machine.refused(registry, prepareUpgrade, moduleHash)).toBe('UpgradeNotApproved');
    machine.done(operator, approveUpgrade, moduleHash);
    expect(machine.refused(operator, prepareUpgrade, moduleHash)).toBe('NotRegistry');
    machine.done(registry, prepareUpgrade, moduleHash);
    expect(isQuiet(machine.tables, machine.now())).toBe(true);
    machine.pass(600n * secondNs);
    expect(isQuiet(machine.tables, machine.now())).toBe(false);
  });

  it('that is prepared lets the machine look for what is due when the quiet ends, and for a lease at once', () => {
    const machine = createTestMachine();
    machine.tables.openTransfers.set([
      { transfer: 0, ledger, kind: 'payment', amount: 1n, nextNs: machine.now() + secondNs },
    ]);
    expect(nextWakeNs(machine.tables, machine.now())).toBe(machine.now() + secondNs);
    machine.done(operator, approveUpgrade, moduleHash);
    machine.done(registry, prepareUpgrade, moduleHash);
    const quietUntilNs = machine.now() + 600n * secondNs;
    expect(nextWakeNs(machine.tables, machine.now())).toBe(quietUntilNs);
    machine.done(operator, takeControl, 60n * secondNs);
    expect(nextWakeNs(machine.tables, machine.now())).toBe(machine.now() + 60n * secondNs);
  });

  it('is prepared for the module that is approved, and for no other', () => {
    const machine = createTestMachine();
    machine.done(operator, approveUpgrade, moduleHash);
    for (const other of [new Uint8Array(32).fill(8), moduleHash.subarray(1), null])
      expect(machine.refused(registry, prepareUpgrade, other)).toBe('UpgradeNotApproved');
    expect(newCodeFault(machine.tables, machine.now())?.code).toBe('UpgradeNotApproved');
    machine.done(registry, prepareUpgrade, moduleHash);
    expect(newCodeFault(machine.tables, machine.now())).toBe(null);
  });

  it('over an open call does not make the machine quiet, however often somebody asks for it', () => {
    const machine = createTestMachine();
    machine.done(operator, approveUpgrade, moduleHash);
    machine.done(operator, offerOperation, successor);
    machine.done(successor, acceptOperation, undefined);
    const [[, id]] = machine.tables.outboxDue.keys({ limit: 1 }) as [[bigint, string]];
    machine.done(successor, approveUpgrade, moduleHash);
    markSent(machine.tables, id, machine.now());
    for (let i = 0; i < 3; i++) {
      machine.done(registry, prepareUpgrade, moduleHash);
      expect(isQuiet(machine.tables, machine.now())).toBe(false);
      machine.pass(600n * secondNs);
    }
  });

  it.each<[string, (machine: TestMachine) => void]>([
    ['withdraws it', (machine) => machine.done(operator, cancelUpgrade, undefined)],
    ['decides for another module', (machine) => machine.done(operator, approveUpgrade, new Uint8Array(32).fill(8))],
    ['hands the machine over', (machine) => machine.done(successor, acceptOperation, undefined)],
    ['lets the approval run out', (machine) => machine.pass(30n * dayNs)],
  ])('that is prepared already is not taken when the operator %s, and the quiet is over', (_, decides) => {
    const machine = createTestMachine();
    machine.done(operator, offerOperation, successor);
    machine.done(operator, approveUpgrade, moduleHash);
    machine.done(registry, prepareUpgrade, moduleHash);
    decides(machine);
    expect(newCodeFault(machine.tables, machine.now())?.code).toBe('UpgradeNotApproved');
    expect(isQuiet(machine.tables, machine.now())).toBe(false);
  });

  it('that is approved once more while it is prepared goes on', () => {
    const machine = createTestMachine();
    machine.done(operator, approveUpgrade, moduleHash);
    machine.done(registry, prepareUpgrade, moduleHash);
    machine.done(operator, approveUpgrade, moduleHash);
    expect(newCodeFault(machine.tables, machine.now())).toBe(null);
    expect(isQuiet(machine.tables, machine.now())).toBe(true);
  });

  it('given up by the registry leaves the approval and ends the quiet', () => {
    const machine = createTestMachine();
    machine.done(operator, approveUpgrade, moduleHash);
    machine.done(registry, prepareUpgrade, moduleHash);
    machine.done(registry, cancelUpgrade, undefined);
    expect(isQuiet(machine.tables, machine.now())).toBe(false);
    expect(approvedUpgrade(machine.tables, machine.now())).not.toBe(null);
  });

  it('spends its approval', () => {
    const machine = createTestMachine();
    machine.done(operator, approveUpgrade, moduleHash);
    machine.done(registry, prepareUpgrade, moduleHash);
    machine.done(self, noteUpgrade, null);
    expect(approvedUpgrade(machine.tables, machine.now())).toBe(null);
    expect(isQuiet(machine.tables, machine.now())).toBe(false);
    expect(machine.kinds().at(-1)).toBe('MachineUpgraded');
  });

  it('is not decided by others, nor about something that is no hash', () => {
    const machine = createTestMachine();
    expect(machine.refused(stranger, approveUpgrade, moduleHash)).toBe('NotOperator');
    expect(machine.refused(stranger, cancelUpgrade, undefined)).toBe('NotOperator');
    expect(machine.refused(operator, approveUpgrade, new Uint8Array(31))).toBe('FieldInvalid');
  });
});
