// A registry on a subnet where nothing costs cycles, as a Cloud Engine is.
import { Principal } from '@dfinity/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCanister } from '../harness/canisters.ts';
import { birthOf, buildStandIn, createRegistryWorld, governor, operator, type RegistryWorld } from './world.ts';

const ckBtcOfTheMainNetwork = Principal.fromText('mxzaz-hqaaa-aaaar-qaada-cai');

let world: RegistryWorld;
beforeAll(async () => {
  world = await createRegistryWorld({ network: 'engine', birthCycles: 0n, replica: { costSchedule: 'free' } });
  await world.approve(await buildStandIn('index'), '1');
}, 120_000);
afterAll(() => world.close());

describe('on a Cloud Engine', () => {
  it('a ledger of another subnet is refused, and told why', async () => {
    const foreign = { id: ckBtcOfTheMainNetwork, symbol: 'ckBTC', decimals: 8, fee: 10n, home: true };
    expect(await world.update(governor, 'add_ledger', foreign)).toMatchObject({
      Err: { code: 'ForeignLedger', message: expect.stringMatching(/reach only their own/) },
    });
    const id = Principal.fromText(await createCanister(world.world.replica));
    expect(await world.update(governor, 'add_ledger', { ...foreign, id })).toEqual({ Ok: null });
  });

  it('machines are born without cycles', async () => {
    const order = { command_id: 'free', module_hash: [], births: [birthOf(), birthOf()] };
    expect(await world.update(operator, 'bear', order)).toEqual({ Ok: { first: 0, count: 2 } });
    const steps = async () =>
      ((await world.query('births', 0, 2)) as { items: { step: object }[] }).items.map(({ step }) => step);
    await world.until('both are born', async () => (await steps()).every((step) => 'born' in step));
    const terms = { births_per_caller: 9, birth_cycles: 1n, compute: { none: null } };
    expect(await world.update(governor, 'set_birth_terms', terms)).toMatchObject({
      Err: { code: 'EngineHasNoCycles' },
    });
  });
});
