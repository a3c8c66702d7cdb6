import { reportLimits } from '@tamc/protocol/commands';
import type { CandidReport } from '@tamc/protocol/report';
import { describe, expect, it } from 'vitest';
import { revokeDevice } from '../devices/rules.ts';
import {
  createTestMachine,
  dayNs,
  deviceKey,
  digest,
  enrolDevice,
  keyOf,
  nextReport,
  operator,
  reportNext,
  secondNs,
  stranger,
  type TestMachine,
} from '../test-machine.ts';
import { takeReports } from './batch.ts';
import { report } from './reports.ts';
import { command } from './rules.ts';
import { commandStatus } from './status.ts';

const heartbeat = { kind: 'heartbeat' } as const;
const confirmed = { kind: 'confirmed', command: 1, quantity: 3n, evidence: digest } as const;

function commanded(): TestMachine {
  const machine = createTestMachine();
  enrolDevice(machine);
  machine.done(operator, command, { action: 'wash', arguments: '{}', device: 1, expiresNs: machine.now() + dayNs });
  return machine;
}

const status = (machine: TestMachine) => commandStatus(machine.tables.commands.get(1)!, machine.now());

describe('reports', () => {
  it('lead a command from requested over accepted and acted to confirmed, with quantity and evidence', () => {
    const machine = commanded();
    const seen = [status(machine)];
    for (const body of [{ kind: 'accepted', command: 1 }, { kind: 'acted', command: 1 }, confirmed] as const) {
      expect(reportNext(machine, deviceKey, body)).toEqual({ kind: 'applied' });
      seen.push(status(machine));
    }
    expect(seen).toEqual(['requested', 'accepted', 'acted', 'confirmed']);
    expect(machine.tables.commands.get(1)).toMatchObject({ quantity: 3n, evidence: digest });
  });

  it('may skip a step forward and are ignored backwards', () => {
    const machine = commanded();
    reportNext(machine, deviceKey, { kind: 'acted', command: 1 });
    expect(reportNext(machine, deviceKey, { kind: 'accepted', command: 1 })).toEqual({
      kind: 'ignored',
      why: 'backwards',
    });
    expect(reportNext(machine, deviceKey, { kind: 'acted', command: 1 })).toEqual({
      kind: 'ignored',
      why: 'backwards',
    });
    reportNext(machine, deviceKey, confirmed);
    const failed = { kind: 'failed', command: 1, reason: 'changed my mind', evidence: null } as const;
    expect(reportNext(machine, deviceKey, failed)).toEqual({ kind: 'ignored', why: 'ended' });
    expect(status(machine)).toBe('confirmed');
  });

  it('of an expired command are kept as evidence and change nothing', () => {
    const machine = commanded();
    machine.pass(dayNs);
    expect(reportNext(machine, deviceKey, confirmed)).toEqual({ kind: 'ignored', why: 'expired' });
    expect(machine.events().at(-1)).toMatchObject({ kind: 'ReportIgnored', evidence: digest });
    expect(status(machine)).toBe('expired');
  });

  it('come in exactly the next sequence: what is known is a duplicate, a gap names what is expected', () => {
    const machine = commanded();
    reportNext(machine, deviceKey, heartbeat);
    const before = machine.hash();
    expect(machine.done(deviceKey, report, { sequence: 1, atNs: 0n, body: confirmed })).toEqual({ kind: 'duplicate' });
    expect(machine.done(deviceKey, report, { sequence: 0, atNs: 0n, body: confirmed })).toEqual({ kind: 'duplicate' });
    expect(machine.hash()).toBe(before);
    const gap = machine.act(deviceKey, report, { sequence: 3, atNs: 0n, body: heartbeat });
    expect(gap).toMatchObject({ ok: false, error: { code: 'SequenceGap' } });
    expect(!gap.ok && gap.error.message).toContain('expected is 2');
    expect(machine.refused(deviceKey, report, { sequence: 4_294_967_295, atNs: 0n, body: heartbeat })).toBe(
      'SequenceGap',
    );
  });

  it('may be measured long ago, and a little ahead, but not in the future', () => {
    const machine = commanded();
    const at = (atNs: bigint) => ({ ...nextReport(machine, deviceKey, heartbeat), atNs });
    machine.done(deviceKey, report, at(0n));
    machine.done(deviceKey, report, at(machine.now() + reportLimits.driftNs));
    expect(machine.refused(deviceKey, report, at(machine.now() + reportLimits.driftNs + 1n))).toBe('ReportFromFuture');
    expect(machine.refused(deviceKey, report, at(2n ** 64n - 1n))).toBe('ReportFromFuture');
  });

  it('come from an enrolled device, about its own commands', () => {
    const machine = commanded();
    enrolDevice(machine, 'second');
    expect(machine.refused(stranger, report, nextReport(machine, deviceKey, heartbeat))).toBe('NotADevice');
    expect(machine.refused(operator, report, nextReport(machine, deviceKey, heartbeat))).toBe('NotADevice');
    const second = keyOf('second');
    expect(machine.refused(second, report, nextReport(machine, second, confirmed))).toBe('CommandUnknown');
    const unknown = { ...confirmed, command: 2 };
    expect(machine.refused(deviceKey, report, nextReport(machine, deviceKey, unknown))).toBe('CommandUnknown');
    machine.done(operator, revokeDevice, { device: 1, reason: '' });
    expect(machine.refused(deviceKey, report, { sequence: 1, atNs: 0n, body: heartbeat })).toBe('NotADevice');
  });

  it('are judged by the network clock when that jumps back: nothing that expired comes to life in the log', () => {
    const machine = commanded();
    machine.pass(dayNs);
    reportNext(machine, deviceKey, confirmed);
    machine.setTime(machine.now() - dayNs);
    expect(reportNext(machine, deviceKey, confirmed)).toEqual({ kind: 'applied' });
    expect(reportNext(machine, deviceKey, confirmed)).toEqual({ kind: 'ignored', why: 'ended' });
  });
});

describe('a batch', () => {
  const candid = (sequence: number, body: CandidReport['body'] = { heartbeat: null }): CandidReport => {
    return { sequence, at_ns: 0n, body };
  };
  const send = (machine: TestMachine, reports: readonly CandidReport[]) =>
    takeReports(reports, (given) => machine.act(deviceKey, report, given));

  it('is taken up to the first report that is refused, and says which', () => {
    const machine = commanded();
    const wrong = candid(3, { failed: { command: 1, reason: '', evidence: [] } });
    const answer = send(machine, [candid(1), candid(2, { acted: { command: 1 } }), wrong, candid(4)]);
    expect(answer).toMatchObject({
      Ok: {
        effects: [{ sequence: 1, effect: { applied: null } }, { sequence: 2 }],
        refused: [{ sequence: 3, refusal: { code: 'ReportInvalid' } }],
      },
    });
    expect(machine.tables.devices.get(1)?.lastSequence).toBe(2);
    const again = send(machine, [candid(1), candid(2), candid(3), candid(4)]);
    expect(again.Ok?.effects.map(({ effect }) => Object.keys(effect)[0])).toEqual([
      'duplicate',
      'duplicate',
      'applied',
      'applied',
    ]);
  });

  it('is neither empty nor longer than its limit', () => {
    const machine = commanded();
    expect(send(machine, []).Err?.code).toBe('BatchInvalid');
    const many = Array.from({ length: reportLimits.batchMax + 1 }, (_, i) => candid(i + 1));
    expect(send(machine, many).Err?.code).toBe('BatchInvalid');
    expect(send(machine, many.slice(1)).Ok?.refused[0]?.refusal.code).toBe('SequenceGap');
    expect(machine.tables.devices.get(1)?.lastSequence).toBe(0);
    machine.pass(secondNs);
    expect(send(machine, many.slice(0, -1)).Ok?.effects).toHaveLength(reportLimits.batchMax);
  });
});
