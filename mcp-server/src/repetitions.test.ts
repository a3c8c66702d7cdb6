import { ok, refuse } from '@tamc/base/result';
import { expect, it } from 'vitest';
import { createActMemory, createRepetitions } from './repetitions.ts';

const problem = { code: 'No', message: 'no', nextStep: 'Try.' };

it('an act is done once per id, also while the first is under way, and the repetition has its answer', async () => {
  let count = 0;
  const repetitions = createRepetitions();
  const act = async () => ok({ count: ++count });
  const answers = await Promise.all([1, 2].map(() => repetitions.once('a', { price: '1' }, act)));
  expect(answers).toEqual([ok({ count: 1 }), ok({ count: 1, repeated: true })]);
  expect(await repetitions.once('b', { price: '1' }, act)).toEqual(ok({ count: 2 }));
});

it('an id that was used for something else is refused', async () => {
  const repetitions = createRepetitions();
  await repetitions.once('a', { price: '1' }, async () => ok({}));
  const other = await repetitions.once('a', { price: '2' }, async () => ok({}));
  expect(other).toMatchObject({ ok: false, error: { code: 'CommandIdReused' } });
});

it('what was refused, or broke, may be tried again', async () => {
  const repetitions = createRepetitions();
  expect(await repetitions.once('a', {}, async () => refuse(problem))).toEqual(refuse(problem));
  await expect(repetitions.once('a', {}, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await repetitions.once('a', {}, async () => ok({ status: 'done' }))).toEqual(ok({ status: 'done' }));
});

it('what was done before the process began is not done again; what only began is; secrets are kept nowhere', async () => {
  const memory = createActMemory();
  const before = createRepetitions(memory);
  before.begin('a', ['enrol']);
  before.begin('b', ['enrol']);
  await before.once('a', ['enrol'], async () => ok({ status: 'issued', code: 'c0de' }), { code: 'c0de' });
  expect(memory.find('a')?.facts).toEqual({ status: 'issued' });
  const after = createRepetitions(memory);
  expect(['a', 'b', 'c'].map((id) => after.isBegun(id))).toEqual([true, true, false]);
  const act = async () => ok({ status: 'again' });
  const again = await after.once('a', ['enrol'], act, { code: 'c0de' });
  expect(again).toEqual(ok({ status: 'issued', code: 'c0de', repeated: true }));
  expect(await after.once('a', ['other'], act)).toMatchObject({ ok: false, error: { code: 'CommandIdReused' } });
  expect(await after.once('b', ['enrol'], act)).toEqual(ok({ status: 'again' }));
});

it('an id that began with other arguments is refused, though how that ended is not known; after a refusal it is free', async () => {
  const memory = createActMemory();
  createRepetitions(memory).begin('a', ['4.10']);
  const after = createRepetitions(memory);
  const act = async () => ok({ status: 'set' });
  expect(await after.once('a', ['90.00'], act)).toMatchObject({ ok: false, error: { code: 'CommandIdReused' } });
  expect(await after.once('a', ['4.10'], act)).toEqual(ok({ status: 'set' }));
  after.begin('b', ['4.10']);
  await after.once('b', ['4.10'], async () => refuse({ ...problem, code: 'AnswerLost' }));
  expect(await after.once('b', ['90.00'], act)).toMatchObject({ ok: false, error: { code: 'CommandIdReused' } });
  await after.once('b', ['4.10'], async () => refuse(problem));
  after.begin('b', ['90.00']);
  expect(await after.once('b', ['90.00'], act)).toEqual(ok({ status: 'set' }));
});

it('an act whose end is not known is overtaken when its ground is another now; one that ended, or never began, is not', async () => {
  const repetitions = createRepetitions();
  repetitions.begin('a', ['price'], 'tariff 1');
  repetitions.begin('a', ['price'], 'tariff 2');
  expect(['tariff 1', 'tariff 2'].map((ground) => repetitions.isOvertaken('a', ground))).toEqual([false, true]);
  const meanwhile: boolean[] = [];
  await repetitions.once('a', ['price'], async () => {
    await Promise.resolve();
    meanwhile.push(repetitions.isOvertaken('a', 'tariff 2'));
    return ok({});
  });
  expect([...meanwhile, ...['a', 'b'].map((id) => repetitions.isOvertaken(id, 'tariff 2'))]).toEqual(
    Array(3).fill(false),
  );
});
