// What a birth costs: terms that cannot pay for it are refused, the least ones bear a real machine, and where a larger subnet costs
// more, the birth tells so within seconds and goes on when its canister has been given cycles.
import { IDL } from '@dfinity/candid';
import type { Principal } from '@dfinity/principal';
import { registryLimits } from '@tamc/protocol/registry';
import { describe, expect, it } from 'vitest';
import { encode, reply } from '../harness/canisters.ts';
import { birthOf, build, buildStandIn, createRegistryWorld, governor, operator, type RegistryWorld } from './world.ts';

interface BirthView {
  readonly step: Record<string, null>;
  readonly canister: [Principal] | [];
  readonly problem: [string] | [];
}

const order = (world: RegistryWorld, command_id: string) =>
  world.update(operator, 'bear', { command_id, module_hash: [], births: [birthOf()] });
const birthIn = async (world: RegistryWorld) =>
  ((await world.query('births', 0, 1)) as { items: BirthView[] }).items[0]!;
const isBorn = ({ step }: BirthView) => 'born' in step;
const isStill = (birth: BirthView) => isBorn(birth) || birth.problem.length > 0;

const TopUp = IDL.Record({ canister_id: IDL.Principal, amount: IDL.Nat });

describe('cycles of births', () => {
  it('are refused when they are too few for an install, and the least ones bear a machine', async () => {
    const { birthCyclesMin } = registryLimits;
    const world = await createRegistryWorld({ birthCycles: birthCyclesMin });
    const terms = { births_per_caller: 9, birth_cycles: birthCyclesMin - 1n, compute: { none: null } };
    expect(await world.update(governor, 'set_birth_terms', terms)).toMatchObject({
      Err: {
        code: 'FieldInvalid',
        message: expect.stringMatching(/^birth_cycles must be at least 850000000000, because/),
      },
    });
    await world.addHomeLedger();
    await world.approve(await build('canisters/machine'), '1');
    await order(world, 'least');
    await world.until('it stands still or is born', async () => isStill(await birthIn(world)));
    expect(await birthIn(world)).toMatchObject({ step: { born: null }, problem: [] });
    await world.close();
  }, 300_000);

  it('that a larger subnet takes more of are missed within seconds, and the birth goes on when they are given', async () => {
    const world = await createRegistryWorld({ birthCycles: 1_000_000_000_000n, replica: { nodeCount: 20 } });
    await world.addHomeLedger();
    await world.approve(await buildStandIn('index'), '1');
    await order(world, 'short');
    // Twenty seconds of the network's time.
    await world.until('it stands still', async () => isStill(await birthIn(world)), 40);
    const still = await birthIn(world);
    expect(still.step).toEqual({ installing: null });
    expect(still.problem[0]).toMatch(/^install_chunked_code was rejected: .*cycles/);
    const topUp = { canister_id: still.canister[0]!, amount: 1_000_000_000_000n };
    const arg = encode([TopUp], [topUp]);
    await reply(world.world.replica.call({ canister: 'aaaaa-aa', method: 'provisional_top_up_canister', arg }));
    expect(await world.update(operator, 'resume_births', [0])).toEqual({ Ok: null });
    await world.until('it is born', async () => isBorn(await birthIn(world)), 40);
    expect((await birthIn(world)).canister).toEqual(still.canister);
    await world.close();
  }, 120_000);
});
