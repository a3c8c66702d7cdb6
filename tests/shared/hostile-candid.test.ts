// What a stranger's Candid can cost a machine, a registry and a desk of real Wasm.

import { IDL } from '@dfinity/candid';
import { principalToText } from '@tamc/protocol/principal';
import type { Answer } from '@tamc/replica';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canisterArgument, decode, reply } from '../harness/canisters.ts';
import { createMoneyWorld, type MoneyWorld, stranger } from '../machine/money-world.ts';
import { createRegistryWorld, type RegistryWorld } from '../registry/world.ts';
import { hostile } from './hostile-candid.ts';

/** Arrival and execution are 6 million and 2,000 for each byte; a message of 60 KB pays 120 million for its bytes alone. */
const cyclesMax = 100_000_000n;
const cyclesPerByte = 2_000n;
const statusType = IDL.Record({ cycles: IDL.Nat });

interface Target {
  readonly replica: MoneyWorld['replica'];
  readonly canister: string;
  readonly update: string;
  readonly query: string;
}

let money: MoneyWorld;
let registry: RegistryWorld;

beforeAll(async () => {
  money = await createMoneyWorld();
  registry = await createRegistryWorld();
}, 600_000);
afterAll(async () => {
  await money?.close();
  await registry?.close();
});

const onMoney = (canister: () => string, update: string, query: string) => () => {
  return { replica: money.replica, canister: canister(), update, query };
};
const targets: readonly (readonly [string, () => Target])[] = [
  ['machine', onMoney(() => money.machine.canister, 'stop', 'statement')],
  ['machine, without arguments', onMoney(() => money.machine.canister, 'accept_control', 'identity')],
  ['machine, asked for a mandate', onMoney(() => money.machine.canister, 'ask', 'mandate')],
  ['ledger', onMoney(() => money.ledger.canister, 'icrc1_balance_of', 'icrc2_allowance')],
  ['desk', onMoney(() => money.desk, 'top_up', 'price')],
  [
    'registry',
    () => ({ replica: registry.replica, canister: registry.registry, update: 'accept_governance', query: 'codes' }),
  ],
  [
    'registry, told a standing mandate',
    () => {
      const methods = { update: 'set_standing_mandate', query: 'standing_mandates' };
      return { replica: registry.replica, canister: registry.registry, ...methods };
    },
  ],
];

async function cyclesOf({ replica, canister }: Target): Promise<bigint> {
  const arg = canisterArgument(canister);
  const data = await reply(replica.call({ canister: 'aaaaa-aa', method: 'canister_status', arg }));
  return (decode([statusType], data)[0] as { cycles: bigint }).cycles;
}

/** A record within itself ends the stack, which is a trap without words. */
const refusals =
  /Failed to decode Candid|the Candid is refused|heap out of bounds|ArgumentTooLong|Canister rejected the message/;

function whyRejected(answer: Answer): string {
  if (answer.kind !== 'rejected') return 'answered';
  return refusals.test(answer.message) ? 'before the method ran' : answer.message;
}

describe.each(targets)('%s', (_name, target) => {
  it.each(hostile)('refuses %s at a small price', async (_name, arg) => {
    const { replica, canister, update, query } = target();
    const sender = principalToText(stranger);
    const before = await cyclesOf(target());
    const answer = await replica.call({ canister, method: update, arg, sender });
    const cycles = before - (await cyclesOf(target()));
    const asked = await replica.query({ canister, method: query, arg, sender });
    expect([answer, asked].map(whyRejected)).toEqual(['before the method ran', 'before the method ran']);
    expect(cycles).toBeLessThan(cyclesMax + cyclesPerByte * BigInt(arg.length));
  });
});
