import { ok, refuse } from '@tamc/base/result';
import { describe, expect, it } from 'vitest';
import { planSteps, runSteps, type Step } from './steps.ts';

const silent = { started: () => {}, ended: () => {} };

/** Steps over a set of facts: each adds its own, and needs the one before. */
function stepsOver(facts: Set<string>, broken: { at: string | null }): Step[] {
  return ['a', 'b', 'c'].map((id, i, all) => ({
    id,
    text: `make ${id}`,
    isDone: async () => ok(facts.has(id)),
    run: async () => {
      if (broken.at === id) return refuse({ message: 'the disk is full', nextStep: 'Make room.' });
      expect(i === 0 || facts.has(all[i - 1]!)).toBe(true);
      facts.add(id);
      return ok(undefined);
    },
  }));
}

describe('a deployment', () => {
  it('shows what is open without doing any of it', async () => {
    const facts = new Set(['a']);
    const planned = await planSteps(stepsOver(facts, { at: null }));
    expect(planned.ok && planned.value.map(({ step, isDone }) => [step.id, isDone])).toEqual([
      ['a', true],
      ['b', false],
      ['c', false],
    ]);
    expect([...facts]).toEqual(['a']);
  });

  it('stops at what fails, goes on there the next time, and then finds nothing to do', async () => {
    const facts = new Set<string>();
    const broken: { at: string | null } = { at: 'b' };
    const steps = stepsOver(facts, broken);
    expect(await runSteps(steps, silent)).toEqual({
      ok: false,
      error: { message: 'Could not make b: the disk is full', nextStep: 'Make room.' },
    });
    expect([...facts]).toEqual(['a']);
    broken.at = null;
    expect(await runSteps(steps, silent)).toEqual({ ok: true, value: ['b', 'c'] });
    expect(await runSteps(steps, silent)).toEqual({ ok: true, value: [] });
  });
});
