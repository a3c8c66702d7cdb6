import { expect, it } from 'vitest';
import { sizeOf } from './screen.ts';

it('a terminal that tells no size, or zero, is taken for an ordinary one', () => {
  for (const told of [{}, { columns: 0, rows: 0 }]) expect(sizeOf(told)).toEqual({ columns: 80, rows: 24 });
  expect(sizeOf({ columns: 200, rows: 0 })).toEqual({ columns: 200, rows: 24 });
  expect(sizeOf({ columns: 40, rows: 10 })).toEqual({ columns: 40, rows: 10 });
});
