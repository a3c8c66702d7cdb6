// The queries of a canister, asked by another canister to be measured: to a person they cost nobody anything, but take their
// instructions.
import type { Replica } from '@tamc/replica';
import type { Methods } from '../../../stack/src/candid/parse-did.ts';
import { decode, encode } from '../../harness/canisters.ts';
import { call, passOn } from '../../harness/program.ts';
import { type TestWorld, worldOf } from '../../harness/world.ts';
import type { Meter } from './meter.ts';

export interface Asked {
  readonly method: string;
  readonly values?: readonly unknown[];
  /** What of it was asked, in words. */
  readonly about?: string;
}

export interface Target {
  readonly replica: Replica;
  readonly canister: string;
  readonly methods: Methods;
}

export async function measureQueries(target: Target, { measure }: Meter, asked: readonly Asked[]): Promise<void> {
  const world = worldOf(target.replica);
  const asking = await world.create();
  for (const { method, values = [], about } of asked) {
    const act = `${method} (query)${about === undefined ? '' : `, ${about}`}`;
    await measure(act, () => ask(world, asking, target, method, values));
  }
}

async function ask(
  world: TestWorld,
  asking: string,
  { canister, methods }: Target,
  method: string,
  values: readonly unknown[],
) {
  const { argTypes, retTypes } = methods[method]!;
  const arg = encode(argTypes, [...values]);
  return decode(retTypes, await world.run(asking, call({ callee: canister, method, arg, ...passOn })))[0];
}
