// What a composite query may ask of the management canister (specification 0.66: the queries it has, as the canister).
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canisterArgument, encode, reply as replied, updateSettings } from '../harness/canisters.ts';
import { call, passedReject, passOn } from '../harness/program.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';

let world: TestWorld;
let canister: string;
let other: string;
beforeAll(async () => {
  world = await createTestWorld();
  [canister, other] = [await world.create(), await world.create()];
});
afterAll(() => world.close());

function ask(method: string, arg: Uint8Array): Promise<Uint8Array> {
  const run = call({ callee: 'aaaaa-aa', method, arg, ...passOn });
  return replied(world.replica.query({ canister, method: 'composite', arg: run }));
}

const isCandid = (data: Uint8Array) => Buffer.from(data.subarray(0, 4)).toString('latin1') === 'DIDL';

it('a composite query can ask for what the canister itself may know [query.management]', async () => {
  expect(isCandid(await ask('canister_status', canisterArgument(canister)))).toBe(true);
  expect(passedReject(await ask('canister_status', canisterArgument(other)))).toMatchObject({ code: 5 });
  expect(passedReject(await ask('fetch_canister_logs', canisterArgument(other)))).toMatchObject({ code: 4 });
  await replied(updateSettings(world.replica, other, { controllers: [canister] }));
  for (const method of ['canister_status', 'canister_metrics', 'fetch_canister_logs']) {
    expect([method, isCandid(await ask(method, canisterArgument(other)))]).toEqual([method, true]);
  }
});

it('a composite query cannot call what is no query [query.management]', async () => {
  for (const method of ['raw_rand', 'start_canister', 'stop_canister', 'deposit_cycles', 'nothing']) {
    const arg = method === 'raw_rand' ? encode([], []) : canisterArgument(other);
    expect([method, passedReject(await ask(method, arg)).code]).toEqual([method, expect.toBeOneOf([3, 4, 5])]);
  }
});
