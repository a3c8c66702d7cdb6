import { commandLimits } from '@tamc/protocol/commands';
import type { Power } from '@tamc/protocol/powers';
import { describe, expect, it } from 'vitest';
import { takeControl } from '../control/rules.ts';
import { acceptOperation, approveUpgrade, offerOperation, prepareUpgrade } from '../identity/rules.ts';
import { stop } from '../stop/rules.ts';
import {
  createTestMachine,
  dayNs,
  delegate,
  deviceKey,
  digest,
  enrolDevice,
  grantPowers,
  operator,
  registry,
  reportNext,
  secondNs,
  stranger,
  type TestMachine,
} from '../test-machine.ts';
import { grantMandate, revokeMandate } from '../wallet/grant.ts';
import { canStart, requestDeviceCommand } from './request.ts';
import { command, subjectToCommand } from './rules.ts';
import { commandStatus } from './status.ts';
import { commandsToCandid } from './view.ts';

const wanted = (machine: TestMachine, change: object = {}) => {
  return { action: 'wash', arguments: '{}', device: null, expiresNs: machine.now() + dayNs, ...change };
};

function withDevice(): TestMachine {
  const machine = createTestMachine();
  enrolDevice(machine);
  return machine;
}

const statusOf = (machine: TestMachine, number: number) =>
  commandStatus(machine.tables.commands.get(number)!, machine.now());

describe('a command', () => {
  it('goes to the device that was enrolled first, or to the one it names', () => {
    const machine = withDevice();
    enrolDevice(machine, 'second');
    machine.done(operator, command, wanted(machine));
    machine.done(operator, command, wanted(machine, { device: 2, arguments: '{"degrees":40}' }));
    expect(machine.tables.commands.get(1)).toMatchObject({ device: 1, by: operator });
    expect(machine.tables.commands.get(2)).toMatchObject({ device: 2, arguments: '{"degrees":40}' });
  });

  it('is numbered one after the other, and its subject tells the number', () => {
    const machine = withDevice();
    const subjects = [1, 2, 3].map(() => machine.done(operator, command, wanted(machine)));
    expect(subjects.map(subjectToCommand)).toEqual([1, 2, 3]);
  });

  it('asks for an action of the description, or one that every machine knows', () => {
    const machine = withDevice();
    for (const action of ['wash', 'drain', 'start', 'stop', 'safe'])
      machine.done(operator, command, wanted(machine, { action }));
    for (const action of ['fly', '', 'x'.repeat(65)])
      expect(machine.refused(operator, command, wanted(machine, { action }))).toBe('ActionUnknown');
  });

  it('is refused when malformed', () => {
    const machine = withDevice();
    const refusal = (change: object) => machine.refused(operator, command, wanted(machine, change));
    expect(refusal({ arguments: '{' })).toBe('ArgumentsInvalid');
    expect(refusal({ arguments: '' })).toBe('ArgumentsInvalid');
    expect(refusal({ arguments: JSON.stringify('x'.repeat(commandLimits.argumentBytesMax)) })).toBe('ArgumentsInvalid');
    expect(refusal({ arguments: JSON.stringify('é'.repeat(2_048)) })).toBe('ArgumentsInvalid');
    expect(refusal({ expiresNs: machine.now() })).toBe('CommandExpiryInvalid');
    expect(refusal({ expiresNs: 0n })).toBe('CommandExpiryInvalid');
    expect(refusal({ expiresNs: 2n ** 64n - 1n })).toBe('CommandExpiryInvalid');
    expect(refusal({ device: 2 })).toBe('DeviceUnknown');
  });

  it('needs a device', () => {
    const machine = createTestMachine();
    expect(machine.refused(operator, command, wanted(machine))).toBe('NoDevice');
  });

  it('is given by the operator, and by delegates with that power while their mandate lives', () => {
    const machine = withDevice();
    expect(machine.refused(stranger, command, wanted(machine))).toBe('PowerMissing');
    expect(machine.refused(deviceKey, command, wanted(machine))).toBe('PowerMissing');
    grantPowers(machine, delegate, ['command'], 10n * secondNs);
    machine.done(delegate, command, wanted(machine));
    machine.pass(10n * secondNs);
    expect(machine.refused(delegate, command, wanted(machine))).toBe('PowerMissing');
  });

  it('is refused while another holds the remote control, but the operator and safety pass', () => {
    const machine = withDevice();
    const holder = stranger;
    grantPowers(machine, holder, ['control']);
    grantPowers(machine, delegate, ['command']);
    machine.done(holder, takeControl, 60n * secondNs);
    machine.done(holder, command, wanted(machine));
    expect(machine.refused(delegate, command, wanted(machine))).toBe('LeaseHeld');
    machine.done(delegate, command, wanted(machine, { action: 'safe' }));
    machine.done(operator, command, wanted(machine));
  });

  it('is refused while the machine is stopped, or about to be upgraded; a stop and a safe state are not', () => {
    const machine = withDevice();
    machine.done(operator, approveUpgrade, new Uint8Array(32));
    machine.done(registry, prepareUpgrade, new Uint8Array(32));
    expect(machine.refused(operator, command, wanted(machine))).toBe('UpgradeUnderWay');
    machine.done(operator, stop, 'test');
    expect(machine.refused(operator, command, wanted(machine))).toBe('MachineStopped');
    machine.done(operator, command, wanted(machine, { action: 'safe' }));
  });

  it('is bounded in number until some end or expire', () => {
    const machine = withDevice();
    const soon = wanted(machine, { expiresNs: machine.now() + secondNs });
    for (let i = 0; i < commandLimits.openMax; i++) machine.done(operator, command, soon);
    expect(machine.refused(operator, command, soon)).toBe('CommandsFull');
    reportNext(machine, deviceKey, { kind: 'failed', command: 5, reason: 'no water', evidence: null });
    machine.done(operator, command, soon);
    expect(machine.refused(operator, command, soon)).toBe('CommandsFull');
    machine.pass(secondNs);
    machine.done(operator, command, wanted(machine));
    expect(machine.tables.commandQueue.get().open).toHaveLength(1);
  });

  it('of work has room beside those of safety, which are bounded too', () => {
    const machine = withDevice();
    for (let i = 0; i < commandLimits.openMax; i++)
      machine.done(operator, command, wanted(machine, { action: 'safe' }));
    expect(machine.refused(operator, command, wanted(machine, { action: 'stop' }))).toBe('CommandsFull');
    machine.done(operator, command, wanted(machine));
    machine.done(operator, stop, 'test');
    expect(machine.tables.commands.get(commandLimits.openMax + 2)?.action).toBe('stop');
  });

  it('is expired from its expiry on, whatever the device did before', () => {
    const machine = withDevice();
    machine.done(operator, command, wanted(machine));
    reportNext(machine, deviceKey, { kind: 'accepted', command: 1 });
    machine.pass(dayNs - 1n);
    expect(statusOf(machine, 1)).toBe('accepted');
    machine.pass(1n);
    expect(statusOf(machine, 1)).toBe('expired');
  });

  it('stays readable while it is open, and for some hundred others', () => {
    const machine = withDevice();
    machine.done(operator, command, wanted(machine));
    const { keptCount } = commandLimits;
    for (let i = 0; i < keptCount + 10; i++) {
      machine.done(operator, command, wanted(machine));
      reportNext(machine, deviceKey, { kind: 'confirmed', command: i + 2, quantity: 1n, evidence: digest });
    }
    expect(statusOf(machine, 1)).toBe('requested');
    expect(machine.tables.commands.get(2)).toBe(null);
    const kept = [...Array(keptCount + 12).keys()].filter((number) => machine.tables.commands.get(number) !== null);
    expect(kept.length).toBeLessThanOrEqual(keptCount + 1);
    expect(commandsToCandid(machine.tables, null, 1000, machine.now())).toHaveLength(100);
    expect(commandsToCandid(machine.tables, 3, 1000, machine.now())).toHaveLength(1);
    reportNext(machine, deviceKey, { kind: 'confirmed', command: 1, quantity: 1n, evidence: digest });
    expect(machine.tables.commands.get(1)).toBe(null);
  });
});

describe('a command whose giver loses the right to it', () => {
  const given = (machine: TestMachine, action = 'wash') =>
    subjectToCommand(machine.done(delegate, command, wanted(machine, { action, expiresNs: machine.now() + dayNs })));

  it('is taken back with the mandate, unless the device has begun or it is for safety', () => {
    const machine = withDevice();
    grantPowers(machine, delegate, ['command']);
    const [begun, waiting] = [given(machine), given(machine)];
    const safe = given(machine, 'safe');
    machine.done(operator, command, wanted(machine));
    reportNext(machine, deviceKey, { kind: 'accepted', command: begun });
    machine.done(operator, revokeMandate, { mandate: machine.tables.mandateIndex.get().live[0]! });
    expect(statusOf(machine, waiting)).toBe('failed');
    expect(machine.tables.commands.get(waiting)!.reason).toBe('the right to command has ended');
    expect([begun, safe, safe + 1].map((number) => statusOf(machine, number))).toEqual([
      'accepted',
      'requested',
      'requested',
    ]);
  });

  it('is taken back when a mandate without that power takes the place of one with it, and stays with another that has it', () => {
    const machine = withDevice();
    grantPowers(machine, delegate, ['command']);
    const first = given(machine);
    const [before] = machine.tables.mandateIndex.get().live;
    const { terms } = machine.tables.mandates.get(before!)!;
    const grant = (powers: readonly Power[]) =>
      machine.done(operator, grantMandate, { delegate, terms: { ok: true, value: { ...terms, powers } } });
    grant(['command', 'describe']);
    expect(statusOf(machine, first)).toBe('requested');
    grant(['describe']);
    expect(statusOf(machine, first)).toBe('failed');
  });

  it('expires with the mandate, but not what makes the machine safer', () => {
    const machine = withDevice();
    grantPowers(machine, delegate, ['command'], 10n * secondNs);
    const [work, safe] = [given(machine), given(machine, 'safe')];
    machine.pass(10n * secondNs);
    expect([work, safe].map((number) => statusOf(machine, number))).toEqual(['expired', 'requested']);
  });

  it('is taken back when the machine passes to another operator, whoever gave it but that one', () => {
    const machine = withDevice();
    grantPowers(machine, delegate, ['command']);
    grantPowers(machine, stranger, ['command']);
    const wantedBy = (who: typeof operator) => subjectToCommand(machine.done(who, command, wanted(machine)));
    const numbers = [operator, delegate, stranger].map(wantedBy);
    machine.done(operator, offerOperation, stranger);
    machine.done(stranger, acceptOperation, undefined);
    expect(numbers.map((number) => statusOf(machine, number))).toEqual(['failed', 'failed', 'requested']);
  });
});

describe('a command that an order causes', () => {
  it('carries its cause and is asked for beforehand with the same answer', () => {
    const machine = withDevice();
    const context = machine.context(stranger);
    const given = { ...wanted(machine, { action: 'start' }), cause: 'order/1' };
    expect(canStart(machine.tables, context, 'start')).toBe(null);
    expect(requestDeviceCommand(machine.tables, context, given)).toMatchObject({ ok: true, value: { command: 1 } });
    machine.done(operator, stop, 'test');
    const refusal = canStart(machine.tables, context, 'start');
    expect(refusal?.code).toBe('MachineStopped');
    expect(requestDeviceCommand(machine.tables, context, given)).toEqual({ ok: false, error: refusal });
  });
});
