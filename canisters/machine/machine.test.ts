// Random lives of the device side: what must hold in every one of them, whoever sends what and when.
import { isSafetyAction } from '@tamc/protocol/commands';
import type { PrincipalHex } from '@tamc/protocol/principal';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commandStatus, isEnded } from './commands/status.ts';
import { isStopped, operatorOf } from './powers.ts';
import { type Step, stepArbitrary, stepToCaller, stepToMessage } from './test-history.ts';
import { createTestMachine, enrolDevice, grantPowers, keyOf, secondNs, type TestMachine } from './test-machine.ts';
import { isDelegate } from './wallet/mandates.ts';

type Seen = ReturnType<TestMachine['seen']>[number];

function createLife(): TestMachine {
  const machine = createTestMachine();
  enrolDevice(machine, 'key 0');
  grantPowers(machine, keyOf('ann'), ['control', 'command'], 3_000n * secondNs);
  grantPowers(machine, keyOf('bob'), ['control', 'command', 'enrol', 'describe']);
  return machine;
}

/** The lease as somebody would keep it with pencil and paper, from what was answered. */
interface Paper {
  holder: PrincipalHex | null;
  lease: number;
  beatNs: bigint;
  timeoutNs: bigint;
}

function isHeld({ holder, beatNs, timeoutNs }: Paper, nowNs: bigint): boolean {
  return holder !== null && nowNs < beatNs + timeoutNs;
}

function follow(paper: Paper, { event, timeNs }: Seen): void {
  if (event.kind === 'LeaseTaken') {
    expect(isHeld(paper, timeNs) && paper.lease !== event.lease).toBe(false);
    Object.assign(paper, { holder: event.holder, lease: event.lease, beatNs: timeNs, timeoutNs: event.timeoutNs });
  }
  if (event.kind === 'LeaseKept') paper.beatNs = timeNs;
  if (event.kind === 'LeaseEnded') paper.holder = null;
}

function checkCommand(machine: TestMachine, paper: Paper, { event, by, timeNs }: Seen): void {
  if (event.kind !== 'CommandRequested' || isSafetyAction(event.action)) return;
  expect(isStopped(machine.tables)).toBe(false);
  if (isHeld(paper, timeNs)) expect([paper.holder, operatorOf(machine.tables)]).toContain(by);
}

const ranks = { requested: 0, accepted: 1, acted: 2, confirmed: 3, failed: 3, expired: 3 };

function checkForward(machine: TestMachine, before: Map<number, string>): void {
  for (let number = 1; number < machine.tables.commandQueue.get().next; number++) {
    const status = commandStatus(machine.tables.commands.get(number)!, machine.now());
    const was = before.get(number) as typeof status | undefined;
    if (was !== undefined && isEnded(was)) expect(status).toBe(was);
    else if (was !== undefined) expect(ranks[status]).toBeGreaterThanOrEqual(ranks[was]);
    before.set(number, status);
  }
}

/** After every message: what happened in it, in order. */
function live(machine: TestMachine, steps: readonly Step[], look: (seen: readonly Seen[]) => void): void {
  steps.forEach((step, id) => {
    machine.pass(BigInt(step.seconds) * secondNs);
    const end = machine.tables.eventLog.end();
    const caller = stepToCaller(step, machine);
    stepToMessage(step, machine, id)?.act((rule, command) => machine.tried(caller, rule, command));
    look(machine.seen(end));
  });
}

const lives = fc.array(stepArbitrary, { minLength: 20, maxLength: 80 });
const runs = { numRuns: 100 };

it('the remote control has one holder at most, and nobody else but the operator moves a device meanwhile', () => {
  fc.assert(
    fc.property(lives, (steps) => {
      const machine = createLife();
      const paper: Paper = { holder: null, lease: 0, beatNs: 0n, timeoutNs: 0n };
      live(machine, steps, (events) => {
        for (const seen of events) {
          checkCommand(machine, paper, seen);
          follow(paper, seen);
        }
      });
    }),
    runs,
  );
});

it('commands never go back, and reports count on one by one', () => {
  fc.assert(
    fc.property(lives, (steps) => {
      const machine = createLife();
      const statuses = new Map<number, string>();
      const sequences = new Map<number, number>();
      live(machine, steps, (events) => {
        checkForward(machine, statuses);
        for (const { event } of events) {
          if (!('sequence' in event)) continue;
          expect(event.sequence).toBe((sequences.get(event.device) ?? 0) + 1);
          sequences.set(event.device, event.sequence);
        }
      });
    }),
    runs,
  );
});

it('one principal is one device, and never the operator or a delegate as well when it was let in', () => {
  fc.assert(
    fc.property(lives, (steps) => {
      const machine = createLife();
      live(machine, steps, (events) => {
        const { tables } = machine;
        const keys = tables.fleet.get().devices.map((number) => tables.devices.get(number)!.key);
        expect(new Set(keys).size).toBe(keys.length);
        for (const key of keys) expect(tables.deviceKeys.get(key)).not.toBe(null);
        for (const { event } of events) {
          const isLetIn = event.kind === 'DeviceEnrolled' || event.kind === 'KeyConfirmed';
          if (isLetIn)
            expect(event.key === operatorOf(tables) || isDelegate(tables, event.key, machine.now())).toBe(false);
          if (event.kind === 'OperationAccepted') expect(keys).not.toContain(event.operator);
        }
      });
    }),
    runs,
  );
});

it('while it is stopped, no device is told anything but to stop or to be safe', () => {
  fc.assert(
    fc.property(lives, (steps) => {
      const machine = createLife();
      let stopped = false;
      live(machine, steps, (events) => {
        for (const { event } of events) {
          if (event.kind === 'MachineStopped') stopped = true;
          if (event.kind === 'StopReleased') stopped = false;
          if (stopped && event.kind === 'CommandRequested') expect(isSafetyAction(event.action)).toBe(true);
        }
        const waiting = machine.tables.commandQueue.get().open;
        const untouched = waiting.filter(({ command, action }) => {
          const status = commandStatus(machine.tables.commands.get(command)!, machine.now());
          return status === 'requested' && !isSafetyAction(action);
        });
        if (stopped) expect(untouched).toEqual([]);
      });
    }),
    runs,
  );
});

it('equal lives end in equal states', () => {
  fc.assert(
    fc.property(lives, (steps) => {
      const [one, two] = [createLife(), createLife()];
      live(one, steps, () => {});
      live(two, steps, () => {});
      expect(one.hash()).toBe(two.hash());
    }),
    { numRuns: 20 },
  );
});

it('such lives get everywhere', () => {
  const seen = new Set<string>();
  for (const steps of fc.sample(lives, { numRuns: 100, seed: 7 })) {
    live(createLife(), steps, (events) => {
      for (const { event } of events) seen.add(event.kind);
    });
  }
  const wanted = [
    ...['CommandAccepted', 'CommandActed', 'CommandConfirmed', 'CommandFailed', 'CommandCancelled', 'ReportIgnored'],
    ...['ConditionReported', 'MeterReported', 'LeaseTaken', 'LeaseOffered', 'LeaseKept', 'LeaseEnded'],
    ...['KeyProposed', 'KeyConfirmed', 'DeviceRevoked', 'MachineStopped', 'StopReleased', 'OperationAccepted'],
    ...['UpgradePrepared', 'UpgradeWithdrawn', 'RequestOpened', 'RequestApproved', 'RequestDeclined', 'MandateGranted'],
  ];
  expect([...seen]).toEqual(expect.arrayContaining(wanted));
});
