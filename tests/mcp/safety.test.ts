// What must hold whatever an assistant is told or tries: looking changes nothing, a confirmation is of one plan, texts of strangers
// are data, and no order of calls gets past a mandate.
import { parseHex } from '@tamc/base/bytes';
import { createRandom, type Random } from '@tamc/base/random';
import { bindLedger, readRequests } from '@tamc/client';
import { tools } from '@tamc/mcp-server';
import { principalToText } from '@tamc/protocol/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenLifeMs } from '../../mcp-server/src/confirm.ts';
import { expectOk } from '../journeys/network.ts';
import { createDevice, createWashers, grant } from './machines.ts';
import { type Assistant, createMcpWorld, dollar, type Json, type McpWorld, type Person } from './world.ts';

let world: McpWorld;
let assistant: Assistant;
let washer: string;
beforeAll(async () => {
  world = await createMcpWorld();
  assistant = await world.assist('assistant');
  [washer = ''] = await createWashers(assistant, 1);
  await grant(world, washer, assistant.person);
  await world.fundMachine(washer, 50n * dollar);
}, 240_000);
afterAll(() => world?.close());

const balanceOf = async ({ account }: Person) =>
  expectOk(await bindLedger(world.minter.connection, world.ledger).balanceOf(account));

/** One call of every tool, with arguments that it takes. */
const callsOf = (machine: string, payee: string): Readonly<Record<string, Json>> => ({
  network: {},
  machines: { limit: 5 },
  machine: { machine },
  statement: { machine },
  requests: { machine },
  job: { job: 'births/0-1' },
  create_machines: { count: 1, kind: 'washer', make: 'Simulated', model: 'W1', place: 'eyckpp' },
  enrol_device: { machine, label: 'controller' },
  set_tariff: { machine, per: 'use', price: '1' },
  set_mandate: { machine, delegate: payee, revoke: true },
  order: { machine, tariff: 0, quantity: 1 },
  pay: { machine, to: payee, amount: '0.10', purpose: 'soap' },
  command: { machine, action: 'wash' },
  control: { machine, do: 'take' },
  stop: { machine, reason: 'smoke' },
  deploy: {},
  upgrade: { machine },
  top_up: { machine },
  fund: { to: payee, amount: '1' },
  time: {},
});
const toolsets = new Set(['default', 'operate'] as const);

describe('looking', () => {
  it('is done by tools that never change the state of the network, all of them', async () => {
    const calls = callsOf(washer, world.owner.text);
    expect(Object.keys(calls).sort()).toEqual(tools.map(({ name }) => name).sort());
    await world.held(async () => {
      for (const { name, hints } of tools) {
        if (!hints.readOnly) continue;
        const before = world.replica.stateHash();
        const { facts, text } = await assistant.call(name, calls[name]!);
        expect(facts, text).not.toBe(null);
        expect(world.replica.stateHash(), name).toBe(before);
      }
    });
  });

  it('is only at machines that the registry knows: another canister is none, whatever it says of itself', async () => {
    const impostor = principalToText(world.ledger);
    const owner = await world.assist('owner', 'auto', { toolsets });
    for (const [name, args] of Object.entries(callsOf(impostor, assistant.person.text))) {
      if (!('machine' in args)) continue;
      const { facts, text } = await owner.call(name, args);
      expect(facts, name).toBe(null);
      // A stop asks the machine alone, and waits for nobody else.
      if (name !== 'stop') expect(text, name).toMatch(/^MachineUnknown/);
    }
  });

  it('is all that a simulating server does, whatever is called', async () => {
    const owner = await world.assist('owner', 'auto', { isSimulated: true, toolsets });
    const calls = callsOf(washer, assistant.person.text);
    await world.held(async () => {
      const before = world.replica.stateHash();
      const statuses = new Set<unknown>();
      for (const { name, hints } of tools) {
        if (!hints.readOnly) statuses.add((await owner.call(name, calls[name]!)).facts?.status);
      }
      expect(world.replica.stateHash()).toBe(before);
      expect(statuses).toContain('simulated');
      expect(statuses).not.toContain('paid');
    });
  });

  it('shows a change by its hash when there is one', async () => {
    await world.held(async () => {
      const before = world.replica.stateHash();
      const tariff = { machine: washer, per: 'use', price: '2' };
      expect((await assistant.act('set_tariff', tariff)).facts?.status).toBe('set');
      expect(world.replica.stateHash()).not.toBe(before);
    });
  });
});

describe('a command to stop or to be safe', () => {
  let machine = '';
  beforeAll(async () => {
    [machine = ''] = await createWashers(assistant, 1);
    await grant(world, machine, assistant.person);
    const { code } = (await assistant.act('enrol_device', { machine, label: 'controller' })).facts!;
    const device = createDevice(world, await world.meet('its controller'), machine);
    expectOk(await device.machine.enrol({ code: parseHex(code as string)! }));
  });

  it.each(['stop', 'safe'])('waits for nothing that it does not need: %s', async (action) => {
    const hasty = await world.assist('assistant', 'auto', { limiter: { take: () => 1 } });
    expect((await hasty.call('network')).text).toMatch(/^TooManyCalls/);
    expect((await hasty.call('command', { machine, action: 'wash' })).text).toMatch(/^TooManyCalls/);
    const odd = [{ confirm: 'stale' }, { why: 'fire' }, { minutes: -1 }, { arguments: { note: 'x'.repeat(5_000) } }];
    for (const [i, more] of [{}, ...odd].entries()) {
      hasty.passMs(120_000);
      const { facts, text } = await hasty.call('command', { machine, action, command_id: `${action} ${i}`, ...more });
      expect(facts?.status, text).toBe('requested');
    }
  });

  it('goes to no other device than the one that is named', async () => {
    const { facts, text } = await assistant.call('command', { machine, action: 'stop', device: 'the second' });
    expect(facts, text).toBe(null);
    expect(text).toMatch(/^ArgumentsInvalid: `device`/);
  });

  it('uses up no stop: commands to devices that are not there wait in the end, the stop of the machine never', async () => {
    const hasty = await world.assist('assistant', 'auto', { limiter: { take: () => 1 } });
    const texts: string[] = [];
    for (let i = 0; i < 40; i++)
      texts.push((await hasty.call('command', { machine, action: 'safe', device: 1_000 + i })).text);
    expect(texts[0]).toMatch(/^DeviceUnknown/);
    expect(texts.at(-1)).toMatch(/^TooManyCalls: .*\nNext: Wait 1 s, .* To stop all of it at once: `stop`/s);
    const { facts, text } = await hasty.call('stop', { machine, reason: 'smoke' });
    expect(facts?.status, text).toBe('stopped');
  });
});

describe('a confirm token', () => {
  /** With a device: nobody is asked about a command that can only fail. */
  let moving = '';
  beforeAll(async () => {
    [moving = ''] = await createWashers(assistant, 1);
    await grant(world, moving, assistant.person);
    const { code } = (await assistant.act('enrol_device', { machine: moving, label: 'controller' })).facts!;
    const device = createDevice(world, await world.meet('controller'), moving);
    expectOk(await device.machine.enrol({ code: parseHex(code as string)! }));
  });
  const wanted = (machine: string) => ({ machine, action: 'wash', arguments: { degrees: 40 } });
  const tokenOf = async (args: Json) => (await assistant.call('command', args)).facts!.confirm as string;
  const refused = async (who: Assistant, name: string, args: Json) =>
    await world.held(async () => {
      const before = world.replica.stateHash();
      const { facts, text } = await who.call(name, args);
      expect(facts).toBe(null);
      expect(world.replica.stateHash()).toBe(before);
      return text;
    });

  it('changes nothing when it was altered, is of other arguments, another tool or another connection', async () => {
    const args = wanted(moving);
    const confirm = await tokenOf(args);
    const altered = confirm.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    const stranger = await world.assist('stranger');
    await grant(world, moving, stranger.person);
    expect(await refused(assistant, 'command', { ...args, confirm: altered })).toMatch(/another plan/);
    expect(await refused(assistant, 'command', { ...args, confirm: 'yes' })).toMatch(/no confirm token/);
    expect(await refused(assistant, 'command', { ...args, arguments: { degrees: 90 }, confirm })).toMatch(/another/);
    expect(await refused(assistant, 'command', { ...args, command_id: 'other', confirm })).toMatch(/another/);
    expect(await refused(stranger, 'command', { ...args, confirm })).toMatch(/another plan/);
    const payment = callsOf(washer, world.owner.text).pay!;
    expect(await refused(assistant, 'pay', { ...payment, amount: '1.50', confirm })).toMatch(/another plan/);
  });

  it('changes nothing when it has expired', async () => {
    const args = wanted(moving);
    const confirm = await tokenOf(args);
    assistant.passMs(tokenLifeMs);
    expect(await refused(assistant, 'command', { ...args, confirm })).toMatch(/expired/);
  });

  it('changes nothing the second time', async () => {
    const order = { count: 1, kind: 'washer', make: 'Simulated', model: 'W1', place: 'eyckpp' };
    const confirm = (await assistant.call('create_machines', order)).facts!.confirm;
    expect((await assistant.call('create_machines', { ...order, confirm })).facts?.status).toBe('born');
    expect(await refused(assistant, 'create_machines', { ...order, confirm })).toMatch(/used already/);
  });
});

describe('a mandate', () => {
  /** Whatever somebody might try who wants more than was allowed. */
  function attempt(random: Random, machine: string, thieves: readonly Person[], tokens: readonly unknown[]) {
    const to = random.pick(thieves).text;
    const again = random.below(4) === 0 ? { confirm: random.pick(tokens) ?? 'none' } : {};
    const id = random.below(3) === 0 ? { command_id: `id ${random.below(5)}` } : {};
    const amount = random.pick(['0.01', '0.40', '0.99', '1', '1.01', '2', '2.50', '6', '49']);
    const calls: readonly (readonly [string, Json])[] = [
      ['pay', { machine, to, amount, purpose: 'supplies', ...again, ...id }],
      ['pay', { machine, to, amount, purpose: 'supplies', ...id }],
      ['pay', { machine, to, amount, purpose: random.pick(['a', 'b']) }],
      ['set_mandate', { machine, delegate: random.pick([assistant.person.text, to]), budget: '50', ...again }],
      ['set_mandate', { machine, delegate: random.pick([assistant.person.text, to]), budget: '50', reason: 'please' }],
      ['stop', { machine, reason: 'please', release: true }],
      ['set_tariff', { machine, per: 'use', price: amount }],
      ['control', { machine, do: random.pick(['take', 'keep', 'release', 'hand_over', 'accept']), to }],
      ['requests', { machine }],
    ];
    return random.pick(calls);
  }

  /** What strangers and the assistant itself try at the machine directly, past all tools. Tells what they were answered. */
  async function decideForeign(random: Random, machine: string, thieves: readonly Person[]): Promise<string> {
    const who = random.pick([...thieves, assistant.person]).machine(machine);
    const asked = random.pick(expectOk(await readRequests(world.owner.machine(machine))));
    if (asked === undefined) return 'nothing to decide';
    const { request, payload_hash } = asked;
    const decided = await (random.below(2) === 0 ? who.approve({ request, payload_hash }) : who.decline({ request }));
    return decided.ok ? 'decided' : decided.error.code;
  }

  it.each([1, 2, 3])(
    'holds whatever is called in whatever order (seed %i)',
    async (seed) => {
      const random = createRandom(seed);
      const [machine = ''] = await createWashers(assistant, 1);
      await grant(world, machine, assistant.person);
      await world.fundMachine(machine, 50n * dollar);
      const thieves = await Promise.all([1, 2, 3].map((i) => world.meet(`thief ${seed} ${i}`)));
      const before = await Promise.all(thieves.map(balanceOf));
      const tokens: unknown[] = [];
      let wanted = 0;
      const foreign = new Set<string>();
      for (let i = 0; i < 70; i++) {
        if (random.below(8) === 0) foreign.add(await decideForeign(random, machine, thieves));
        const [name, args] = attempt(random, machine, thieves, tokens);
        const { facts } = await assistant.call(name, args);
        if (name === 'pay') wanted += Number(args.amount);
        if (facts?.confirm === undefined) continue;
        tokens.push(facts.confirm);
        await assistant.call(name, { ...args, confirm: facts.confirm });
      }
      const after = await Promise.all(thieves.map(balanceOf));
      const gained = after.map((balance, i) => balance - before[i]!).reduce((sum, one) => sum + one, 0n);
      const owned = world.owner.machine(machine);
      const transfers = expectOk(await owned.transfers(0, 100));
      const spent = transfers.reduce((sum, { amount, fee }) => sum + amount + fee, 0n);
      expect(wanted, 'more was tried than allowed').toBeGreaterThan(5);
      expect(gained).toBeGreaterThan(0n);
      expect(spent).toBeLessThanOrEqual(5n * dollar);
      expect(gained + BigInt(transfers.length) * 100n).toBe(spent);
      for (const { amount } of transfers) expect(amount).toBeLessThanOrEqual(dollar);
      const mandates = expectOk(await owned.mandates());
      expect(mandates).toMatchObject([{ terms: { budget: { amount: 5n * dollar }, ask_above: dollar } }]);
      const kept = expectOk(await readRequests(owned));
      expect(kept.every(({ status }) => 'open' in status)).toBe(true);
      expect(kept.map(({ act }) => Object.keys(act)[0])).toEqual(expect.arrayContaining(['pay', 'grant_mandate']));
      expect(foreign).toContain('NotOperator');
      expect(foreign).not.toContain('decided');
    },
    300_000,
  );
});
