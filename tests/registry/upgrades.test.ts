// Upgrades on the replica, with real Wasm: what is refused before anything is touched, and what happens otherwise.
import { Principal } from '@dfinity/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canisterArgument } from '../harness/canisters.ts';
import { call } from '../harness/program.ts';
import { createHolder, secondNs } from '../harness/world.ts';
import {
  type Built,
  birthOf,
  buildStandIn,
  callerOf,
  createRegistryWorld,
  operator,
  type RegistryWorld,
  type StandIn,
  stranger,
} from './world.ts';

interface UpgradeView {
  readonly step: string;
  readonly outcome: [Record<string, null>] | [];
  readonly code: string;
  readonly problem: string;
}

let world: RegistryWorld;
const builds = new Map<StandIn, Built>();
const built = (version: StandIn) => builds.get(version)!;

beforeAll(async () => {
  world = await createRegistryWorld();
  await world.addHomeLedger();
  for (const version of ['index', 'second', 'lossy', 'breaking', 'trapping'] as const) {
    builds.set(version, await buildStandIn(version));
    if (version !== 'index') await world.approve(built(version), version);
  }
  expect(await world.approve(built('index'), 'first')).toMatchObject({ Ok: { standing: { approved: null } } });
}, 180_000);
afterAll(() => world.close());

let births = 0;
async function bornMachine() {
  const order = { command_id: `birth ${births++}`, module_hash: [built('index').hash], births: [birthOf()] };
  const { Ok } = (await world.update(operator, 'bear', order)) as { Ok: { first: number } };
  const birth = async () => ((await world.query('birth', Ok.first)) as [{ step: object; canister: [Principal] }])[0];
  await world.until('the birth', async () => 'born' in (await birth()).step);
  const [canister] = (await birth()).canister;
  return { canister, ...callerOf(world.world, canister.toText(), built('index').candid) };
}

const upgrade = (machine: Principal, version: StandIn, sender = stranger) =>
  world.update(sender, 'upgrade', { machine, module_hash: built(version).hash });

async function finished(answer: unknown): Promise<UpgradeView> {
  const number = (answer as { Ok: number }).Ok;
  const status = async () => ((await world.query('upgrade_status', number)) as [UpgradeView])[0];
  await world.until('the upgrade is over', async () => (await status()).outcome.length > 0, 800);
  return status();
}

describe('an upgrade', () => {
  it('that anybody asks for is done when the machine has decided for it, and keeps what the machine kept', async () => {
    const machine = await bornMachine();
    await machine.update(operator, 'keep', 'key', 'value');
    await machine.update(operator, 'approve_upgrade', built('second').hash);
    const over = await finished(await upgrade(machine.canister, 'second'));
    expect(over).toMatchObject({ outcome: [{ upgraded: null }], step: 'over' });
    expect(await machine.query('version')).toBe('second');
    expect(await machine.query('kept', 'key')).toEqual(['value']);
    expect(await world.query('machine', machine.canister)).toMatchObject([{ module_hash: built('second').hash }]);
    expect(await upgrade(machine.canister, 'second')).toMatchObject({ Err: { code: 'UpgradeNotNeeded' } });
  });

  it('that the machine has not decided for is refused', async () => {
    const machine = await bornMachine();
    const over = await finished(await upgrade(machine.canister, 'second'));
    expect(over).toMatchObject({ outcome: [{ refused: null }], code: 'UpgradeNotDecided' });
    expect(await machine.query('version')).toBe('first');
  });

  it('that would lose what is stored is refused at once, with the table and the field', async () => {
    const { canister } = await bornMachine();
    expect(await upgrade(canister, 'lossy')).toMatchObject({
      Err: { code: 'UpgradeWouldLose', message: expect.stringMatching(/table notes: field by: field removed/) },
    });
  });

  it('that would break clients is refused at once, with the method and the field', async () => {
    const { canister } = await bornMachine();
    expect(await upgrade(canister, 'breaking')).toMatchObject({
      Err: {
        code: 'UpgradeWouldBreak',
        message: expect.stringMatching(/pay: argument 0: field "memo" of type text is new and not optional/),
      },
    });
  });

  it('over an open call is refused, and names whom the machine waits for', async () => {
    const machine = await bornMachine();
    await machine.update(operator, 'approve_upgrade', built('second').hash);
    await machine.update(operator, 'wait_for', Principal.fromText('ryjl3-tyaaa-aaaaa-aaaba-cai'), 'icrc1_transfer');
    const over = await finished(await upgrade(machine.canister, 'second'));
    expect(over).toMatchObject({ outcome: [{ refused: null }], code: 'UpgradeOverOpenCall' });
    expect(over.problem).toBe('the machine waits for ryjl3-tyaaa-aaaaa-aaaba-cai to answer icrc1_transfer');
    await machine.update(operator, 'wait_no_more');
    expect(await finished(await upgrade(machine.canister, 'second'))).toMatchObject({ outcome: [{ upgraded: null }] });
  });

  it('to code that traps leaves the old code running, with the reason', async () => {
    const machine = await bornMachine();
    await machine.update(operator, 'keep', 'key', 'value');
    await machine.update(operator, 'approve_upgrade', built('trapping').hash);
    const over = await finished(await upgrade(machine.canister, 'trapping'));
    expect(over).toMatchObject({ outcome: [{ failed: null }], code: 'NewCodeTrapped' });
    expect(over.problem).toMatch(/the migration does not work/);
    expect(await machine.query('version')).toBe('first');
    expect(await machine.query('kept', 'key')).toEqual(['value']);
  });

  it('of a machine that hides a call nobody answers ends by itself, and the machine works again', async () => {
    const machine = await bornMachine();
    const holder = await createHolder(world.world);
    // The network lets go of a stop after five minutes, so it is held by two, one after the other.
    const arg = canisterArgument(holder.canister);
    const hold = call({ callee: 'aaaaa-aa', method: 'stop_canister', arg, onReject: holder.hold });
    const hidden = machine.update(operator, 'ask', Principal.fromText(holder.canister), 'update', hold);
    await machine.update(operator, 'approve_upgrade', built('second').hash);
    const { Ok: number } = (await upgrade(machine.canister, 'second')) as { Ok: number };
    const status = async () => ((await world.query('upgrade_status', number)) as [UpgradeView])[0];
    await world.until('it is being stopped', async () => (await status()).step === 'stopping');
    expect(await world.update(stranger, 'resume_upgrade', number)).toMatchObject({ Err: { code: 'UpgradeGoesOn' } });
    for (let i = 0; i < 36; i++) await world.pass(10n * secondNs, 3);
    expect(await finished({ Ok: number })).toMatchObject({ outcome: [{ failed: null }], code: 'MachineNotStopped' });
    expect(await machine.query('version')).toBe('first');
    await machine.update(operator, 'keep', 'key', 'still works');
    await holder.release();
    await hidden;
    expect(await upgrade(machine.canister, 'second')).toMatchObject({ Err: { code: 'UpgradeFailedBefore' } });
    expect(await finished(await upgrade(machine.canister, 'second', operator))).toMatchObject({
      outcome: [{ upgraded: null }],
    });
  }, 120_000);
});
