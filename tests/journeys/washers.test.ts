// The life of three washers on a network in another process, through the client alone: born, enrolled, priced, paid, failing,
// overspent upon, rotated, controlled, stopped, upgraded, killed and started again; and every unit of money accounted for after each.
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { tellBirths } from './births.ts';
import { tellCompute } from './compute.ts';
import { tellHands } from './hands.ts';
import { beginJourney, type Journey, readEvents } from './journey.ts';
import { tellOverspending } from './overspending.ts';
import { tellPaidUse } from './paid-use.ts';
import { tellUpgrade } from './upgrade.ts';

let journey: Journey;
const the = () => journey;
beforeAll(async () => {
  journey = await beginJourney();
}, 240_000);
/** After every step, whoever it was that paid, failed or died in it; and the story so far is told on, proven. */
afterEach(async () => {
  await journey.books.check();
  for (const washer of journey.washers) await readEvents(journey.people.stranger.connection, washer);
});
afterAll(() => journey?.network.close());

describe('three washers', () => tellBirths(the));
describe('paid use', () => tellPaidUse(the));
describe('a machine with a delegate', () => tellOverspending(the));
describe('a machine that computes', () => tellCompute(the));
describe('a machine in the hands of people', () => tellHands(the));
describe('a machine with new code', () => tellUpgrade(the));
