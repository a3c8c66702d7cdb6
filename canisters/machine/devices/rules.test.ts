import { deviceLimits } from '@tamc/protocol/devices';
import { sha256 } from '@tamc/protocol/hash';
import { anonymous } from '@tamc/protocol/principal';
import { describe, expect, it } from 'vitest';
import { report } from '../commands/reports.ts';
import { command } from '../commands/rules.ts';
import { commandStatus } from '../commands/status.ts';
import { offerOperation } from '../identity/rules.ts';
import { isDevice } from '../powers.ts';
import { releaseStop, stop } from '../stop/rules.ts';
import {
  canisterOf,
  codeOf,
  createTestMachine,
  dayNs,
  delegate,
  deviceKey,
  enrolDevice,
  grantPowers,
  issueFor,
  keyOf,
  ledger,
  nextReport,
  operator,
  stranger,
} from '../test-machine.ts';
import { grantMandate } from '../wallet/grant.ts';
import { confirmKey, enrol, issueEnrolment, revokeDevice, rotateKey } from './rules.ts';

const enrolment = (name: string, expiresNs: bigint) => ({ codeHash: sha256(codeOf(name)), label: name, expiresNs });
const beginningLater = (machine: ReturnType<typeof createTestMachine>) => {
  return { ...machine.tables.mandates.get(1)!.terms, notBeforeNs: machine.now() + dayNs };
};
const heartbeat = { kind: 'heartbeat' } as const;

describe('enrolment', () => {
  it('lets in one device per code', () => {
    const machine = createTestMachine();
    expect(enrolDevice(machine)).toBe(1);
    expect(isDevice(machine.tables, deviceKey)).toBe(true);
    expect(machine.refused(stranger, enrol, codeOf('device'))).toBe('CodeUnknown');
    expect(enrolDevice(machine, 'second')).toBe(2);
  });

  it('repeated by the same key answers the same device', () => {
    const machine = createTestMachine();
    enrolDevice(machine);
    const before = machine.hash();
    expect(machine.done(deviceKey, enrol, codeOf('device'))).toBe(1);
    expect(machine.hash()).toBe(before);
  });

  it('ends with its expiry, at that very nanosecond', () => {
    const machine = createTestMachine();
    machine.done(operator, issueEnrolment, enrolment('device', machine.now() + 10n));
    machine.pass(10n);
    expect(machine.refused(deviceKey, enrol, codeOf('device'))).toBe('CodeUnknown');
  });

  it('refuses guesses and codes that could be guessed', () => {
    const machine = createTestMachine();
    issueFor(machine, 'device');
    expect(machine.refused(stranger, enrol, codeOf('other'))).toBe('CodeUnknown');
    expect(machine.refused(stranger, enrol, new Uint8Array(15))).toBe('CodeLengthInvalid');
    expect(machine.refused(stranger, enrol, new Uint8Array(65))).toBe('CodeLengthInvalid');
  });

  it('refuses whoever is somebody else to the machine', () => {
    const machine = createTestMachine();
    const successor = keyOf('successor');
    grantPowers(machine, delegate, ['describe']);
    machine.done(operator, offerOperation, successor);
    issueFor(machine, 'device');
    for (const unfit of [operator, delegate, successor, anonymous, canisterOf(9)])
      expect(machine.refused(unfit, enrol, codeOf('device'))).toBe('KeyUnfit');
    machine.tables.mandates.set(1, { ...machine.tables.mandates.get(1)!, terms: beginningLater(machine) });
    expect(machine.refused(delegate, enrol, codeOf('device'))).toBe('KeyUnfit');
    enrolDevice(machine, 'first');
    expect(machine.refused(keyOf('first'), enrol, codeOf('device'))).toBe('KeyUnfit');
  });

  it('is issued by the operator and by delegates with that power', () => {
    const machine = createTestMachine();
    grantPowers(machine, delegate, ['enrol']);
    machine.done(delegate, issueEnrolment, enrolment('a', machine.now() + dayNs));
    expect(machine.refused(stranger, issueEnrolment, enrolment('b', machine.now() + dayNs))).toBe('PowerMissing');
  });

  it('is refused when malformed, known, past or too far ahead', () => {
    const machine = createTestMachine();
    const good = enrolment('a', machine.now() + dayNs);
    const refusal = (wrong: object) => machine.refused(operator, issueEnrolment, { ...good, ...wrong });
    expect(refusal({ codeHash: new Uint8Array(31) })).toBe('CodeHashInvalid');
    expect(refusal({ label: '' })).toBe('FieldInvalid');
    expect(refusal({ label: 'x'.repeat(65) })).toBe('FieldInvalid');
    expect(refusal({ label: 'door\u202e' })).toBe('FieldInvalid');
    expect(refusal({ expiresNs: machine.now() })).toBe('CodeExpiryInvalid');
    expect(refusal({ expiresNs: 2n ** 64n - 1n })).toBe('CodeExpiryInvalid');
    machine.done(operator, issueEnrolment, good);
    expect(refusal({})).toBe('CodeHashKnown');
  });

  it('is bounded: codes that wait, and devices; expired codes give their place back', () => {
    const machine = createTestMachine();
    for (let i = 0; i < deviceLimits.codesMax; i++) issueFor(machine, `code ${i}`);
    const more = () => enrolment('one more', machine.now() + dayNs);
    expect(machine.refused(operator, issueEnrolment, more())).toBe('CodesFull');
    machine.pass(dayNs);
    machine.done(operator, issueEnrolment, more());
    for (let i = 0; i < deviceLimits.devicesMax; i++) enrolDevice(machine, `device ${i}`);
    expect(machine.refused(stranger, enrol, codeOf('one more'))).toBe('DevicesFull');
  });

  it('into a stopped machine comes with a stop', () => {
    const machine = createTestMachine();
    machine.done(operator, stop, 'test');
    enrolDevice(machine);
    expect(machine.tables.commands.get(1)).toMatchObject({ action: 'stop', device: 1 });
    machine.done(operator, releaseStop, undefined);
  });
});

describe('a mandate', () => {
  it('is not granted to a device', () => {
    const machine = createTestMachine();
    enrolDevice(machine);
    const terms = {
      label: 'x',
      ledger,
      amountMin: 0n,
      amountMax: 1n,
      budgetAmount: 1n,
      budgetPeriodNs: dayNs,
    } as const;
    const rest = { recurrence: 1, allowedPayees: null, allowedPurposes: null, notBeforeNs: 0n, powers: [] } as const;
    const last = { expiresNs: machine.now() + dayNs, reserveFloor: 0n, askAbove: 1n };
    const given = { ok: true, value: { ...terms, ...rest, ...last } } as const;
    expect(machine.refused(operator, grantMandate, { delegate: deviceKey, terms: given })).toBe('DelegateInvalid');
    expect(machine.done(operator, grantMandate, { delegate, terms: given })).toBe('mandate/1');
  });
});

describe('rotation of a key', () => {
  const next = keyOf('next');

  it('gives power to the new key when that key signs, and takes it from the old one in the same step', () => {
    const machine = createTestMachine();
    enrolDevice(machine);
    machine.done(deviceKey, rotateKey, next);
    expect(machine.refused(next, report, nextReport(machine, next, heartbeat))).toBe('NotADevice');
    machine.done(deviceKey, report, nextReport(machine, deviceKey, heartbeat));
    expect(machine.done(next, confirmKey, undefined)).toBe(1);
    expect(machine.refused(deviceKey, report, nextReport(machine, next, heartbeat))).toBe('NotADevice');
    expect(machine.refused(deviceKey, stop, '')).toBe('MayNotStop');
    machine.done(next, report, nextReport(machine, next, heartbeat));
    expect(machine.tables.devices.get(1)?.lastSequence).toBe(2);
  });

  it('repeated changes nothing more', () => {
    const machine = createTestMachine();
    enrolDevice(machine);
    machine.done(deviceKey, rotateKey, next);
    machine.done(deviceKey, rotateKey, next);
    machine.done(next, confirmKey, undefined);
    machine.done(next, confirmKey, undefined);
    expect(machine.kinds().filter((kind) => kind.startsWith('Key'))).toEqual(['KeyProposed', 'KeyConfirmed']);
  });

  it('is refused to strangers, and towards keys that are somebody', () => {
    const machine = createTestMachine();
    enrolDevice(machine);
    enrolDevice(machine, 'second');
    grantPowers(machine, delegate, []);
    expect(machine.refused(stranger, rotateKey, next)).toBe('NotADevice');
    for (const unfit of [operator, delegate, keyOf('second'), anonymous, canisterOf(9), deviceKey])
      expect(machine.refused(deviceKey, rotateKey, unfit)).toBe('KeyUnfit');
    expect(machine.refused(next, confirmKey, undefined)).toBe('NoKeyProposed');
    machine.done(deviceKey, rotateKey, next);
    expect(machine.refused(keyOf('second'), rotateKey, next)).toBe('KeyUnfit');
    issueFor(machine, 'third');
    expect(machine.refused(next, enrol, codeOf('third'))).toBe('KeyUnfit');
  });

  it('is not confirmed by a key that has become a delegate meanwhile', () => {
    const machine = createTestMachine();
    enrolDevice(machine);
    machine.done(deviceKey, rotateKey, next);
    grantPowers(machine, next, []);
    expect(machine.refused(next, confirmKey, undefined)).toBe('KeyUnfit');
  });
});

describe('revocation', () => {
  it('takes every power at once and fails what the device had before it', () => {
    const machine = createTestMachine();
    enrolDevice(machine);
    const wanted = { action: 'wash', arguments: '{}', device: null, expiresNs: machine.now() + dayNs };
    machine.done(operator, command, wanted);
    machine.done(operator, revokeDevice, { device: 1, reason: 'stolen' });
    expect(machine.refused(deviceKey, report, { sequence: 1, atNs: machine.now(), body: heartbeat })).toBe(
      'NotADevice',
    );
    expect(machine.refused(deviceKey, rotateKey, keyOf('next'))).toBe('NotADevice');
    expect(commandStatus(machine.tables.commands.get(1)!, machine.now())).toBe('failed');
    expect(machine.refused(operator, command, wanted)).toBe('NoDevice');
  });

  it('also ends a proposal of a next key', () => {
    const machine = createTestMachine();
    enrolDevice(machine);
    machine.done(deviceKey, rotateKey, keyOf('next'));
    machine.done(operator, revokeDevice, { device: 1, reason: '' });
    expect(machine.refused(keyOf('next'), confirmKey, undefined)).toBe('NoKeyProposed');
  });

  it('is for the operator and delegates with that power; a device that is gone stays gone', () => {
    const machine = createTestMachine();
    enrolDevice(machine);
    const revocation = { device: 1, reason: 'old' };
    expect(machine.refused(stranger, revokeDevice, revocation)).toBe('PowerMissing');
    expect(machine.refused(operator, revokeDevice, { device: 2, reason: '' })).toBe('DeviceUnknown');
    expect(machine.refused(operator, revokeDevice, { device: 1, reason: 'x'.repeat(65) })).toBe('FieldInvalid');
    expect(machine.refused(operator, revokeDevice, { device: 1, reason: 'lost\u0007' })).toBe('FieldInvalid');
    machine.done(operator, revokeDevice, revocation);
    expect(machine.done(operator, revokeDevice, revocation)).toBe(null);
    expect(enrolDevice(machine, 'another')).toBe(2);
  });
});
