// Births on the replica, with real Wasm.
import { Principal } from '@dfinity/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program, reply } from '../harness/program.ts';
import {
  type Built,
  birthOf,
  buildStandIn,
  callerOf,
  createRegistryWorld,
  governor,
  operator,
  type RegistryWorld,
} from './world.ts';

interface BirthView {
  readonly birth: number;
  readonly step: Record<string, null>;
  readonly canister: [Principal] | [];
  readonly problem: [string] | [];
}

let world: RegistryWorld;
let first: Built;
beforeAll(async () => {
  world = await createRegistryWorld();
  first = await buildStandIn('index');
  expect(await world.addHomeLedger()).toEqual({ Ok: null });
  expect(await world.approve(first, '1')).toMatchObject({ Ok: { standing: { approved: null } } });
}, 120_000);
afterAll(() => world.close());

const bear = (command_id: string, count: number, kind?: string) =>
  world.update(operator, 'bear', {
    command_id,
    module_hash: [],
    births: Array.from({ length: count }, () => birthOf(kind)),
  });
const birthsFrom = async (from: number, count: number) =>
  ((await world.query('births', from, count)) as { items: BirthView[] }).items;
const isSettled = ({ step, problem }: BirthView) => 'born' in step || problem.length > 0;
const settled = (from: number, count: number) =>
  world.until('births settled', async () => (await birthsFrom(from, count)).every(isSettled), 400);

describe('births', () => {
  it('of three machines end with three registered canisters that control themselves', async () => {
    const answer = (await bear('three', 3)) as { Ok: { first: number; count: number } };
    expect(answer.Ok.count).toBe(3);
    await settled(answer.Ok.first, 3);
    const births = await birthsFrom(answer.Ok.first, 3);
    expect(births.map(({ step, problem }) => ({ step, problem }))).toEqual(
      Array.from({ length: 3 }, () => ({ step: { born: null }, problem: [] })),
    );
    const machines = births.map(({ canister }) => canister[0]!.toText());
    expect(new Set(machines).size).toBe(3);
    const machine = callerOf(world.world, machines[0]!, first.candid);
    expect(await machine.query('kept', 'operator')).toEqual([operator]);
    expect(await world.query('machine', Principal.fromText(machines[1]!))).toMatchObject([
      { kind: 'washer', generation: 0 },
    ]);
  });

  it('are the same ones when the command is repeated', async () => {
    const order = await bear('repeated', 1);
    expect(await bear('repeated', 1)).toEqual(order);
    expect(await bear('repeated', 2)).toMatchObject({ Err: { code: 'CommandIdReused' } });
  });

  it.each([
    ['make', 'Acme\u202e'],
    ['make', 'Acme\u0000'],
    ['model', 'W\n1'],
    ['charter', 'Washes.\u001b[2J'],
    ['charter', 'Washes.\u2066'],
    ['thing', birthOf().thing.replace('Washer', '\\ud800')],
  ])('are refused by name when %s is %j', async (field, text) => {
    const births = [birthOf(), { ...birthOf(), [field]: text }];
    expect(await world.update(operator, 'bear', { command_id: 'unprintable', module_hash: [], births })).toMatchObject({
      Err: { code: 'FieldInvalid', message: expect.stringContaining(`births[1].${field}`) },
    });
  });

  it('may have a charter with lines, in any script', async () => {
    const births = [{ ...birthOf(), make: 'Söhne & 三菱', charter: 'Washes.\r\n\t洗濯します。 می‌شوید 👩‍🔧' }];
    const order = { command_id: 'any script', module_hash: [], births };
    expect(await world.update(operator, 'bear', order)).toMatchObject({ Ok: { count: 1 } });
  });

  it('that a machine refuses stand still with the reason, and the rest of the batch goes on', async () => {
    const order = (await world.update(operator, 'bear', {
      command_id: 'stillborn',
      module_hash: [],
      births: [birthOf('stillborn'), birthOf()],
    })) as { Ok: { first: number } };
    await settled(order.Ok.first, 2);
    const [bad, good] = await birthsFrom(order.Ok.first, 2);
    expect(bad).toMatchObject({ step: { installing: null } });
    expect(bad!.problem[0]).toMatch(/no machine of this kind can be born/);
    expect(good).toMatchObject({ step: { born: null } });
    expect(await world.update(operator, 'resume_births', [bad!.birth])).toEqual({ Ok: null });
    await settled(bad!.birth, 1);
    const [again] = await birthsFrom(bad!.birth, 1);
    expect(again!.canister).toEqual(bad!.canister);
  });

  it('of fifty machines in one act, between which others are answered', async () => {
    const other = await world.create();
    const order = (await bear('fifty', 50)) as { Ok: { first: number } };
    const isUnderWay = async () => !(await birthsFrom(order.Ok.first, 50)).every(isSettled);
    let answers = 0;
    for (; await isUnderWay(); answers++) await world.run(other, program(reply()));
    // Installed in one go they would let one through, when they are over.
    expect(answers).toBeGreaterThan(3);
    const births = await birthsFrom(order.Ok.first, 50);
    expect(births.filter(({ step }) => 'born' in step).length).toBe(50);
    expect(new Set(births.map(({ canister }) => canister[0]!.toText())).size).toBe(50);
  }, 300_000);

  it('are only for who may order them', async () => {
    expect(await world.update(governor, 'allow_operator', Principal.fromText(operator), 0)).toEqual({ Ok: null });
    expect(await bear('no more', 1)).toMatchObject({ Err: { code: 'BirthsNotAllowed' } });
  });
});
