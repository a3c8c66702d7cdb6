import { describe, expect, it } from 'vitest';
import { command } from '../commands/rules.ts';
import { takeControl } from '../control/rules.ts';
import { isStopped } from '../powers.ts';
import {
  createTestMachine,
  dayNs,
  delegate,
  deviceKey,
  enrolDevice,
  grantPowers,
  operator,
  registry,
  reportNext,
  secondNs,
  stranger,
  type TestMachine,
} from '../test-machine.ts';
import { releaseStop, releaseStopOf, stop } from './rules.ts';

const wash = (machine: TestMachine) => {
  return { action: 'wash', arguments: '{}', device: 1, expiresNs: machine.now() + dayNs };
};

function running(): TestMachine {
  const machine = createTestMachine();
  enrolDevice(machine);
  enrolDevice(machine, 'second');
  return machine;
}

const openActions = ({ tables }: TestMachine) =>
  tables.commandQueue.get().open.map(({ action, device }) => [action, device]);

describe('a stop', () => {
  it('is given by operator, delegate, holder of the remote control and device, with whatever power they have', () => {
    for (const caller of [operator, delegate, deviceKey]) {
      const machine = running();
      grantPowers(machine, delegate, []);
      machine.done(caller, stop, 'smoke');
      expect(machine.tables.stop.get()).toEqual({ reason: 'smoke', by: caller, sinceNs: machine.now() });
    }
  });

  it('is not given by strangers, the registry, or delegates of the past', () => {
    const machine = running();
    grantPowers(machine, delegate, ['command', 'control'], secondNs);
    machine.done(delegate, takeControl, 10n * secondNs);
    machine.pass(secondNs);
    for (const caller of [stranger, registry, delegate]) expect(machine.refused(caller, stop, '')).toBe('MayNotStop');
  });

  it('reaches every device and takes back what none has begun, and only that', () => {
    const machine = running();
    machine.done(operator, command, wash(machine));
    machine.done(operator, command, wash(machine));
    reportNext(machine, deviceKey, { kind: 'accepted', command: 1 });
    machine.done(deviceKey, stop, 'door open');
    expect(openActions(machine)).toEqual([
      ['wash', 1],
      ['stop', 1],
      ['stop', 2],
    ]);
    expect(machine.tables.commands.get(2)).toMatchObject({ outcome: 'failed', reason: 'stopped' });
    machine.done(operator, releaseStop, undefined);
    expect(machine.tables.commands.get(2)?.outcome).toBe('failed');
  });

  it('is never refused for being many: the list of commands may be full', () => {
    const machine = running();
    for (let i = 0; i < 32; i++) {
      machine.done(operator, command, wash(machine));
      if (i % 2 === 0) reportNext(machine, deviceKey, { kind: 'accepted', command: i + 1 });
    }
    machine.done(operator, stop, 'x'.repeat(10_000));
    expect(machine.tables.stop.get()?.reason).toHaveLength(256);
    expect(openActions(machine)).toHaveLength(18);
  });

  it('shows its reason as one printable line, whatever was sent', () => {
    const machine = running();
    machine.done(operator, stop, ' fire\u0000\u202e\n\ud800in the hall ');
    expect(machine.tables.stop.get()?.reason).toBe('fire in the hall');
  });

  it('repeated leaves everything as it is', () => {
    const machine = running();
    machine.done(operator, stop, 'first');
    const before = machine.hash();
    machine.pass(secondNs);
    machine.done(deviceKey, stop, 'second');
    expect(machine.hash()).toBe(before);
  });

  it('holds until the operator releases it, however long', () => {
    const machine = running();
    grantPowers(machine, delegate, ['command', 'control', 'tariff', 'enrol', 'describe']);
    machine.done(delegate, stop, '');
    machine.pass(365n * dayNs);
    expect(isStopped(machine.tables)).toBe(true);
    for (const caller of [delegate, deviceKey, registry, stranger])
      expect(machine.refused(caller, releaseStop, undefined)).toBe('NotOperator');
    machine.done(operator, releaseStop, undefined);
    machine.done(operator, releaseStop, undefined);
    expect(isStopped(machine.tables)).toBe(false);
    machine.done(operator, command, wash(machine));
  });

  it('is released as the one that was looked at, and a later one stays in force', () => {
    const machine = running();
    machine.done(operator, stop, 'first');
    const first = machine.now();
    expect(machine.refused(delegate, releaseStopOf, first)).toBe('NotOperator');
    machine.done(operator, releaseStopOf, first);
    machine.done(operator, releaseStopOf, first);
    machine.pass(secondNs);
    machine.done(deviceKey, stop, 'a hand in the drum');
    expect(machine.refused(operator, releaseStopOf, first)).toBe('StopChanged');
    expect(machine.tables.stop.get()?.reason).toBe('a hand in the drum');
    machine.done(operator, releaseStopOf, machine.now());
    expect(isStopped(machine.tables)).toBe(false);
  });

  it('is in force in the same message that gave it', () => {
    const machine = running();
    machine.done(operator, stop, '');
    expect(machine.refused(operator, command, wash(machine))).toBe('MachineStopped');
  });
});
