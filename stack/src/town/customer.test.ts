// What simulated customers want: the same for the same seed and moment, within what machines offer, and more by day than by night.
import { describe, expect, it } from 'vitest';
import { stepCustomer, stepCustomerOfOthers } from './customer.ts';
import { paceOf } from './pace.ts';
import { kinds, townPlan } from './plan.ts';

const wishesOf = (seed: string, minutesPerTick: number, days: number) => {
  const pace = paceOf(1, minutesPerTick);
  const count = Number((BigInt(days) * pace.dayNs) / pace.tickNs);
  return Array.from({ length: count }, (_, i) => {
    const atNs = 20_000n * pace.dayNs + BigInt(i) * pace.tickNs;
    const wishes = townPlan.customers.map((name) => stepCustomer({ seed, name, pace }, townPlan.machines, atNs));
    return { hour: Number((atNs / pace.hourNs) % 24n), wishes: wishes.flatMap((wish) => wish ?? []) };
  });
};

describe('simulated customers', () => {
  it('want the same again for the same seed, and something else for another', () => {
    expect(wishesOf('a', 20, 2)).toEqual(wishesOf('a', 20, 2));
    expect(wishesOf('a', 20, 2)).not.toEqual(wishesOf('b', 20, 2));
  });

  it('want only what machines offer, each wish under an id of its own', () => {
    const wishes = wishesOf('a', 20, 10).flatMap((look) => look.wishes);
    for (const { machine, quantity } of wishes) {
      const { quantity: range, quantityMax } = kinds[machine.kind];
      expect(Number(quantity)).toBeGreaterThanOrEqual(range[0]);
      expect(Number(quantity)).toBeLessThanOrEqual(range[1]);
      expect(quantity).toBeLessThanOrEqual(quantityMax);
    }
    expect(new Set(wishes.map(({ commandId }) => commandId)).size).toBe(wishes.length);
  });

  it('want some forty things a day, most of them by day, however often they look', () => {
    for (const minutes of [10, 20, 40]) {
      const looks = wishesOf('a', minutes, 30);
      const perDay = looks.flatMap(({ wishes }) => wishes).length / 30;
      expect(perDay).toBeGreaterThan(30);
      expect(perDay).toBeLessThan(55);
      const atNight = looks.filter(({ hour }) => hour < 6).flatMap(({ wishes }) => wishes).length / 30;
      expect(atNight).toBeLessThan(perDay / 8);
    }
  });

  it('want machines of others besides, each by itself: the same for the same seed, whatever others there are', () => {
    const pace = paceOf(1, 20);
    const wishesFor = (machine: string, seed = 'a') =>
      Array.from({ length: 72 * 30 }, (_, i) => {
        const atNs = 20_000n * pace.dayNs + BigInt(i) * pace.tickNs;
        const wish = stepCustomerOfOthers({ seed, name: 'Ana', pace }, 'scooter', machine, atNs);
        return wish === null ? [] : [wish];
      }).flat();
    expect(wishesFor('one')).toEqual(wishesFor('one'));
    expect(wishesFor('one')).not.toEqual(wishesFor('two'));
    expect(wishesFor('one')).not.toEqual(wishesFor('one', 'b'));
    expect(wishesFor('one').length).toBeGreaterThan(10);
    const [least, most] = kinds.scooter.quantity.map(BigInt);
    expect(wishesFor('one').every(({ quantity }) => quantity >= least! && quantity <= most!)).toBe(true);
    const ids = wishesFor('one').map(({ commandId }) => commandId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
