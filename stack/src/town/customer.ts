// A simulated customer, as a pure step: by the seed and the hour it wants a machine or not, and which; when that one is taken it
// goes away. What it wants does not depend on what it has done, so that asking again is wanting the same.
import type { Random } from '@tamc/base/random';
import { hourOfDay, type Pace, tickOf } from './pace.ts';
import { type KindName, kinds, type MachinePlan } from './plan.ts';
import { randomOf } from './seed.ts';

export interface CustomerSetting {
  readonly seed: string;
  readonly name: string;
  readonly pace: Pace;
}

export interface Wish {
  readonly machine: MachinePlan;
  readonly quantity: bigint;
  /** The same wish, however often it is sent to the same machine. */
  readonly commandId: string;
}

/** Wishes in a hundred hours: in the night, by day, and when people come and go. */
const nightWishes = 9;
const dayWishes = 30;
const rushWishes = 54;

export function stepCustomer(
  { seed, name, pace }: CustomerSetting,
  machines: readonly MachinePlan[],
  nowNs: bigint,
): Wish | null {
  if (machines.length === 0) return null;
  const tick = tickOf(pace, nowNs);
  const random = randomOf(seed, name, 'wish', tick);
  if (random.below(6_000) >= wishesPerHundredHours(hourOfDay(pace, nowNs)) * pace.minutesPerTick) return null;
  const machine = random.pick(machines);
  return { machine, quantity: quantityOf(random, machine.kind), commandId: `town/${name}/${tick}` };
}

/** For so many wishes of a customer in town, one more is for each machine of others: people try what is new. */
const wishesPerOther = 5;

/**
 * What a customer wants of one machine that is not the town's: asked for each by itself, so that one more of them changes nothing
 * about the wishes for all others.
 */
export function stepCustomerOfOthers(
  { seed, name, pace }: CustomerSetting,
  kind: KindName,
  machine: string,
  nowNs: bigint,
): Omit<Wish, 'machine'> | null {
  const tick = tickOf(pace, nowNs);
  const random = randomOf(seed, name, 'wish of others', machine, tick);
  const wishes = wishesPerHundredHours(hourOfDay(pace, nowNs)) * pace.minutesPerTick;
  if (random.below(6_000 * wishesPerOther) >= wishes) return null;
  return { quantity: quantityOf(random, kind), commandId: `town/${name}/${tick}` };
}

function quantityOf(random: Random, kind: KindName): bigint {
  const [least, most] = kinds[kind].quantity;
  return BigInt(least + random.below(most - least + 1));
}

function wishesPerHundredHours(hour: number): number {
  if (hour < 6 || hour >= 23) return nightWishes;
  const isRush = (hour >= 7 && hour < 9) || (hour >= 17 && hour < 19);
  return isRush ? rushWishes : dayWishes;
}
