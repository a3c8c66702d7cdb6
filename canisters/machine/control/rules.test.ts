import { describe, expect, it } from 'vitest';
import { command } from '../commands/rules.ts';
import { commandStatus } from '../commands/status.ts';
import {
  createTestMachine,
  dayNs,
  delegate,
  deviceKey,
  digest,
  enrolDevice,
  grantPowers,
  keyOf,
  operator,
  registry,
  reportNext,
  revokePowers,
  secondNs,
  self,
  stranger,
  type TestMachine,
} from '../test-machine.ts';
import { nextNoticeNs, noticeLease } from './end.ts';
import { leaseNow } from './lease.ts';
import { acceptControl, keepControl, offerControl, releaseControl, takeControl } from './rules.ts';

const minute = 60n * secondNs;
const other = keyOf('other delegate');

function controlled(): TestMachine {
  const machine = createTestMachine();
  enrolDevice(machine);
  grantPowers(machine, delegate, ['control', 'command']);
  grantPowers(machine, other, ['control', 'command']);
  return machine;
}

const holder = (machine: TestMachine) => leaseNow(machine.tables, machine.now())?.holder ?? null;
const wash = (machine: TestMachine) => {
  return { action: 'wash', arguments: '{}', device: null, expiresNs: machine.now() + dayNs };
};
const actions = ({ tables }: TestMachine) => tables.commandQueue.get().open.map(({ action }) => action);

describe('the lease', () => {
  it('is taken by one hand, and not by a second one', () => {
    const machine = controlled();
    expect(machine.done(delegate, takeControl, minute)).toBe(1);
    expect(machine.refused(other, takeControl, minute)).toBe('LeaseOccupied');
    expect(holder(machine)).toBe(delegate);
  });

  it('needs the power control', () => {
    const machine = controlled();
    grantPowers(machine, stranger, ['command']);
    for (const caller of [stranger, deviceKey, registry])
      expect(machine.refused(caller, takeControl, minute)).toBe('PowerMissing');
  });

  it('has a timeout within limits', () => {
    const machine = controlled();
    for (const timeoutNs of [0n, 10n * secondNs - 1n, 3_601n * secondNs, 2n ** 64n - 1n])
      expect(machine.refused(operator, takeControl, timeoutNs)).toBe('TimeoutInvalid');
  });

  it('lives by heartbeats of its holder', () => {
    const machine = controlled();
    machine.done(delegate, takeControl, minute);
    for (let i = 0; i < 3; i++) {
      machine.pass(minute - 1n);
      expect(machine.done(delegate, keepControl, undefined)).toBe(machine.now() + minute);
    }
    expect(machine.refused(other, keepControl, undefined)).toBe('NotHolder');
    machine.pass(minute);
    expect(holder(machine)).toBe(null);
    expect(machine.refused(delegate, keepControl, undefined)).toBe('NotHolder');
  });

  it('taken again by its holder only gets another timeout', () => {
    const machine = controlled();
    machine.done(delegate, takeControl, minute);
    machine.pass(10n * secondNs);
    expect(machine.done(delegate, takeControl, 2n * minute)).toBe(1);
    expect(machine.tables.lease.get()).toMatchObject({
      takenNs: machine.now() - 10n * secondNs,
      timeoutNs: 2n * minute,
    });
  });

  it('is given back by its holder alone', () => {
    const machine = controlled();
    machine.done(delegate, takeControl, minute);
    expect(machine.refused(other, releaseControl, undefined)).toBe('NotHolder');
    machine.done(delegate, releaseControl, undefined);
    expect(holder(machine)).toBe(null);
    expect(actions(machine)).toEqual([]);
    expect(machine.refused(delegate, releaseControl, undefined)).toBe('NotHolder');
  });

  it('is taken over by the operator at once, with what the delegate wanted and no device has begun', () => {
    const machine = controlled();
    machine.done(delegate, takeControl, minute);
    machine.done(delegate, command, wash(machine));
    machine.done(delegate, command, wash(machine));
    reportNext(machine, deviceKey, { kind: 'accepted', command: 1 });
    expect(machine.done(operator, takeControl, minute)).toBe(2);
    expect(holder(machine)).toBe(operator);
    expect(machine.refused(delegate, command, wash(machine))).toBe('LeaseHeld');
    expect(machine.tables.commands.get(1)?.outcome).toBe(null);
    expect(machine.tables.commands.get(2)).toMatchObject({ outcome: 'failed', reason: 'remote control taken over' });
  });
});

describe('the hand-over', () => {
  it('happens when the other one accepts; until then the holder holds', () => {
    const machine = controlled();
    machine.done(delegate, takeControl, minute);
    machine.done(delegate, offerControl, other);
    expect(holder(machine)).toBe(delegate);
    expect(machine.done(other, acceptControl, undefined)).toBe(2);
    expect(holder(machine)).toBe(other);
    expect(machine.refused(delegate, keepControl, undefined)).toBe('NotHolder');
    expect(machine.done(other, acceptControl, undefined)).toBe(2);
  });

  it('goes only to whom it is offered, while it is', () => {
    const machine = controlled();
    machine.done(delegate, takeControl, minute);
    expect(machine.refused(other, acceptControl, undefined)).toBe('NotOfferedToCaller');
    machine.done(delegate, offerControl, other);
    expect(machine.refused(stranger, acceptControl, undefined)).toBe('NotOfferedToCaller');
    machine.done(delegate, offerControl, null);
    expect(machine.refused(other, acceptControl, undefined)).toBe('NotOfferedToCaller');
    machine.done(delegate, offerControl, other);
    machine.pass(minute);
    expect(machine.refused(other, acceptControl, undefined)).toBe('NotOfferedToCaller');
  });

  it('is offered by the holder, to somebody with the power, who must still have it when accepting', () => {
    const machine = controlled();
    machine.done(delegate, takeControl, minute);
    expect(machine.refused(other, offerControl, other)).toBe('NotHolder');
    expect(machine.refused(delegate, offerControl, stranger)).toBe('HolderUnfit');
    expect(machine.refused(delegate, offerControl, delegate)).toBe('HolderUnfit');
    machine.done(delegate, offerControl, other);
    revokePowers(machine, other);
    expect(machine.refused(other, acceptControl, undefined)).toBe('PowerMissing');
    machine.done(delegate, offerControl, operator);
    machine.done(operator, acceptControl, undefined);
    expect(holder(machine)).toBe(operator);
  });
});

describe('the dead-man rule', () => {
  it('ends a silent lease at its very last nanosecond and sends every device to a safe state, once', () => {
    const machine = controlled();
    enrolDevice(machine, 'second');
    machine.done(delegate, takeControl, minute);
    machine.done(delegate, command, wash(machine));
    expect(nextNoticeNs(machine.tables, machine.now())).toBe(machine.now() + minute);
    machine.pass(minute - 1n);
    machine.done(self, noticeLease, null);
    expect(actions(machine)).toEqual(['wash']);
    machine.pass(1n);
    machine.done(self, noticeLease, null);
    expect(actions(machine)).toEqual(['safe', 'safe']);
    expect(machine.tables.commands.get(1)).toMatchObject({ outcome: 'failed', reason: 'remote control silent' });
    machine.done(self, noticeLease, null);
    expect(actions(machine)).toEqual(['safe', 'safe']);
    expect(nextNoticeNs(machine.tables, machine.now())).toBe(null);
  });

  it('is noticed by the next message, and the next taker starts after it', () => {
    const machine = controlled();
    machine.done(delegate, takeControl, minute);
    machine.pass(minute);
    expect(machine.done(other, takeControl, minute)).toBe(2);
    const kinds = machine.kinds().slice(-3);
    expect(kinds).toEqual(['LeaseEnded', 'CommandRequested', 'LeaseTaken']);
  });

  it('is waited for no longer than the holder has the power, and not at all when that is taken away', () => {
    const machine = controlled();
    grantPowers(machine, stranger, ['control'], minute / 2n);
    machine.done(stranger, takeControl, minute);
    expect(nextNoticeNs(machine.tables, machine.now())).toBe(machine.now() + minute / 2n);
    revokePowers(machine, stranger);
    expect(nextNoticeNs(machine.tables, machine.now())).toBe(machine.now());
  });

  it('also ends the lease of a holder who lost the power', () => {
    const machine = controlled();
    machine.done(delegate, takeControl, minute);
    revokePowers(machine, delegate);
    expect(holder(machine)).toBe(null);
    machine.done(self, noticeLease, null);
    expect(machine.events().find(({ kind }) => kind === 'LeaseEnded')).toMatchObject({ why: 'powerless' });
    expect(actions(machine)).toEqual(['safe']);
  });

  it('leaves what is under way to the device, which reports how it ended', () => {
    const machine = controlled();
    machine.done(delegate, takeControl, minute);
    machine.done(delegate, command, wash(machine));
    reportNext(machine, deviceKey, { kind: 'accepted', command: 1 });
    machine.pass(minute);
    machine.done(self, noticeLease, null);
    reportNext(machine, deviceKey, { kind: 'confirmed', command: 1, quantity: 1n, evidence: digest });
    expect(commandStatus(machine.tables.commands.get(1)!, machine.now())).toBe('confirmed');
  });

  it('does not end twice when the clock jumps back over it', () => {
    const machine = controlled();
    machine.done(delegate, takeControl, minute);
    machine.pass(minute);
    machine.done(self, noticeLease, null);
    machine.setTime(machine.now() - minute);
    expect(holder(machine)).toBe(null);
    expect(machine.refused(delegate, keepControl, undefined)).toBe('NotHolder');
  });
});
