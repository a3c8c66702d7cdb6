import { conditionLimits } from '@tamc/protocol/condition';
import type { ReportBody } from '@tamc/protocol/report';
import { describe, expect, it } from 'vitest';
import { report } from '../commands/reports.ts';
import {
  createTestMachine,
  deviceKey,
  digest,
  enrolDevice,
  nextReport,
  reportNext,
  secondNs,
} from '../test-machine.ts';
import { worstVerdict } from './rules.ts';
import { conditionsToCandid, metersToCandid } from './view.ts';

type Judged = Extract<ReportBody, { kind: 'condition' }>;

const judged = (part: string, change: Partial<Judged> = {}): Judged => {
  const facts = { verdict: 'good', confidencePpm: 900_000, wearPpm: 12_000, fault: null } as const;
  return { kind: 'condition', part, ...facts, modelHash: digest, inputDigest: digest, ...change };
};
const metered = (meter: string, value: bigint): ReportBody => {
  return { kind: 'meter', meter, value, unit: 'Wh', evidence: digest };
};

function withDevice() {
  const machine = createTestMachine();
  enrolDevice(machine);
  return machine;
}

describe('condition', () => {
  it('is the latest judgement of each part, with who judged by what and how sure', () => {
    const machine = withDevice();
    reportNext(machine, deviceKey, judged('drum'));
    machine.pass(secondNs);
    reportNext(machine, deviceKey, judged('drum', { verdict: 'due', wearPpm: 800_000, fault: 'bearing' }));
    reportNext(machine, deviceKey, judged('pump', { verdict: 'watch' }));
    const [drum, pump] = conditionsToCandid(machine.tables);
    expect(drum).toMatchObject({ part: 'drum', verdict: { due: null }, wear_ppm: [800_000], fault: ['bearing'] });
    expect(pump).toMatchObject({ part: 'pump', verdict: { watch: null }, confidence_ppm: 900_000 });
    expect(worstVerdict(machine.tables)).toBe('due');
  });

  it('is latest by measured time: what is delivered late does not hide what is known', () => {
    const machine = withDevice();
    reportNext(machine, deviceKey, judged('drum', { verdict: 'fault' }));
    const late = { ...nextReport(machine, deviceKey, judged('drum')), atNs: machine.now() - secondNs };
    expect(machine.done(deviceKey, report, late)).toEqual({ kind: 'applied' });
    expect(worstVerdict(machine.tables)).toBe('fault');
  });

  it('is of no part before any was judged', () => {
    expect(worstVerdict(withDevice().tables)).toBe(null);
  });

  it('is bounded in parts and meters; those that are known go on', () => {
    const machine = withDevice();
    for (let i = 0; i < conditionLimits.partsMax; i++) reportNext(machine, deviceKey, judged(`part ${i}`));
    for (let i = 0; i < conditionLimits.metersMax; i++) reportNext(machine, deviceKey, metered(`meter ${i}`, 1n));
    expect(machine.refused(deviceKey, report, nextReport(machine, deviceKey, judged('one more')))).toBe('PartsFull');
    expect(machine.refused(deviceKey, report, nextReport(machine, deviceKey, metered('one more', 1n)))).toBe(
      'MetersFull',
    );
    reportNext(machine, deviceKey, judged('part 3', { verdict: 'fault' }));
    reportNext(machine, deviceKey, metered('meter 3', 7n));
    expect(metersToCandid(machine.tables)[3]).toMatchObject({ meter: 'meter 3', value: 7n, unit: 'Wh' });
  });
});
