// The queries of a canister, called as updates to be measured: on the network they cost nobody anything, but take their instructions.
import type { Replica } from '@tamc/replica';
import type { Methods } from '../../../stack/src/candid/parse-did.ts';
import { decode, encode, reply } from '../../harness/canisters.ts';
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
  /** Who asks. */
  readonly sender: string;
}

export async function measureQueries(target: Target, { measure }: Meter, asked: readonly Asked[]): Promise<void> {
  for (const { method, values = [], about } of asked) {
    await measure(`${method} (query)${about === undefined ? '' : `, ${about}`}`, () => ask(target, method, values));
  }
}

async function ask({ replica, canister, methods, sender }: Target, method: string, values: readonly unknown[]) {
  const { argTypes, retTypes } = methods[method]!;
  const arg = encode(argTypes, [...values]);
  return decode(retTypes, await reply(replica.call({ canister, method, arg, sender })))[0];
}
