// Who lives in the town: fifteen machines of four kinds and six customers, all of them simulated and named so. Plain data.
import type { Unit } from '@tamc/protocol/use';

export interface KindFacts {
  readonly unit: Unit;
  /** Minor units of the home ledger (six decimals) for one unit. */
  readonly price: bigint;
  /** What customers order, from and to. */
  readonly quantity: readonly [number, number];
  readonly quantityMax: bigint;
  /** How long the device works for one unit, in minutes of the town. */
  readonly minutesPerUnit: number;
  /** Wear of one unit, in parts per million of a life. */
  readonly wearPerUnitPpm: number;
  readonly part: string;
  readonly meter: string;
  readonly meterUnit: string;
  readonly faults: readonly string[];
  readonly title: string;
  readonly actions: readonly string[];
  readonly charter: string;
}

export const kindNames = ['scooter', 'printer', 'washer', 'charger'] as const;
export type KindName = (typeof kindNames)[number];

export function isKindName(word: string): word is KindName {
  return kindNames.some((name) => name === word);
}

export const kinds: Readonly<Record<KindName, KindFacts>> = {
  scooter: {
    unit: 'minute',
    price: 150_000n,
    quantity: [5, 40],
    quantityMax: 240n,
    minutesPerUnit: 1,
    wearPerUnitPpm: 400,
    part: 'drive',
    meter: 'odometer',
    meterUnit: 'min',
    faults: ['the brake does not answer', 'the battery gives no power', 'a tyre has no air'],
    title: 'Simulated scooter',
    actions: ['locate', 'lock', 'unlock'],
    charter: 'A simulated scooter. Carries whoever pays by the minute.',
  },
  printer: {
    unit: 'gram',
    price: 80_000n,
    quantity: [10, 90],
    quantityMax: 1_000n,
    minutesPerUnit: 2,
    wearPerUnitPpm: 150,
    part: 'nozzle',
    meter: 'extruder',
    meterUnit: 'g',
    faults: ['the nozzle is clogged', 'the first layer does not hold'],
    title: 'Simulated 3D printer',
    actions: ['preheat', 'level'],
    charter: 'A simulated printer. Prints for whoever pays by the gram.',
  },
  washer: {
    unit: 'use',
    price: 3_500_000n,
    quantity: [1, 1],
    quantityMax: 3n,
    minutesPerUnit: 45,
    wearPerUnitPpm: 6_000,
    part: 'drum',
    meter: 'programs',
    meterUnit: 'use',
    faults: ['the door does not lock', 'the water does not drain'],
    title: 'Simulated washer',
    actions: ['rinse', 'spin'],
    charter: 'A simulated washer. Washes for whoever pays by the use.',
  },
  charger: {
    unit: 'kWh',
    price: 390_000n,
    quantity: [5, 40],
    quantityMax: 100n,
    minutesPerUnit: 2,
    wearPerUnitPpm: 300,
    part: 'contactor',
    meter: 'energy',
    meterUnit: 'kWh',
    faults: ['the plug is too warm', 'the vehicle does not answer'],
    title: 'Simulated charger',
    actions: ['unlock'],
    charter: 'A simulated charger. Charges for whoever pays by the kilowatt hour.',
  },
};

export interface MachinePlan {
  /** The machine's model on the network, and the label of its device; unique in the town. */
  readonly name: string;
  readonly kind: KindName;
  readonly place: string;
  /** Loses the network now and then, and delivers its reports later. */
  readonly isRoaming: boolean;
  /** As old as this at its birth; none: by the seed. */
  readonly bornWearPpm: number | null;
}

export interface TownPlan {
  readonly machines: readonly MachinePlan[];
  readonly customers: readonly string[];
}

const counts: Readonly<Record<KindName, number>> = { scooter: 8, printer: 3, washer: 3, charger: 1 };
/** Neighbourhoods of one town, as geohashes. */
const places = ['eyckpp', 'eyckpr', 'eyckpx', 'eyckr0'];

export const townPlan: TownPlan = {
  machines: kindNames.flatMap((kind) => Array.from({ length: counts[kind] }, (_, i) => planOf(kind, i + 1))),
  customers: ['Ana', 'Bruno', 'Clara', 'Davi', 'Elisa', 'Fabio'],
};

function planOf(kind: KindName, number: number): MachinePlan {
  return {
    name: `${kind} ${number}`,
    kind,
    place: places[number % places.length]!,
    isRoaming: kind === 'scooter' && number === 3,
    // One machine is due for service from the start, so that there is something to find.
    bornWearPpm: kind === 'printer' && number === 2 ? 815_000 : null,
  };
}

export const make = 'Simulated';

/** W3C Thing Description. */
export function thingOf({ name, kind }: MachinePlan): string {
  const { title, actions, part, meter } = kinds[kind];
  const forms = (href: string) => ({ forms: [{ href }] });
  return JSON.stringify({
    '@context': 'https://www.w3.org/2022/wot/td/v1.1',
    title: `${title}: ${name}`,
    securityDefinitions: { none: { scheme: 'nosec' } },
    security: 'none',
    properties: { [part]: { type: 'integer', ...forms(part) }, [meter]: { type: 'integer', ...forms(meter) } },
    actions: Object.fromEntries(actions.map((action) => [action, forms(action)])),
  });
}
