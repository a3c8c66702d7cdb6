import { describe, expect, it } from 'vitest';
import { reportLimits } from './commands.ts';
import { type CandidReportBody, parseReport } from './report.ts';

const digest = new Uint8Array(32).fill(0xab);
const parse = (body: CandidReportBody) => parseReport({ sequence: 1, at_ns: 2n, body });
const condition = {
  part: 'drum',
  verdict: { good: null },
  confidence_ppm: 1_000_000,
  wear_ppm: [] as [],
  fault: [] as [],
  model_hash: digest,
  input_digest: digest,
};

describe('a report', () => {
  it('becomes a typed value, digests as hexadecimal digits', () => {
    expect(parse({ confirmed: { command: 7, quantity: 3n, evidence: digest } })).toEqual({
      ok: true,
      value: {
        sequence: 1,
        atNs: 2n,
        body: { kind: 'confirmed', command: 7, quantity: 3n, evidence: 'ab'.repeat(32) },
      },
    });
    expect(parse({ heartbeat: null })).toMatchObject({ ok: true, value: { body: { kind: 'heartbeat' } } });
    expect(parse({ accepted: { command: 1 } })).toMatchObject({ ok: true, value: { body: { kind: 'accepted' } } });
    expect(parse({ acted: { command: 1 } })).toMatchObject({ ok: true, value: { body: { kind: 'acted' } } });
    expect(parse({ condition })).toMatchObject({ ok: true, value: { body: { verdict: 'good', wearPpm: null } } });
  });

  it.each<[string, CandidReportBody, string]>([
    ['a short digest', { confirmed: { command: 1, quantity: 1n, evidence: digest.subarray(1) } }, 'evidence'],
    [
      'a huge quantity',
      { confirmed: { command: 1, quantity: reportLimits.quantityMax + 1n, evidence: digest } },
      'quantity',
    ],
    ['a failure without reason', { failed: { command: 1, reason: '', evidence: [] } }, 'reason'],
    ['a novel as reason', { failed: { command: 1, reason: 'x'.repeat(257), evidence: [] } }, 'reason'],
    ['a failure with a wrong digest', { failed: { command: 1, reason: 'x', evidence: [[]] } }, 'evidence'],
    ['a part without a name', { condition: { ...condition, part: '' } }, 'part'],
    ['a long name', { condition: { ...condition, part: 'x'.repeat(33) } }, 'part'],
    ['more than certainty', { condition: { ...condition, confidence_ppm: 1_000_001 } }, 'confidence_ppm'],
    ['more than all wear', { condition: { ...condition, wear_ppm: [1_000_001] } }, 'wear_ppm'],
    ['a fault without text', { condition: { ...condition, fault: [''] } }, 'fault'],
    ['no model', { condition: { ...condition, model_hash: [] } }, 'model_hash'],
    ['no input', { condition: { ...condition, input_digest: [] } }, 'input_digest'],
    ['a meter without unit', { meter: { meter: 'power', value: 1n, unit: '', evidence: digest } }, 'unit'],
    ['a meter without name', { meter: { meter: '', value: 1n, unit: 'Wh', evidence: digest } }, 'meter'],
    ['a huge meter', { meter: { meter: 'power', value: 10n ** 25n, unit: 'Wh', evidence: digest } }, 'value'],
  ])('is refused with %s, and the field is named', (_, body, field) => {
    const parsed = parse(body);
    expect(parsed).toMatchObject({ ok: false, error: { code: 'ReportInvalid', kind: 'input' } });
    expect(!parsed.ok && parsed.error.message).toMatch(new RegExp(`^${field} must be `));
  });
});
