import { ok, refuse } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { expect, it } from 'vitest';
import type { Urgency } from './tool.ts';
import { actsOnDevicesMax, createUrgentCalls, forgetAfterMs, type Turn } from './urgent-calls.ts';

const [washer, dryer] = ['aa', 'bb'] as [PrincipalHex, PrincipalHex];
const done = ok({ facts: { status: 'stopped' } });
const problemOf = (code: string) => refuse({ code, message: '', nextStep: '' });

function open() {
  let nowMs = 0;
  const calls = createUrgentCalls(() => nowMs);
  /** What the call was told. */
  const turnOf = async (urgency: Urgency, code?: string) => {
    let told: Turn | null = null;
    await calls.share(urgency, async (turn) => {
      told = turn;
      return code === undefined ? done : problemOf(code);
    });
    return told;
  };
  return {
    share: calls.share,
    passMs: (ms: number) => {
      nowMs += ms;
    },
    isRepetition: async (machine: PrincipalHex, act: string, code?: string) =>
      (await turnOf({ machine, act }, code)) === 'again',
    turnOf,
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

it('takes commands to no more devices for the first than a machine can have', async () => {
  const { turnOf } = open();
  const command = (device: number) => turnOf({ machine: washer, act: 'command stop', device }, 'DeviceUnknown');
  for (let device = 1; device <= actsOnDevicesMax; device++) expect(await command(device)).toBe('urgent');
  expect(await command(1)).toBe('again');
  expect(await command(1_000_000)).toBe('crowded');
  expect(await turnOf({ machine: dryer, act: 'command stop', device: 1 })).toBe('urgent');
});

it('keeps the place of what is for the whole machine, whatever was said to its devices', async () => {
  const { turnOf } = open();
  for (let device = 1; device <= 2 * actsOnDevicesMax; device++)
    await turnOf({ machine: washer, act: 'command safe', device });
  for (const act of ['stop', 'command safe', 'command stop'])
    expect(await turnOf({ machine: washer, act })).toBe('urgent');
});
