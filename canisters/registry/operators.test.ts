// What machines tell of their operators: `machines_of` is right after every hand-over, in whatever order it is told.
import { IDL } from '@dfinity/candid';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderBirths } from './births.ts';
import { changeOperator } from './operators.ts';
import {
  birthOf,
  createReadyRegistry,
  governor,
  operator,
  order,
  orderOf,
  self,
  stranger,
  type TestRegistry,
} from './test-registry.ts';

const anonymous = '04' as PrincipalHex;
const canisterOf = (number: number) => `${(0xa0 + number).toString(16).padStart(16, '0')}0101` as PrincipalHex;
const Created = IDL.Record({ canister_id: IDL.Principal });
const done = { reply: null };

/** The machine of birth `number`, created and installed; `handing` is still to be answered. */
function almostBorn(registry: TestRegistry, number: number): PrincipalHex {
  const canister = canisterOf(number);
  const isOf = ({ id }: { id: string }) => id.startsWith(`birth/${number}/`);
  registry.reply(registry.calls().find(isOf)!.id, Created, { canister_id: hexToPrincipal(canister) });
  registry.reply(registry.calls().find(isOf)!.id, null);
  return canister;
}

function born(registry: TestRegistry, number: number): PrincipalHex {
  const canister = almostBorn(registry, number);
  registry.reply(registry.calls().find(({ id }) => id.startsWith(`birth/${number}/`))!.id, null);
  return canister;
}

function machinesOf({ tables }: TestRegistry, who: PrincipalHex): readonly PrincipalHex[] {
  const range = { from: [who, 0], to: [who, Number.MAX_SAFE_INTEGER], limit: 200 } as const;
  return tables.machinesOfOperator.range(range).map(([, canister]) => canister);
}

function three(): { registry: TestRegistry; machines: readonly PrincipalHex[] } {
  const registry = createReadyRegistry();
  order(registry, 3);
  return { registry, machines: [0, 1, 2].map((number) => born(registry, number)) };
}

describe('a hand-over that a machine tells', () => {
  it('moves it from the list of the old operator to that of the new one', () => {
    const { registry, machines } = three();
    expect(machinesOf(registry, operator)).toEqual(machines);
    expect(registry.act(machines[1]!, changeOperator, { operator: stranger, handover: 1 })).toEqual(done);
    expect(machinesOf(registry, operator)).toEqual([machines[0], machines[2]]);
    expect(machinesOf(registry, stranger)).toEqual([machines[1]]);
    expect(registry.tables.machines.get(machines[1]!)).toMatchObject({ operator: stranger, handovers: 1 });
  });

  it('changes nothing when it is told again, or comes after a later one', () => {
    const { registry, machines } = three();
    const [machine] = machines;
    registry.act(machine!, changeOperator, { operator: stranger, handover: 1 });
    const before = registry.log.next();
    expect(registry.act(machine!, changeOperator, { operator: stranger, handover: 1 })).toEqual(done);
    registry.act(machine!, changeOperator, { operator: governor, handover: 3 });
    expect(registry.act(machine!, changeOperator, { operator, handover: 2 })).toEqual(done);
    expect(registry.log.next()).toBe(before + 1);
    expect(machinesOf(registry, governor)).toEqual([machine]);
  });

  it('is taken of no other caller, and of nobody who stands for no person', () => {
    const { registry, machines } = three();
    const change = { operator: stranger, handover: 1 };
    for (const caller of [operator, governor, stranger, anonymous, canisterOf(9)])
      expect(registry.act(caller, changeOperator, change)).toEqual({ refused: 'NotAMachine' });
    for (const nobody of [anonymous, self]) {
      const wrong = { operator: nobody, handover: 1 };
      expect(registry.act(machines[0]!, changeOperator, wrong)).toEqual({ refused: 'FieldInvalid' });
    }
  });

  it('while the machine is still being born is not forgotten', () => {
    const registry = createReadyRegistry();
    order(registry, 1);
    const machine = almostBorn(registry, 0);
    expect(registry.act(machine, changeOperator, { operator: stranger, handover: 1 })).toEqual(done);
    registry.reply(registry.calls()[0]!.id, null);
    expect(machinesOf(registry, operator)).toEqual([]);
    expect(machinesOf(registry, stranger)).toEqual([machine]);
    expect(registry.tables.machines.get(machine)).toMatchObject({ operator: stranger, handovers: 1 });
    expect(registry.tables.birthOfCanister.get(machine)).toBeNull();
  });

  it('makes its new operator that of the machines it orders', () => {
    const { registry, machines } = three();
    const [machine] = machines;
    registry.act(machine!, changeOperator, { operator: stranger, handover: 1 });
    registry.act(machine!, orderBirths, orderOf(1));
    expect(registry.tables.births.get(3)).toMatchObject({ by: machine, parent: machine, operator: stranger });
    const forOld = orderOf(1, { births: [birthOf({ operator })] });
    expect(registry.act(machine!, orderBirths, forOld)).toEqual({ refused: 'BirthForOther' });
  });

  it('in any order, and any number of times, leaves each machine in one list: that of its newest', () => {
    const tellings = fc.array(fc.record({ machine: fc.nat({ max: 2 }), handover: fc.integer({ min: 1, max: 5 }) }), {
      maxLength: 20,
    });
    const people = [operator, stranger, governor] as const;
    const operatorAt = (machine: number, handover: number) => people[(machine + handover) % 3]!;
    fc.assert(
      fc.property(tellings, (told) => {
        const { registry, machines } = three();
        const newest = [0, 0, 0];
        for (const { machine, handover } of told) {
          registry.act(machines[machine]!, changeOperator, { operator: operatorAt(machine, handover), handover });
          newest[machine] = Math.max(newest[machine]!, handover);
        }
        for (const who of people) {
          const expected = machines.filter((_, i) => {
            return (newest[i] === 0 ? operator : operatorAt(i, newest[i]!)) === who;
          });
          expect(machinesOf(registry, who)).toEqual(expected);
        }
      }),
      { numRuns: 60 },
    );
  });
});
