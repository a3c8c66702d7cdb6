// The public face of the simulated town.
export type { Happening } from './happening.ts';
export { realTimeNetwork, type TownNetwork, virtualTimeNetwork } from './network.ts';
export type { TownOptions } from './people.ts';
export { isKindName, type KindName, kindNames, kinds, type MachinePlan, type TownPlan, townPlan } from './plan.ts';
export { machineStates, readMachine, readTown, type TownMachine } from './read-town.ts';
export { keyOf } from './seed.ts';
export { createTown, type Town } from './town.ts';
export type { Reading } from './wear.ts';
