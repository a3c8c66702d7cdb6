// The whole journey of a machine by conversation, on a real network in this process, by real MCP clients of both revisions.
import { parseHex } from '@tamc/base/bytes';
import { bindLedger, readMandates, readRequests } from '@tamc/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isoTime } from '../../mcp-server/src/found.ts';
import { expectOk } from '../journeys/network.ts';
import { createDevice, createWashers, type Device, grant } from './machines.ts';
import { type Assistant, createMcpWorld, dollar, type McpWorld, type Person } from './world.ts';

let world: McpWorld;
beforeAll(async () => {
  world = await createMcpWorld();
}, 240_000);
afterAll(() => world?.close());

describe.each(['auto', 'legacy'] as const)('an assistant in mode %s', (mode) => {
  let assistant: Assistant;
  let customer: Assistant;
  let controller: Person;
  let device: Device;
  let washer: string;
  const statusOf = async (name: string, args: Record<string, unknown>) => {
    const { facts, text } = await assistant.act(name, args);
    return facts?.status ?? text;
  };
  /** By the owner, outside the chat. */
  const approve = async (number: unknown) => {
    const machine = world.owner.machine(washer);
    const [asked] = expectOk(await machine.request(Number(number)));
    return expectOk(await machine.approve({ request: Number(number), payload_hash: asked!.payload_hash }));
  };
  const balanceOf = async ({ account }: Person) =>
    expectOk(await bindLedger(world.minter.connection, world.ledger).balanceOf(account));

  beforeAll(async () => {
    assistant = await world.assist(`assistant ${mode}`, mode);
    customer = await world.assist(`customer ${mode}`, mode);
    controller = await world.meet(`controller ${mode}`);
    await world.fund(customer.person.account, 20n * dollar);
  });

  it('looks at the network, and is told who it is there', async () => {
    const { facts } = await assistant.call('network');
    expect(facts).toMatchObject({ kind: 'embedded', you: assistant.person.text });
  });

  it('brings machines to life as one act that was planned and confirmed; the owner operates them', async () => {
    const wanted = { count: 2, kind: 'washer', make: 'Simulated', model: 'W1', place: 'eyckpp', actions: ['wash'] };
    const before = (await assistant.call('network')).facts?.machines;
    const planned = await assistant.call('create_machines', wanted);
    expect(planned.facts).toMatchObject({ status: 'confirmation_needed', operator: world.owner.text });
    expect((await assistant.call('network')).facts?.machines).toBe(before);
    const { confirm } = planned.facts!;
    const { facts } = await assistant.call('create_machines', { ...wanted, confirm });
    expect(facts).toMatchObject({ status: 'born', count: 2 });
    const machines = facts!.machines as string[];
    washer = machines[0]!;
    const births = await assistant.call('job', { job: facts!.job });
    expect(births.facts).toMatchObject({ status: 'born', count: 2, machines });
    const seen = await assistant.call('machine', { machine: washer });
    expect(seen.facts).toMatchObject({ state: 'working', operator: world.owner.text });
    expect(seen.facts!.your_mandate).toMatchObject([{ powers: [], budget: '0.00 simUSD' }]);
  });

  it('may do nothing on machines where it has no mandate, and is told who can give one', async () => {
    const nobody = await world.assist(`nobody ${mode}`, mode);
    const refusals = [
      await nobody.act('enrol_device', { machine: washer, label: 'controller' }),
      await nobody.act('set_tariff', { machine: washer, per: 'minute', price: '0.05' }),
      await nobody.act('command', { machine: washer, action: 'wash' }),
      await nobody.act('control', { machine: washer, do: 'take' }),
      await nobody.act('pay', { machine: washer, to: customer.person.text, amount: '1', purpose: 'x' }),
      await nobody.act('stop', { machine: washer, reason: 'x' }),
      await nobody.act('set_mandate', { machine: washer, delegate: nobody.person.text, budget: '100' }),
    ];
    for (const { facts, text } of refusals) {
      expect(facts, text).toBe(null);
      expect(text).toContain(world.owner.text);
    }
    const written = nobody.audited.map(({ tool, outcome }) => `${tool} ${outcome}`);
    expect(written).toContain('stop MayNotStop');
    await grant(world, washer, assistant.person);
    const { facts } = await assistant.call('machine', { machine: washer });
    expect(facts!.your_mandate).toMatchObject([{ budget: '5.00 simUSD', ask_above: '1.00 simUSD' }]);
  });

  it('asks nobody about what can only fail, and says why in its own words', async () => {
    const stranger = await world.assist(`stranger ${mode}`, mode);
    const payment = { machine: washer, to: stranger.person.text, amount: '1', purpose: 'x' };
    const born = { count: 1, kind: 'washer', make: 'Simulated', model: 'W1', place: 'eyckpp' };
    const refusals: readonly (readonly [Assistant, string, Record<string, unknown>, RegExp])[] = [
      [stranger, 'pay', payment, /^NoMandate/],
      [stranger, 'command', { machine: washer, action: 'wash' }, /^PowerMissing/],
      [
        assistant,
        'command',
        { machine: washer, action: 'wash' },
        /^NoDevice: .*\nNext: Enrol one with `enrol_device`/s,
      ],
      [assistant, 'pay', { ...payment, amount: '2' }, /^FundsMissing: .* 0\.00 simUSD available.* 2\.0001 simUSD /s],
      [assistant, 'pay', { ...payment, amount: '0.5' }, /^FundsMissing: (?!.*\d{5}).*\nNext: (?!.*_)/s],
      [assistant, 'pay', { ...payment, amount: '0' }, /^AmountInvalid: .*at least 0\.000001 simUSD/],
      [assistant, 'pay', { ...payment, to: washer }, /^PayeeIsSelf/],
      [assistant, 'set_tariff', { machine: washer, per: 'use', price: '0' }, /^AmountInvalid: .* simUSD/],
      [assistant, 'create_machines', { ...born, place: 'zzz!' }, /^FieldInvalid: `place` must be a geohash/],
      [assistant, 'create_machines', { ...born, make: ' ' }, /^FieldInvalid: `make` must be/],
      [assistant, 'create_machines', { ...born, model: '\u200b' }, /^FieldInvalid: `model` must be/],
      [assistant, 'create_machines', { ...born, actions: ['a b'] }, /^FieldInvalid: `actions` must be/],
      [assistant, 'set_mandate', { machine: washer, delegate: stranger.person.text }, /^ReasonInvalid: .*`reason`/s],
    ];
    for (const [who, name, args, expected] of refusals) expect((await who.call(name, args)).text).toMatch(expected);
  });

  it('tells who decides what is to be brought to life, and what it gets by that', async () => {
    const born = { count: 3, kind: 'washer', make: 'Acme', model: 'W7', place: 'eyckpp', actions: ['wash'] };
    const { plan } = (await assistant.call('create_machines', born)).facts!;
    for (const part of ['3 × washer', '"Acme"', '"W7"', 'eyckpp', 'wash', world.owner.text, 'may spend 0.00 simUSD'])
      expect(plan).toContain(part);
  });

  it('makes a code with which a device lets itself in, once, and again the same code for the same command', async () => {
    const wanted = { machine: washer, label: 'controller', command_id: `enrol ${mode}` };
    const issued = await assistant.act('enrol_device', wanted);
    expect(issued.facts?.status).toBe('code_issued');
    expect((await assistant.act('enrol_device', wanted)).facts?.code).toBe(issued.facts!.code);
    const code = parseHex(issued.facts!.code as string)!;
    device = createDevice(world, controller, washer);
    expectOk(await device.machine.enrol({ code }));
    const thief = (await world.meet('thief')).machine(washer);
    expect(await thief.enrol({ code })).toMatchObject({ error: { code: 'CodeUnknown' } });
    const seen = await assistant.call('machine', { machine: washer });
    expect(seen.facts!.devices).toMatchObject([{ device: 1 }]);
  });

  it('sets the price by the power of its mandate; the same price again is no new tariff', async () => {
    const tariff = { machine: washer, per: 'minute', price: '0.05', most: 60 };
    const set = await assistant.act('set_tariff', tariff);
    expect(set.facts).toMatchObject({ status: 'set', price: '0.05 simUSD', per: 'minute' });
    expect((await assistant.act('set_tariff', tariff)).facts).toMatchObject({
      status: 'already_set',
      tariff: set.facts!.tariff,
    });
    const [first, second] = [`tariff 1 ${mode}`, `tariff 2 ${mode}`];
    const named = { ...tariff, price: '0.07', command_id: first };
    expect((await assistant.act('set_tariff', named)).facts?.status).toBe('set');
    expect((await assistant.act('set_tariff', { ...tariff, command_id: second })).facts?.status).toBe('set');
    // The repetition of a call that was cut off brings no old price back.
    expect((await assistant.act('set_tariff', named)).facts).toMatchObject({ price: '0.07 simUSD', repeated: true });
    const reused = await assistant.act('set_tariff', { ...tariff, price: '9', command_id: second });
    expect(reused.text).toMatch(/^CommandIdReused/);
    const { facts } = await assistant.call('machine', { machine: washer });
    expect(facts!.tariff).toMatchObject({ price: '0.05' });
  });

  it('is used and paid: what the device confirms is captured, the rest comes back', async () => {
    const seen = await customer.call('machine', { machine: washer });
    const { number } = seen.facts!.tariff as { number: number };
    const before = await balanceOf(customer.person);
    const order = { machine: washer, tariff: number, quantity: 20, command_id: `order ${mode}` };
    const planned = await customer.call('order', order);
    expect(planned.facts).toMatchObject({ status: 'confirmation_needed', price: '0.05 simUSD per minute' });
    expect(await balanceOf(customer.person)).toBe(before);
    const placed = await customer.call('order', { ...order, confirm: planned.facts!.confirm });
    expect(placed.facts?.status, placed.text).toBe('running');
    // Another is refused before anybody is asked; this one, repeated, tells how it is.
    expect((await customer.call('order', { ...order, command_id: `other ${mode}` })).text).toMatch(/^MachineBusy/);
    expect((await customer.act('order', order)).facts?.status).toBe('running');
    const [command] = await device.open();
    await device.finish(command!, 15n);
    const done = await until(async () => {
      const { facts } = await customer.call('machine', { machine: washer });
      return (facts!.orders as { status: string }[])[0]?.status === 'used' ? facts! : null;
    });
    expect(done.orders).toMatchObject([{ quantity: '20', used: '15', paid: '0.75 simUSD', refunded: '0.25 simUSD' }]);
    // Five fees: of the approval, which the repetition gave again, of the pull, and of capture and refund.
    expect(before - (await balanceOf(customer.person))).toBe(750_000n + 5n * 100n);
    const { facts } = await assistant.call('statement', { machine: washer });
    expect(facts!.entries).toContainEqual(expect.objectContaining({ change: '0.75', purse: 'main' }));
  });

  it('orders once per command id, and never under another tariff than the one that was planned', async () => {
    const { facts } = await customer.call('machine', { machine: washer });
    const { number } = facts!.tariff as { number: number };
    const order = { machine: washer, tariff: number, quantity: 20, command_id: `order ${mode}` };
    expect((await customer.act('order', order)).facts).toMatchObject({ status: 'used' });
    expect(await device.open()).toEqual([]);
    expect((await customer.act('order', { ...order, tariff: number + 1 })).text).toMatch(/^TariffChanged/);
  });

  it('pays at once within its mandate', async () => {
    await world.fundMachine(washer, 50n * dollar);
    const supplier = await world.meet(`supplier ${mode}`);
    const payment = { machine: washer, to: supplier.text, amount: '0.50', purpose: 'soap', command_id: `soap ${mode}` };
    expect((await assistant.call('pay', payment)).facts).toMatchObject({ status: 'paid', amount: '0.50 simUSD' });
    expect((await assistant.call('pay', payment)).facts).toMatchObject({ status: 'paid' });
    expect(await balanceOf(supplier)).toBe(500_000n);
    const { facts } = await assistant.call('statement', { machine: washer, limit: 50 });
    const sent = { purse: 'main', change: '-0.5001', fee: '0.0001', cause: 'sent: payment', to: supplier.text };
    expect(facts!.entries).toContainEqual(expect.objectContaining(sent));
  });

  it('above what is asked, confirms and then waits for a person, who approves outside the chat', async () => {
    const supplier = await world.meet(`big supplier ${mode}`);
    for (const amount of ['1.50', '3']) {
      const payment = { machine: washer, to: supplier.text, amount, purpose: 'drum' };
      const planned = await assistant.call('pay', payment);
      expect(planned.facts?.status).toBe('confirmation_needed');
      expect(planned.facts!.plan).toMatch(/only makes it a request/);
      const waiting = await assistant.call('pay', { ...payment, confirm: planned.facts!.confirm });
      expect(waiting.facts?.status, waiting.text).toBe('waiting_for_a_person');
      expect(waiting.facts!.next).toContain('outside this chat');
    }
    expect(await balanceOf(supplier)).toBe(0n);
    const { facts } = await assistant.call('requests', { machine: washer });
    const [first, second] = facts!.requests as { request: number }[];
    expect([first, second].every((one) => one !== undefined)).toBe(true);
    const all = await assistant.call('requests');
    expect(all.facts!.requests).toContainEqual({ machine: washer, request: first!.request, waiting: 2 });
    const machine = world.owner.machine(washer);
    const [request] = expectOk(await readRequests(machine));
    const { request: number, payload_hash } = request!;
    expect(await assistant.person.machine(washer).approve({ request: number, payload_hash })).toMatchObject({
      error: { code: 'NotOperator' },
    });
    expectOk(await machine.approve({ request: number, payload_hash }));
    expect(await balanceOf(supplier)).toBe(1_500_000n);
  });

  it('commands the device after a confirmation; what is for safety needs none', async () => {
    const wash = { machine: washer, action: 'wash', arguments: { degrees: 40 } };
    expect((await assistant.call('command', wash)).facts?.status).toBe('confirmation_needed');
    expect(await device.open()).toEqual([]);
    expect(await statusOf('command', wash)).toBe('requested');
    const [command] = await device.open();
    await device.report(
      { accepted: { command: command! } },
      { failed: { command: command!, reason: 'door', evidence: [] } },
    );
    expect((await assistant.call('command', { machine: washer, action: 'safe' })).facts?.status).toBe('requested');
    const { facts } = await assistant.call('machine', { machine: washer });
    expect(facts!.commands).toMatchObject([{ status: 'requested' }, { status: 'failed' }, {}]);
  });

  it('takes the remote control, keeps it, hands it over and gives it back', async () => {
    expect(await statusOf('control', { machine: washer, do: 'take', seconds: 60 })).toBe('held');
    expect(await statusOf('control', { machine: washer, do: 'keep' })).toBe('held');
    const offer = { machine: washer, do: 'hand_over' };
    expect(await statusOf('control', { ...offer, to: customer.person.text })).toMatch(/^HolderUnfit/);
    expect(await statusOf('control', offer)).toMatch(/^IdInvalid/);
    expect(await statusOf('control', { ...offer, to: world.owner.text })).toBe('offered');
    expectOk(await world.owner.machine(washer).accept_control());
    expect(await statusOf('control', { machine: washer, do: 'keep' })).toMatch(/^NotHolder/);
    expectOk(await world.owner.machine(washer).release_control());
    expect(await statusOf('control', { machine: washer, do: 'take' })).toBe('held');
    expect(await statusOf('control', { machine: washer, do: 'release' })).toBe('released');
  });

  it('asks for a mandate that only the operator gives; a person approves it outside the chat', async () => {
    const friend = await world.meet(`friend ${mode}`);
    const mandate = { machine: washer, delegate: friend.text, budget: '2', powers: ['command'], reason: 'to help me' };
    const asked = await assistant.call('set_mandate', mandate);
    expect(asked.facts?.status, asked.text).toBe('waiting_for_a_person');
    expect(asked.facts!.next).toContain('npx tamc approve');
    expect(await statusOf('set_mandate', { ...mandate, revoke: true })).toMatch(/^NotOperator/);
    const { request } = asked.facts!;
    const { facts } = await assistant.call('requests', { machine: washer, request });
    const [shown] = facts!.requests as { act: string; text: string }[];
    expect(shown).toMatchObject({
      act: 'grant_mandate',
      text: expect.stringMatching(/give a mandate to .*to help me/s),
    });
    const reply = await approve(request);
    expect(reply).toMatchObject({ Granted: { delegate: friend.principal, terms: { powers: ['command'] } } });
    // When the mandate ends, and until when somebody may decide, are told apart.
    const [given] = expectOk(await readMandates(world.owner.machine(washer))).filter(
      ({ delegate }) => delegate.toText() === friend.text,
    );
    expect(asked.facts!.until).toBe(isoTime(given!.terms.expires_ns));
    expect(Date.parse(String(asked.facts!.decide_until))).toBeLessThan(Date.parse(String(asked.facts!.until)));
  });

  it('stops at once, without a plan, and only the operator lets it work again', async () => {
    expect((await assistant.call('stop', { machine: washer, reason: 'smoke' })).facts?.status).toBe('stopped');
    const { facts } = await assistant.call('machine', { machine: washer });
    expect(facts!.state).toMatch(/^stopped since/);
    expect(await statusOf('command', { machine: washer, action: 'wash' })).toMatch(/^MachineStopped/);
    const asked = await assistant.call('stop', { machine: washer, reason: 'the smoke is gone', release: true });
    expect(asked.facts?.status, asked.text).toBe('waiting_for_a_person');
    expect(await statusOf('command', { machine: washer, action: 'wash' })).toMatch(/^MachineStopped/);
    const waiting = (await assistant.call('requests', { machine: washer })).facts!.requests as { text: string }[];
    expect(waiting.at(-1)!.text).toMatch(/released from its stop.*because: "the smoke is gone"/s);
    expect(await approve(asked.facts!.request)).toEqual({ Released: null });
    expect((await assistant.call('machine', { machine: washer })).facts!.state).toBe('working');
  });

  it('leaves an entry in the audit log for every call', () => {
    const written = assistant.audited.map(({ tool, outcome }) => `${tool} ${outcome}`);
    for (const line of ['pay paid', 'pay waiting_for_a_person', 'stop stopped', 'machine answered'])
      expect(written).toContain(line);
  });
});

describe('the operator by an assistant of its own', () => {
  it('gives, changes and revokes a mandate', async () => {
    const assistant = await world.assist('owner');
    const [id] = await createWashers(assistant, 1);
    const friend = await world.meet('friend');
    const mandate = { machine: id, delegate: friend.text, powers: ['control'], budget: '3', ask_above: '1' };
    const given = await assistant.act('set_mandate', mandate);
    expect(given.facts).toMatchObject({ status: 'given', budget: '3.00 simUSD', ask_above: '1.00 simUSD' });
    const raised = await assistant.act('set_mandate', { machine: id, delegate: friend.text, budget: '4' });
    expect(raised.facts).toMatchObject({ budget: '4.00 simUSD', ask_above: '1.00 simUSD', powers: ['control'] });
    await assistant.act('set_mandate', { ...mandate, powers: [], budget: '0' });
    const live = async () => expectOk(await world.owner.machine(id!).mandates()).filter(({ is_live }) => is_live);
    expect(await live()).toMatchObject([{ terms: { powers: [], budget: { amount: 0n } } }]);
    await assistant.call('stop', { machine: id, reason: 'test' });
    const planned = await assistant.call('stop', { machine: id, reason: 'over', release: true });
    expect(planned.facts?.status).toBe('confirmation_needed');
    // Stopped anew after the plan was shown: that stop was not looked at, so the token does not release it.
    await assistant.act('stop', { machine: id, reason: 'over', release: true });
    await assistant.call('stop', { machine: id, reason: 'smoke' });
    const { confirm } = planned.facts!;
    const late = await assistant.call('stop', { machine: id, reason: 'over', release: true, confirm });
    expect(late.text).toMatch(/^ConfirmInvalid/);
    expect((await assistant.call('machine', { machine: id })).facts!.state).toMatch(/^stopped since .*smoke/);
    const released = await assistant.act('stop', { machine: id, reason: 'over', release: true });
    expect(released.facts).toMatchObject({ status: 'released' });
    const revoked = await assistant.call('set_mandate', { machine: id, delegate: friend.text, revoke: true });
    expect(revoked.facts?.status).toBe('revoked');
    expect(await live()).toEqual([]);
  });
});

/** The network goes on by itself; ten seconds are far more than any settlement takes. */
async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (let i = 0; i < 100; i++) {
    const seen = await look();
    if (seen !== null) return seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it never came to this');
}
