import { ok, refuse } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { expect, it } from 'vitest';
import { actsOfMachineMax, createUrgentCalls, forgetAfterMs } from './urgent-calls.ts';

const [washer, dryer] = ['aa', 'bb'] as [PrincipalHex, PrincipalHex];
const done = ok({ facts: { status: 'stopped' } });
const problemOf = (code: string) => refuse({ code, message: '', nextStep: '' });

/** What each call was told: whether it is a repetition. */
function open() {
  let nowMs = 0;
  const calls = createUrgentCalls(() => nowMs);
  return {
    share: calls.share,
    passMs: (ms: number) => {
      nowMs += ms;
    },
    isRepetition: async (machine: PrincipalHex, act: string, code?: string) => {
      let told = false;
      await calls.share({ machine, act }, async (isRepetition) => {
        told = isRepetition;
        return code === undefined ? done : problemOf(code);
      });
      return told;
    },
  };
}

it('knows the first act of each kind at each machine, and one that comes later, from a repetition', async () => {
  const { isRepetition, passMs } = open();
  expect(await isRepetition(washer, 'stop')).toBe(false);
  expect(await isRepetition(washer, 'stop')).toBe(true);
  expect(await isRepetition(washer, 'command safe')).toBe(false);
  expect(await isRepetition(dryer, 'stop')).toBe(false);
  passMs(forgetAfterMs);
  expect(await isRepetition(washer, 'stop')).toBe(false);
});

it('counts a refusal as an answer, but neither one that was lost nor a fault', async () => {
  const { isRepetition, share } = open();
  const fails = () => Promise.reject(new Error('a fault'));
  await expect(share({ machine: washer, act: 'stop' }, fails)).rejects.toThrow('a fault');
  expect(await isRepetition(washer, 'stop', 'AnswerLost')).toBe(false);
  expect(await isRepetition(washer, 'stop', 'NotAllowed')).toBe(false);
  expect(await isRepetition(washer, 'stop')).toBe(true);
});

it('gives everybody who repeats one that is under way its answer, and does it once', async () => {
  const { share } = open();
  let count = 0;
  let end = () => {};
  const call = async () => {
    count++;
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    return done;
  };
  const all = [1, 2, 3].map(() => share({ machine: washer, act: 'stop' }, call));
  const other = share({ machine: dryer, act: 'stop' }, async () => problemOf('NotAllowed'));
  expect((await other).ok).toBe(false);
  end();
  expect(await Promise.all(all)).toEqual([done, done, done]);
  expect(count).toBe(1);
});

it('takes no more kinds of acts at one machine for the first than it can have devices', async () => {
  const { isRepetition } = open();
  for (let i = 0; i < actsOfMachineMax; i++) expect(await isRepetition(washer, `command stop ${i}`)).toBe(false);
  expect(await isRepetition(washer, 'command stop 1000000')).toBe(true);
  expect(await isRepetition(dryer, 'stop')).toBe(false);
});
