import { IDL } from '@dfinity/candid';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { registryLimits } from '@tamc/protocol/registry';
import { markSent } from '@tamc/shared/saga/outbox';
import { describe, expect, it, vi } from 'vitest';
import { resumeBirths, settleBirth } from './birth-steps.ts';
import { orderBirths } from './births.ts';
import { retireCode } from './code.ts';
import { allowOperator } from './governance.ts';
import {
  approve,
  birthOf,
  codeOf,
  createReadyRegistry,
  createTestRegistry,
  firstHash,
  governor,
  openSettings,
  operator,
  order,
  orderOf,
  rejected,
  secondHash,
  self,
  startNs,
  stranger,
  type TestRegistry,
  unknown,
} from './test-registry.ts';

const anonymous = '04' as PrincipalHex;
const machine = '00000000000000aa0101' as PrincipalHex;
const Created = IDL.Record({ canister_id: IDL.Principal });
const created = { canister_id: hexToPrincipal(machine) };
const Status = IDL.Record({
  status: IDL.Variant({ running: IDL.Null, stopped: IDL.Null }),
  module_hash: IDL.Opt(IDL.Vec(IDL.Nat8)),
});
const running = (hash: number | null) => ({
  status: { running: null },
  module_hash: hash === null ? [] : [new Uint8Array(32).fill(hash)],
});

const thingWith = (title: string) => birthOf().thing.replace('Washer', title);

const step = ({ tables }: TestRegistry, birth = 0) => tables.births.get(birth)!.step;
const problem = ({ tables }: TestRegistry, birth = 0) => tables.births.get(birth)!.problem;
const onlyCall = ({ calls }: TestRegistry) => {
  const all = calls();
  expect(all.length).toBe(1);
  return all[0]!;
};

function createdOne(): TestRegistry {
  const registry = createReadyRegistry();
  order(registry, 1);
  registry.reply(onlyCall(registry).id, Created, created);
  return registry;
}

describe('an order of births', () => {
  it('creates canisters with cycles, under the control of the registry', () => {
    const registry = createReadyRegistry();
    order(registry, 3);
    const calls = registry.calls();
    expect(calls.map(({ method, cycles, isRepeatable }) => ({ method, cycles, isRepeatable }))).toEqual(
      Array.from({ length: 3 }, () => ({ method: 'create_canister', cycles: 10n ** 12n, isRepeatable: false })),
    );
  });

  it('keeps a text once however many machines share it', () => {
    const registry = createReadyRegistry();
    order(registry, 50);
    const { thingHash, charterHash } = registry.tables.births.get(49)!;
    expect(registry.tables.texts.get(charterHash)).toBe('Wash well.');
    expect(registry.tables.births.get(0)).toMatchObject({ thingHash, charterHash });
    const before = registry.log.next();
    order(registry, 1);
    expect(registry.log.next()).toBe(before + 1);
  });

  it('is refused to who may not, without a home ledger, without code, and above limits', () => {
    const { act } = createReadyRegistry();
    expect(act(anonymous, orderBirths, orderOf(1))).toEqual({ refused: 'AnonymousCaller' });
    expect(act(operator, orderBirths, orderOf(0))).toEqual({ refused: 'FieldInvalid' });
    expect(act(operator, orderBirths, orderOf(51))).toEqual({ refused: 'FieldInvalid' });
    expect(act(operator, orderBirths, orderOf(2, { cyclesAvailable: 2n * 10n ** 12n - 1n }))).toEqual({
      refused: 'CyclesMissing',
    });
    expect(act(operator, orderBirths, orderOf(1, { moduleHash: secondHash }))).toEqual({ refused: 'CodeUnknown' });
    expect(createTestRegistry().act(operator, orderBirths, orderOf(1))).toEqual({ refused: 'NoHomeLedger' });
    act(governor, retireCode, { moduleHash: firstHash });
    expect(act(operator, orderBirths, orderOf(1))).toEqual({ refused: 'NoCode' });
  });

  it('counts the cycles of births whose canisters are not paid for yet, so that two orders never share them', () => {
    const registry = createReadyRegistry();
    const { act, tables } = registry;
    const cyclesAvailable = 3n * 10n ** 12n;
    expect(act(operator, orderBirths, orderOf(2, { cyclesAvailable }))).toEqual({ reply: '0-2' });
    expect(act(stranger, orderBirths, orderOf(2, { cyclesAvailable }))).toEqual({ refused: 'CyclesMissing' });
    expect(act(stranger, orderBirths, orderOf(1, { cyclesAvailable }))).toEqual({ reply: '2-1' });
    expect(act(stranger, orderBirths, orderOf(1, { cyclesAvailable }))).toEqual({ refused: 'CyclesMissing' });
    // Once a call is sent its cycles have left the balance.
    for (const { id } of registry.calls()) markSent(tables, id, startNs);
    expect(act(stranger, orderBirths, orderOf(3, { cyclesAvailable }))).toEqual({ reply: '3-3' });
  });

  it('counts what was ordered before', () => {
    const { act } = createReadyRegistry({ ...openSettings, birthsPerCaller: 3 });
    expect(act(operator, orderBirths, orderOf(2))).toEqual({ reply: '0-2' });
    expect(act(operator, orderBirths, orderOf(2))).toEqual({ refused: 'BirthsNotAllowed' });
    expect(act(stranger, orderBirths, orderOf(2))).toEqual({ reply: '2-2' });
    act(governor, allowOperator, { operator, births: 4 });
    expect(act(operator, orderBirths, orderOf(2))).toEqual({ reply: '4-2' });
    act(governor, allowOperator, { operator: stranger, births: 0 });
    expect(act(stranger, orderBirths, orderOf(1))).toEqual({ refused: 'BirthsNotAllowed' });
  });

  it('is refused as a whole when one of its machines could not be born', () => {
    const { act } = createReadyRegistry();
    for (const wrong of [
      { operator: anonymous },
      { operator: self },
      { machineKind: 'Washer' },
      { make: '' },
      { model: 'x'.repeat(65) },
      { make: 'Acme\n' },
      { make: 'Acme \u202eemcA' },
      { model: 'W\ud83e' },
      { model: 'W\u0000' },
      { charter: 'Washes.\u001b[2J' },
      { charter: 'Washes.\u2067' },
      { thing: thingWith('W\\u202e1') },
      { place: 'nowhere!' },
      { charter: 'x'.repeat(16_385) },
      { thing: '{}' },
    ])
      expect(act(operator, orderBirths, orderOf(0, { births: [birthOf(), birthOf(wrong)] }))).toEqual({
        refused: 'FieldInvalid',
      });
  });

  it('may have long texts when its machines share them, and is refused when too many differ', () => {
    const { act } = createReadyRegistry();
    const long = (i: number) => birthOf({ charter: `${i} `.padEnd(16_384, 'wash ') });
    const births = (textOf: (i: number) => number) => Array.from({ length: 20 }, (_, i) => long(textOf(i)));
    expect(act(operator, orderBirths, orderOf(0, { births: births((i) => i) }))).toEqual({ refused: 'FieldInvalid' });
    expect(act(operator, orderBirths, orderOf(0, { births: births((i) => i % 9) }))).toEqual({ reply: '0-20' });
  });

  it('by a machine makes it a parent', () => {
    const registry = createdOne();
    registry.reply(onlyCall(registry).id, null);
    registry.reply(onlyCall(registry).id, null);
    expect(registry.act(machine, orderBirths, orderOf(1))).toEqual({ reply: '1-1' });
    expect(registry.tables.births.get(1)).toMatchObject({ parent: machine, generation: 1, operator });
  });
});

describe('a birth', () => {
  it('goes through its steps and ends registered, in the hands of nobody', () => {
    const registry = createdOne();
    expect(onlyCall(registry)).toMatchObject({ method: 'install_chunked_code', isRepeatable: false });
    registry.reply(onlyCall(registry).id, null);
    expect(onlyCall(registry)).toMatchObject({ method: 'update_settings' });
    registry.reply(onlyCall(registry).id, null);
    expect(registry.calls()).toEqual([]);
    expect(step(registry)).toBe('born');
    expect(registry.tables.machines.get(machine)).toMatchObject({ operator, birth: 0, moduleHash: firstHash });
    expect(registry.tables.machineOrder.get(0)).toBe(machine);
    expect(registry.tables.machinesOfOperator.get([operator, 0])).toBe(machine);
  });

  it.each(['create_canister', 'install_chunked_code', 'update_settings'])(
    'stands still when %s is rejected, and goes on when resumed',
    (method) => {
      const registry = createReadyRegistry();
      order(registry, 1);
      const answers: Record<string, () => void> = {
        create_canister: () => registry.reply(onlyCall(registry).id, Created, created),
        install_chunked_code: () => registry.reply(onlyCall(registry).id, null),
        canister_status: () => registry.reply(onlyCall(registry).id, Status, running(null)),
        update_settings: () => registry.reply(onlyCall(registry).id, null),
      };
      while (onlyCall(registry).method !== method) answers[onlyCall(registry).method]!();
      registry.answer(onlyCall(registry).id, rejected('not today'));
      expect(registry.calls()).toEqual([]);
      expect(problem(registry)).toBe(`${method} was rejected: not today`);
      expect(registry.act(stranger, resumeBirths, { births: [0], cyclesAvailable: 10n ** 15n })).toEqual({
        refused: 'NotYourBirth',
      });
      expect(registry.act(operator, resumeBirths, { births: [0, 0], cyclesAvailable: 10n ** 15n })).toEqual({
        reply: null,
      });
      while (registry.calls().length > 0) answers[onlyCall(registry).method]!();
      expect(step(registry)).toBe('born');
    },
  );

  it('asks three times in each of its steps, so that what does not pass soon is told soon', () => {
    const registry = createReadyRegistry();
    order(registry, 1);
    const asked: [string, number][] = [];
    const next = (type: IDL.Type | null, value: unknown = null) => {
      const { id, method, attemptsMax } = onlyCall(registry);
      asked.push([method, attemptsMax]);
      registry.reply(id, type, value);
    };
    next(Created, created);
    registry.answer(onlyCall(registry).id, rejected('out of cycles', 2));
    expect(problem(registry)).toBe('install_chunked_code was rejected: out of cycles');
    registry.act(operator, resumeBirths, { births: [0], cyclesAvailable: 10n ** 15n });
    next(Status, running(null));
    next(null);
    next(null);
    expect(step(registry)).toBe('born');
    const methods = ['create_canister', 'canister_status', 'install_chunked_code', 'update_settings'];
    expect(asked).toEqual(methods.map((method) => [method, 3]));
  });

  it('whose code retires before it is installed stands still, and gets the newest one when it is resumed', () => {
    const registry = createReadyRegistry();
    order(registry, 1);
    registry.act(governor, retireCode, { moduleHash: firstHash });
    registry.reply(onlyCall(registry).id, Created, created);
    expect(registry.calls()).toEqual([]);
    expect(problem(registry)).toMatch(/its code 11.* has retired/);
    const resume = () => registry.act(operator, resumeBirths, { births: [0], cyclesAvailable: 10n ** 15n });
    expect(resume()).toEqual({ reply: null });
    registry.reply(onlyCall(registry).id, Status, running(null));
    expect([registry.calls(), problem(registry)]).toEqual([[], expect.stringContaining('has retired')]);
    approve(registry, codeOf(secondHash));
    expect(resume()).toEqual({ reply: null });
    registry.reply(onlyCall(registry).id, Status, running(null));
    expect(onlyCall(registry).method).toBe('install_chunked_code');
    registry.answer(onlyCall(registry).id, unknown);
    registry.reply(onlyCall(registry).id, Status, running(0x22));
    registry.reply(onlyCall(registry).id, null);
    expect(registry.tables.machines.get(machine)).toMatchObject({ moduleHash: secondHash });
  });

  it('whose code was installed before it retired goes on', () => {
    const registry = createdOne();
    registry.act(governor, retireCode, { moduleHash: firstHash });
    registry.reply(onlyCall(registry).id, null);
    registry.reply(onlyCall(registry).id, null);
    expect(registry.tables.machines.get(machine)).toMatchObject({ moduleHash: firstHash });
  });

  it('looks before it installs again when the answer of an install is lost', () => {
    const registry = createdOne();
    registry.answer(onlyCall(registry).id, unknown);
    expect(onlyCall(registry).method).toBe('canister_status');
    registry.reply(onlyCall(registry).id, Status, running(0x11));
    expect(onlyCall(registry).method).toBe('update_settings');
  });

  it('does not take a canister with a module that it did not install', () => {
    const registry = createdOne();
    registry.answer(onlyCall(registry).id, unknown);
    registry.reply(onlyCall(registry).id, Status, running(0x99));
    expect(problem(registry)).toMatch(/was not installed by this birth/);
  });

  it('whose canister may or may not exist is settled by the governor only', () => {
    const registry = createReadyRegistry();
    order(registry, 2);
    for (const { id } of registry.calls()) registry.answer(id, unknown);
    expect(registry.act(operator, resumeBirths, { births: [0], cyclesAvailable: 10n ** 15n })).toEqual({
      refused: 'BirthOutcomeUnknown',
    });
    expect(registry.act(operator, settleBirth, { birth: 0, canister: null })).toEqual({ refused: 'NotGovernor' });
    expect(registry.act(governor, settleBirth, { birth: 9, canister: null })).toEqual({ refused: 'BirthUnknown' });
    expect(registry.act(governor, settleBirth, { birth: 0, canister: machine })).toEqual({ reply: null });
    expect(registry.act(governor, settleBirth, { birth: 0, canister: machine })).toEqual({ refused: 'BirthGoesOn' });
    registry.reply(onlyCall(registry).id, Status, running(null));
    registry.reply(onlyCall(registry).id, null);
    registry.reply(onlyCall(registry).id, null);
    expect(step(registry)).toBe('born');
    expect(registry.act(governor, settleBirth, { birth: 1, canister: machine })).toEqual({ refused: 'MachineKnown' });
    expect(registry.act(governor, settleBirth, { birth: 1, canister: null })).toEqual({ reply: null });
    expect(onlyCall(registry).method).toBe('create_canister');
  });

  it('that was settled with a wrong canister can be settled again', () => {
    const registry = createReadyRegistry();
    order(registry, 1);
    registry.answer(onlyCall(registry).id, unknown);
    registry.act(governor, settleBirth, { birth: 0, canister: stranger });
    registry.answer(onlyCall(registry).id, rejected('not your canister', 5));
    expect(problem(registry)).toBe('canister_status was rejected: not your canister');
    expect(registry.act(governor, settleBirth, { birth: 0, canister: machine })).toEqual({ reply: null });
    expect(registry.tables.births.get(0)?.canister).toBe(machine);
  });

  it('is resumed only when it stands still, and not without limit', () => {
    const registry = createdOne();
    expect(registry.act(operator, resumeBirths, { births: [0], cyclesAvailable: 10n ** 15n })).toEqual({
      refused: 'BirthGoesOn',
    });
    expect(registry.act(operator, resumeBirths, { births: [7], cyclesAvailable: 10n ** 15n })).toEqual({
      refused: 'BirthUnknown',
    });
    const many = Array.from({ length: 51 }, (_, i) => i);
    expect(registry.act(operator, resumeBirths, { births: many, cyclesAvailable: 10n ** 15n })).toEqual({
      refused: 'FieldInvalid',
    });
  });

  it('takes an answer that it does not understand for an unknown one', () => {
    const registry = createReadyRegistry();
    order(registry, 1);
    registry.reply(onlyCall(registry).id, IDL.Text, 'hello');
    expect(registry.tables.births.get(0)).toMatchObject({ isUnknown: true, step: 'creating' });
  });

  it('is refused where it would make more machines than one registry looks after', () => {
    const registry = createReadyRegistry();
    const { machinesMax } = registryLimits;
    const { births } = registry.tables;
    vi.spyOn(births, 'end').mockReturnValue(machinesMax - 1);
    expect(registry.act(operator, orderBirths, orderOf(2))).toMatchObject({ refused: 'TooManyMachines' });
    vi.restoreAllMocks();
    order(registry, 2);
  });

  it('installs the module that was the newest when it was ordered', () => {
    const registry = createReadyRegistry();
    order(registry, 1);
    approve(registry, codeOf(secondHash));
    expect(registry.tables.births.get(0)?.moduleHash).toBe(firstHash);
  });
});
