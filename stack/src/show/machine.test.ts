// What a person means by the words for a machine.
import { parsePrincipal } from '@tamc/protocol/principal';
import { describe, expect, it } from 'vitest';
import { findMachine } from './find-machine.ts';
import { renderAgo, renderDuration } from './times.ts';

const machines = [
  { id: parsePrincipal('rrkah-fqaaa-aaaaa-aaaaq-cai')!, name: 'washer 1' },
  { id: parsePrincipal('ryjl3-tyaaa-aaaaa-aaaba-cai')!, name: 'washer 2' },
  { id: parsePrincipal('aaaaa-aa')!, name: 'twin' },
  { id: parsePrincipal('2vxsx-fae')!, name: 'twin' },
];

describe('the words for a machine', () => {
  it.each([
    ['its id', 'rrkah-fqaaa-aaaaa-aaaaq-cai', 0],
    ['the beginning of its id', 'ryj', 1],
    ['its model, however written', ' Washer 2 ', 1],
    ['a beginning where the model is shared', '2vx', 3],
  ])('may be %s', (_, words, at) => expect(findMachine(machines, words)).toEqual({ ok: true, value: machines[at] }));

  it.each([
    ['the beginning of two', 'r', 'may be 2 machines: rrkah-fqaaa-aaaaa-aaaaq-cai (washer 1), ryjl3'],
    ['a model of two', 'twin', 'may be 2 machines'],
    ['nothing', ' ', 'There is no machine'],
    ['something else', 'mill\u001b[2J', 'There is no machine "mill [2J"'],
  ])('are refused when they are %s', (_, words, text) => {
    expect(findMachine(machines, words)).toMatchObject({ ok: false, error: expect.stringContaining(text) });
  });
});

describe('times', () => {
  const second = 1_000_000_000n;
  it.each([
    [0n, '0 s'],
    [59n, '59 s'],
    [60n, '1 min'],
    [7_199n, '1 h'],
    [86_400n, '1 d'],
  ])('of %s seconds are %s', (seconds, text) => expect(renderDuration(seconds * second)).toBe(text));

  it('that are ahead of our clock are now, and none is never', () => {
    expect(renderAgo(5n * second, 2n * second)).toBe('now');
    expect(renderAgo(null, 2n * second)).toBe('never');
    expect(renderAgo(second, 62n * second)).toBe('1 min');
  });
});
