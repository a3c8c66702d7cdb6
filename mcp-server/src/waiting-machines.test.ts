import { ok, refuse } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { expect, it } from 'vitest';
import { asked, type Fleet, findWaiting } from './waiting-machines.ts';

const idOf = (birth: number) => birth.toString(16).padStart(4, '0') as PrincipalHex;

/** So many machines, of which these have something waiting. */
function fleetOf(count: number, waiting: Readonly<Record<number, readonly number[]>>): Fleet {
  return {
    machinesFrom: async (from) =>
      ok(Array.from({ length: count }, (_, birth) => ({ birth, id: idOf(birth) })).slice(from, from + asked.machines)),
    requestsOf: async (id) => ok(waiting[Number.parseInt(id, 16)] ?? []),
  };
}

it('what waits behind a page where nothing does is found in the same call', async () => {
  expect(await findWaiting(fleetOf(68, { 50: [3, 4], 67: [0] }), 0)).toEqual(
    ok({
      found: [
        { id: idOf(50), request: 3, waiting: 2 },
        { id: idOf(67), request: 0, waiting: 1 },
      ],
      following: null,
    }),
  );
});

it('a page on which something waits ends the call, and names the next', async () => {
  const fleet = fleetOf(100, { 7: [1], 90: [2] });
  expect(await findWaiting(fleet, 0)).toEqual(ok({ found: [{ id: idOf(7), request: 1, waiting: 1 }], following: 40 }));
  expect(await findWaiting(fleet, 40)).toEqual(
    ok({ found: [{ id: idOf(90), request: 2, waiting: 1 }], following: null }),
  );
});

it('nothing is said to wait nowhere only where all were looked at', async () => {
  expect(await findWaiting(fleetOf(80, {}), 0)).toEqual(ok({ found: [], following: null }));
  expect(await findWaiting(fleetOf(0, {}), 0)).toEqual(ok({ found: [], following: null }));
  const many = asked.machines * asked.pages;
  expect(await findWaiting(fleetOf(many + 1, { [many]: [9] }), 0)).toEqual(ok({ found: [], following: many }));
});

it('a network that is lost on the way is told, not an empty list', async () => {
  const lost = refuse({ code: 'NetworkUnreachable', message: 'gone', nextStep: 'again' });
  expect(await findWaiting({ ...fleetOf(3, {}), requestsOf: async () => lost }, 0)).toEqual(lost);
  expect(await findWaiting({ ...fleetOf(3, {}), machinesFrom: async () => lost }, 0)).toEqual(lost);
});
