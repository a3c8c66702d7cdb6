import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { roomProblem, startBytesMin } from './disk-room.ts';

it('a disk without room for a start is told before anything is started', () => {
  expect(roomProblem('/there', () => startBytesMin)).toBeNull();
  expect(roomProblem('/there', () => 2_500_000)).toMatchObject({
    code: 'DiskFull',
    message: 'the network cannot be started: the disk of /there is full (2 MB free)',
    nextStep: expect.stringContaining('at least 16 MB'),
  });
});

it('where nobody can tell, it is tried', () => {
  expect(roomProblem('/there', () => null)).toBeNull();
});

it('a folder that is yet to be made has the room of the one that it will be in', () => {
  const asked = roomProblem(join(tmpdir(), 'tamc-not-there', 'nor-this'));
  expect(asked).toEqual(roomProblem(tmpdir()) === null ? null : expect.anything());
});
