// The tools of the non-default toolset, with a keeper and without one, on a network in this process.
import { bindLedger } from '@tamc/client';
import { tools } from '@tamc/mcp-server';
import { accountToText } from '@tamc/protocol/account-text';
import { parsePrincipal } from '@tamc/protocol/principal';
import { purseToAccount } from '@tamc/protocol/purse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectOk } from '../journeys/network.ts';
import { approveOtherCode, createKeeper, keeperWorld } from './keeper.ts';
import { createWashers } from './machines.ts';
import { type Assistant, createMcpWorld, dollar, type McpWorld } from './world.ts';

let world: McpWorld;
let operator: Assistant;
let outsider: Assistant;
let washer: string;
const toolsets = new Set(['default', 'operate'] as const);
beforeAll(async () => {
  world = await createMcpWorld();
  const keeper = await createKeeper(world);
  const [person, other] = [await world.meet('keeper'), await world.meet('outsider')];
  operator = await world.assist('keeper', 'auto', { toolsets, world: keeperWorld(world, person, keeper) });
  outsider = await world.assist('outsider', 'auto', { toolsets, world: keeperWorld(world, other) });
  [washer = ''] = await createWashers(operator, 1);
}, 240_000);
afterAll(() => world?.close());

describe('the toolset operate', () => {
  it('is only there where it was asked for', async () => {
    const names = tools.filter(({ toolset }) => toolset === 'operate').map(({ name }) => name);
    const listed = async ({ client }: Assistant) => (await client.listTools()).tools.map(({ name }) => name);
    expect(await listed(operator)).toEqual(expect.arrayContaining(names));
    const plain = await listed(await world.assist('plain'));
    expect(plain.filter((name) => names.includes(name))).toEqual([]);
  });

  it('says so where nobody keeps the network, and changes nothing', async () => {
    await world.held(async () => {
      const before = world.replica.stateHash();
      for (const [name, args] of [
        ['deploy', {}],
        ['time', {}],
        ['time', { advance_minutes: 1 }],
        ['fund', { to: washer, amount: '1' }],
      ] as const)
        expect((await outsider.call(name, args)).text, name).toMatch(/^NotTheKeeper: .*\nNext: /);
      expect(world.replica.stateHash()).toBe(before);
    });
  });
});

describe('deploy', () => {
  it('plans step by step, does what is open when that is confirmed, and then finds nothing to do', async () => {
    await operator.call('deploy');
    const planned = await operator.call('deploy');
    expect(planned.facts?.status, planned.text).toBe('confirmation_needed');
    const steps = planned.facts!.steps as { step: string; done: boolean }[];
    const open = steps.flatMap(({ step, done }) => (done ? [] : [step]));
    expect(open).toEqual(expect.arrayContaining(['create', 'code', 'run'].map((step) => `simulated-desk/${step}`)));
    expect(open.filter((step) => !step.startsWith('simulated-desk/'))).toEqual([]);
    const done = await operator.call('deploy', { confirm: planned.facts!.confirm });
    expect(done.facts?.status, done.text).toBe('deployed');
    expect((await operator.call('deploy')).facts?.status).toBe('nothing_to_do');
  }, 120_000);
});

describe('a job', () => {
  it('that nobody began is told apart from one that is over, with what to do', async () => {
    for (const job of ['births/0-2', 'births/999999-1', 'upgrade/77', `deployment/${'0'.repeat(24)}`])
      expect((await operator.call('job', { job })).text, job).toMatch(/^JobUnknown: .*\nNext: /);
    for (const job of ['', '0', 'births/0', 'births/0-51', 'births/-1-1', 'deployment/1', 'upgrade/x'])
      expect((await operator.call('job', { job })).text, job).toMatch(/^JobInvalid/);
    expect((await operator.call('job', { job: 'births/0-1' })).facts).toMatchObject({ machines: [washer] });
  });
});

describe('fund', () => {
  it('gives simulated money once per command id, and books it where it went to a machine', async () => {
    const friend = await world.meet('friend');
    const gift = { to: friend.text, amount: '12.50', command_id: 'gift' };
    expect((await operator.call('fund', gift)).facts).toMatchObject({ status: 'funded', amount: '12.50 simUSD' });
    await operator.call('fund', gift);
    const ledger = bindLedger(world.minter.connection, world.ledger);
    expect(expectOk(await ledger.balanceOf(friend.account))).toBe(12_500_000n);
    const funded = await operator.call('fund', { to: washer, amount: '3' });
    expect(funded.facts, funded.text).toMatchObject({ status: 'funded_and_booked', simulated: true });
    const { facts } = await operator.call('machine', { machine: washer });
    expect(facts!.balances).toContainEqual(expect.objectContaining({ purse: 'main', booked: '3.00' }));
  });
});

describe('top_up', () => {
  it('lets the machine decide: one that is not low buys nothing', async () => {
    const { text } = await outsider.call('top_up', { machine: washer });
    expect(text).toMatch(/^[A-Z]\w+: .*\nNext: /);
    expect(expectOk(await world.owner.machine(washer).top_ups(0, 10))).toEqual([]);
  });
});

describe('top_up of a machine that runs low', () => {
  it('needs money of its own, and then buys once', async () => {
    const machine = world.owner.machine(washer);
    const { cycles } = expectOk(await machine.compute());
    const terms = { target: 2n * dollar, low_cycles: 2n * cycles, floor_cycles: 0n, top_up_amount: dollar };
    expectOk(await machine.set_compute(terms));
    const short = await outsider.call('top_up', { machine: washer });
    expect(short.text).toMatch(/^ReserveShort: .*\nNext: /);
    const purse = accountToText(purseToAccount(parsePrincipal(washer)!, 'compute'));
    const funded = await operator.call('fund', { to: purse, amount: '2' });
    expect(funded.facts, funded.text).toMatchObject({ status: 'funded_and_booked' });
    // A machine that finds the money by itself a moment earlier says that it buys already.
    const asked = await outsider.call('top_up', { machine: washer });
    expect(asked.facts === null ? asked.text : asked.facts.buys_for).toMatch(
      /^(1\.00 simUSD$|TopUpUnderWay|CyclesEnough)/,
    );
    const purchases = async () => expectOk(await machine.top_ups(0, 10));
    for (let look = 0; look < 700 && !(await purchases()).some(({ status }) => 'delivered' in status); look++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await purchases()).toMatchObject([{ amount: dollar, status: { delivered: {} } }]);
    expect(expectOk(await machine.compute()).cycles).toBeGreaterThan(cycles);
  }, 120_000);
});

describe('upgrade', () => {
  it('happens when the operator of the machine has approved just that code, and not before', async () => {
    const upgrade = { machine: washer };
    expect((await operator.call('upgrade', upgrade)).text).toMatch(/^UpgradeNotNeeded/);
    const hash = await approveOtherCode(world, '9.0.0');
    const refused = await operator.act('upgrade', upgrade);
    expect(refused.facts, refused.text).toMatchObject({ status: 'refused', code: 'UpgradeNotDecided' });
    expectOk(await world.owner.machine(washer).approve_upgrade({ hash }));
    const planned = await operator.call('upgrade', upgrade);
    expect(planned.facts).toMatchObject({ status: 'confirmation_needed', to: '9.0.0' });
    const done = await operator.call('upgrade', { ...upgrade, confirm: planned.facts!.confirm });
    expect(done.facts, done.text).toMatchObject({ status: 'upgraded', machine: washer });
    expect((await operator.call('job', { job: done.facts!.job })).facts).toMatchObject({ status: 'upgraded' });
    expect((await operator.call('upgrade', upgrade)).text).toMatch(/^UpgradeNotNeeded/);
  }, 120_000);
});

describe('time', () => {
  it('is read, and advanced where it is virtual', async () => {
    const read = await operator.call('time');
    expect(read.facts, read.text).toMatchObject({ status: 'read', virtual: true });
    const before = Date.parse(read.facts!.time as string);
    const { facts, text } = await operator.call('time', { advance_minutes: 60 });
    expect(facts?.status, text).toBe('advanced');
    expect(Date.parse(facts!.time as string) - before).toBeGreaterThanOrEqual(3_600_000);
  });
});
