// The step of a simulated device: the same state gives the same reports, what it is asked is done once, and what happened while it
// was away is told with the time at which it happened.
import { describe, expect, it } from 'vitest';
import { type DeviceCommand, type DeviceState, isOffline, stepDevice } from './device.ts';
import { paceOf } from './pace.ts';
import { kinds, townPlan } from './plan.ts';
import { wearRuleHash } from './wear.ts';

const pace = paceOf(1, 20);
const { minuteNs, hourNs, dayNs } = pace;
const startNs = 20_000n * dayNs;
const planOf = (name: string) => townPlan.machines.find((plan) => plan.name === name)!;
const settingOf = (name: string, seed = 'seed') => ({ seed, plan: planOf(name), pace });
const well: DeviceState = { wearPpm: 100_000, fault: null, judgedNs: startNs, meter: 7n, lastReportNs: startNs };
const order = (command: number, acceptedNs: bigint | null, quantity = 20n): DeviceCommand => {
  return { command, action: 'start', quantity, acceptedNs, expiresNs: startNs + 6n * hourNs };
};
const words = ({ reports }: { readonly reports: readonly { readonly body: object }[] }) =>
  reports.map(({ body }) => Object.keys(body)[0]!);

describe('a simulated device', () => {
  it('judges itself first, by a rule that is named by its hash', () => {
    const { reports, state } = stepDevice(settingOf('scooter 1'), { ...well, wearPpm: null }, [], startNs);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatchObject({ body: { condition: { model_hash: wearRuleHash, part: 'drive' } } });
    expect(stepDevice(settingOf('scooter 1'), state, [], startNs).reports).toEqual([]);
  });

  it('takes an order, works on it, and confirms it with what was metered and the digest of a reading that it keeps', () => {
    const setting = settingOf('scooter 1');
    expect(words(stepDevice(setting, well, [order(1, null)], startNs))).toEqual(['accepted', 'acted']);
    expect(stepDevice(setting, well, [order(1, startNs)], startNs + minuteNs).reports).toEqual([]);
    const done = stepDevice(setting, well, [order(1, startNs)], startNs + hourNs);
    expect(words(done)).toEqual(['meter', 'confirmed', 'condition']);
    const [, confirmed] = done.reports;
    const { quantity, evidence } = (confirmed!.body as { confirmed: { quantity: bigint; evidence: Uint8Array } })
      .confirmed;
    expect(quantity).toBeGreaterThanOrEqual(12n);
    expect(quantity).toBeLessThanOrEqual(20n);
    expect(confirmed!.atNs).toBe(startNs + quantity * minuteNs);
    expect(done.readings.map(({ digest }) => digest)).toContain(evidence);
    expect(done.state).toMatchObject({ meter: 7n + quantity, wearPpm: 100_000 + Number(quantity) * 400 });
  });

  it('tells the same whenever it looks again: late reports carry the time at which it happened', () => {
    const setting = settingOf('scooter 3');
    const soon = stepDevice(setting, well, [order(1, startNs)], startNs + 25n * minuteNs);
    const late = stepDevice(setting, well, [order(1, startNs)], startNs + 4n * hourNs);
    expect(late.reports).toEqual(soon.reports);
    expect(late.readings).toEqual(soon.readings);
  });

  it('fails now and then, refuses orders while it is broken, and is mended after four hours', () => {
    const setting = settingOf('washer 1');
    const outcomes = Array.from({ length: 1_000 }, (_, i) =>
      stepDevice(setting, well, [order(i, startNs, 1n)], startNs + 2n * hourNs),
    );
    const failures = outcomes.filter((step) => words(step)[0] === 'failed');
    // 3.9 % of a thousand, and six standard deviations.
    expect(failures.length).toBeGreaterThan(5);
    expect(failures.length).toBeLessThan(80);
    const [broken] = failures;
    expect(broken!.state.fault).not.toBeNull();
    expect(kinds.washer.faults).toContain(broken!.state.fault);
    const { state } = broken!;
    expect(words(stepDevice(setting, state, [order(2_000, null)], state.judgedNs + hourNs))).toEqual([
      'accepted',
      'failed',
    ]);
    expect(stepDevice(setting, state, [], state.judgedNs + 4n * hourNs).state.fault).toBeNull();
  });

  it('wears, is due for service, and is young again after it', () => {
    const worn = { ...well, wearPpm: 799_900 };
    const done = stepDevice(settingOf('scooter 1'), worn, [order(1, startNs)], startNs + hourNs);
    expect(done.reports.at(-1)).toMatchObject({ body: { condition: { verdict: { due: null } } } });
    const serviced = stepDevice(settingOf('scooter 1'), done.state, [], done.state.judgedNs + dayNs);
    expect(serviced.reports[0]).toMatchObject({ body: { condition: { verdict: { good: null }, wear_ppm: [50_000] } } });
  });

  it('does not begin what it cannot end in time', () => {
    const { reports } = stepDevice(settingOf('scooter 1'), well, [order(1, null)], startNs + 6n * hourNs - minuteNs);
    expect(reports[1]).toMatchObject({ body: { failed: { reason: 'there is not enough time left' } } });
  });

  it('ends what it does at once when it is told to be safe, and counts what was used', () => {
    const safe = { command: 2, action: 'safe', quantity: 0n, acceptedNs: null, expiresNs: startNs + hourNs };
    const { reports } = stepDevice(settingOf('scooter 1'), well, [order(1, startNs), safe], startNs + 5n * minuteNs);
    expect(reports.map(({ body }) => Object.keys(body)[0])).toEqual([
      'meter',
      'confirmed',
      'condition',
      'accepted',
      'acted',
      'confirmed',
    ]);
    expect(reports[1]).toMatchObject({ body: { confirmed: { command: 1, quantity: 5n } } });
  });

  it('says that it is there when it has had nothing to say for six hours', () => {
    expect(stepDevice(settingOf('scooter 1'), well, [], startNs + 5n * hourNs).reports).toEqual([]);
    expect(words(stepDevice(settingOf('scooter 1'), well, [], startNs + 6n * hourNs))).toEqual(['heartbeat']);
  });
});

describe('the network of a roaming device', () => {
  it('is away for two to five hours of most days, and of no other device', () => {
    const days = Array.from({ length: 200 }, (_, day) => {
      const hours = Array.from({ length: 24 }, (_, hour) => startNs + BigInt(day) * dayNs + BigInt(hour) * hourNs);
      expect(hours.some((atNs) => isOffline(settingOf('scooter 1'), atNs))).toBe(false);
      return hours.filter((atNs) => isOffline(settingOf('scooter 3'), atNs)).length;
    });
    expect(new Set(days)).toEqual(new Set([0, 2, 3, 4, 5]));
    expect(days.filter((hours) => hours > 0).length).toBeGreaterThan(100);
  });
});
