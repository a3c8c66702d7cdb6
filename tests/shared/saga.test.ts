// Calls through the outbox in Wasm, with a callee that replies, rejects, traps or keeps silent, and faults in between.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reply as answered, manage } from '../harness/canisters.ts';
import { addToCell, getCell, program, reject, reply, trap } from '../harness/program.ts';
import { createTestWorld, secondNs, type TestWorld } from '../harness/world.ts';
import { createProbe } from './probe.ts';
import { createSilent } from './silent.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());

const counted = program(addToCell(0, 1), reply('done'));
const pair = async () => [await createProbe(world), await world.create()] as const;
const callsSeen = async (callee: string) => Number((await world.look(callee, getCell(0)))[0]);

describe('a call of a rule', () => {
  it('is sent with the message that decided it, and its outcome reaches its rule once', async () => {
    const [probe, callee] = await pair();
    expect(await probe.send({ id: 'a', callee, argument: counted })).toEqual({ Ok: 'asked 0' });
    await world.pass(1n, 10);
    expect(await probe.settled('a')).toBe('replied 1');
    expect(await callsSeen(callee)).toBe(1);
    await world.pass(600n * secondNs, 10);
    expect(await callsSeen(callee)).toBe(1);
  });

  it('can be waited for: then the answer is rendered from the state after its outcome', async () => {
    const [probe, callee] = await pair();
    expect(await probe.sendOnce('c1', { id: 'a', callee, argument: counted })).toEqual({ Ok: 'replied 1' });
  });

  it('tells its rule a reject and a trap of the callee as they are', async () => {
    const [probe, callee] = await pair();
    expect(await probe.sendOnce('c1', { id: 'a', callee, argument: reject('no') })).toEqual({ Ok: 'rejected 4 1' });
    expect(await probe.sendOnce('c2', { id: 'b', callee, argument: trap('no') })).toEqual({ Ok: 'rejected 5 1' });
    const unknown = await probe.sendOnce('c3', { id: 'c', callee: 'rwlgt-iiaaa-aaaaa-aaaaa-cai' });
    expect(unknown).toEqual({ Ok: 'rejected 3 1' });
  });

  it('of a refused command is not made', async () => {
    const [probe, callee] = await pair();
    expect(await probe.send({ id: 'refuse', callee, argument: counted })).toMatchObject({ Err: { code: 'Unwilling' } });
    await world.pass(10n * secondNs, 10);
    expect(await callsSeen(callee)).toBe(0);
  });

  it('happens once for a command id, however often the command comes', async () => {
    const [probe, callee] = await pair();
    const sent = { id: 'a', callee, argument: counted };
    for (let i = 0; i < 3; i++) expect(await probe.sendOnce('c1', sent)).toEqual({ Ok: 'replied 1' });
    expect(await callsSeen(callee)).toBe(1);
    expect(await probe.sendOnce('c1', { ...sent, id: 'b' })).toMatchObject({ Err: { code: 'CommandIdReused' } });
    expect(await probe.sendOnce('', sent)).toMatchObject({ Err: { code: 'CommandIdInvalid' } });
  });
});

describe('a fault where the outcome is taken', () => {
  it.each(['throw', 'trap'])('by %s loses nothing: the outcome of a repeatable call is taken later', async (fault) => {
    const [probe, callee] = await pair();
    await probe.setFault(fault);
    await probe.send({ id: 'a', callee, argument: counted });
    for (let i = 0; i < 3; i++) await world.pass(15n * secondNs, 10);
    expect(await probe.settled('a')).toBe('asked 0');
    await probe.setFault('');
    for (let i = 0; i < 3; i++) await world.pass(300n * secondNs, 10);
    expect(await probe.settled('a')).toBe('replied 1');
    expect(await probe.open()).toEqual([]);
  });

  it('by throw keeps the reply of a call that may not be repeated', async () => {
    const [probe, callee] = await pair();
    await probe.setFault('throw');
    await probe.send({ id: 'a', callee, argument: counted, isRepeatable: false });
    await world.pass(15n * secondNs, 10);
    await probe.setFault('');
    for (let i = 0; i < 3; i++) await world.pass(60n * secondNs, 10);
    expect(await probe.settled('a')).toBe('replied 1');
    expect(await callsSeen(callee)).toBe(1);
  });

  it('by trap makes the outcome of a call that may not be repeated unknown, and it is not sent again', async () => {
    const [probe, callee] = await pair();
    await probe.setFault('trap');
    await probe.send({ id: 'a', callee, argument: counted, isRepeatable: false });
    await world.pass(15n * secondNs, 10);
    await probe.setFault('');
    for (let i = 0; i < 3; i++) await world.pass(300n * secondNs, 10);
    expect(await probe.settled('a')).toBe('unknown 1');
    expect(await callsSeen(callee)).toBe(1);
  });

  it('by trap rejects the update that waited for it, and the canister goes on', async () => {
    const [probe, callee] = await pair();
    await probe.setFault('trap');
    const waiting = await probe.sendOnceOpen('c1', { id: 'a', callee, argument: counted });
    expect(waiting).toMatchObject({ kind: 'rejected', code: 5 });
    await probe.setFault('');
    for (let i = 0; i < 3; i++) await world.pass(60n * secondNs, 10);
    expect(await probe.sendOnce('c1', { id: 'a', callee, argument: counted })).toEqual({ Ok: 'replied 1' });
  });
});

describe('a callee that keeps silent', () => {
  it('is asked again, three times at most at once, and one late answer settles the call', async () => {
    const probe = await createProbe(world);
    const silent = await createSilent(world);
    await probe.send({ id: 'a', callee: silent.canister });
    for (let i = 0; i < 10; i++) await world.pass(300n * secondNs, 10);
    expect(await silent.seen()).toBe(3);
    expect(await probe.open()).toEqual(['probe/a update']);
    expect(await probe.settled('a')).toBe('asked 0');
    await silent.release();
    expect(await probe.settled('a')).toBe('replied 1');
    expect(await probe.open()).toEqual([]);
    for (let i = 0; i < 3; i++) await world.pass(300n * secondNs, 10);
    expect(await probe.settled('a')).toBe('replied 1');
  });

  it('is not asked again when the call may not be repeated', async () => {
    const probe = await createProbe(world);
    const silent = await createSilent(world);
    await probe.send({ id: 'a', callee: silent.canister, isRepeatable: false });
    for (let i = 0; i < 5; i++) await world.pass(300n * secondNs, 10);
    expect(await silent.seen()).toBe(1);
    await silent.release();
    expect(await probe.settled('a')).toBe('replied 1');
  });
});

describe('an upgrade while a call is open', () => {
  const upgraded = async (isRepeatable: boolean) => {
    const probe = await createProbe(world);
    const silent = await createSilent(world);
    await probe.send({ id: 'a', callee: silent.canister, isRepeatable });
    await world.pass(1n, 5);
    await probe.upgrade();
    return { probe, silent };
  };

  it('sends a repeatable call again, and its outcome is taken once', async () => {
    const { probe, silent } = await upgraded(true);
    await world.pass(5n * secondNs, 10);
    expect(await silent.seen()).toBe(2);
    await silent.release();
    for (let i = 0; i < 3; i++) await world.pass(60n * secondNs, 10);
    expect(await probe.settled('a')).toBe('replied 1');
  });

  it('makes the outcome of another one unknown', async () => {
    const { probe, silent } = await upgraded(false);
    for (let i = 0; i < 3; i++) await world.pass(5n * secondNs, 10);
    expect(await probe.settled('a')).toBe('unknown 1');
    expect(await silent.seen()).toBe(1);
    await silent.release();
    expect(await probe.settled('a')).toBe('unknown 1');
  });
});

describe('a callee that is stopped', () => {
  it('rejects, which is an outcome, and once started it is asked only anew', async () => {
    const [probe, callee] = await pair();
    await answered(manage(world.replica, 'stop_canister', callee));
    expect(await probe.sendOnce('c1', { id: 'a', callee, argument: counted })).toEqual({ Ok: 'rejected 5 1' });
    await answered(manage(world.replica, 'start_canister', callee));
    await world.pass(600n * secondNs, 10);
    expect(await callsSeen(callee)).toBe(0);
  });

  it('while an earlier attempt is open is no outcome: the earlier one may have been done', async () => {
    const probe = await createProbe(world);
    const silent = await createSilent(world);
    await probe.send({ id: 'a', callee: silent.canister });
    await world.pass(1n, 5);
    const stopped = manage(world.replica, 'stop_canister', silent.canister);
    for (let i = 0; i < 3; i++) await world.pass(30n * secondNs, 10);
    expect(await probe.settled('a')).toBe('asked 0');
    await answered(manage(world.replica, 'start_canister', silent.canister));
    expect(await stopped).toMatchObject({ kind: 'rejected' });
    await silent.release();
    expect(await probe.settled('a')).toBe('replied 1');
  });
});
