// A machine of real Wasm that strangers crowd, and the real ledger: who can pay is served all the same.

import { sha256 } from '@tamc/protocol/hash';
import { useLimits } from '@tamc/protocol/use';
import { walletLimits } from '@tamc/protocol/wallet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, keyOf } from '../../canisters/machine/test-machine.ts';
import { secondNs } from '../harness/world.ts';
import { createMoneyWorld, dayNs, deviceKey, type MoneyWorld, operator } from './money-world.ts';

let world: MoneyWorld;
beforeAll(async () => {
  world = await createMoneyWorld();
  const { machine } = world;
  const code = { code_hash: sha256(codeOf('device')), label: 'device', expires_ns: world.now() + dayNs };
  await machine.done(operator, 'issue_enrolment', code);
  await machine.done(deviceKey, 'enrol', { code: codeOf('device') });
  const terms = { ledger: world.home, unit: { use: null }, price: 100n, quantity_max: 1n, orders_at_once: 16 };
  await machine.done(operator, 'set_tariff', { ...terms, deadline_ns: 3_600n * secondNs });
});
afterAll(() => world.close());

describe('a machine from which strangers without money order all the time', () => {
  const newcomer = keyOf('newcomer');

  it('books what comes in by itself, and serves a newcomer who allowed it to pull the money', async () => {
    const { machine } = world;
    const { unpaidOfStrangersMax, unpaidPerCallerMax } = useLimits;
    const callers = Array.from({ length: unpaidOfStrangersMax / unpaidPerCallerMax }, (_, i) => keyOf(`poor ${i}`));
    for (let i = 0; i < unpaidPerCallerMax; i++) {
      await Promise.all(callers.map((who) => machine.refused(who, 'order', world.order(1n))));
    }
    await world.mint(newcomer, 10_000n);
    expect(await machine.refused(newcomer, 'order', world.order(1n))).toBe('OrdersOfStrangersUnpaid');
    await world.approve(newcomer, 10_000n);
    await world.mint('main', 700n);
    for (let turn = 0; turn < 2; turn++) await world.pass(walletLimits.watchPauseNs + secondNs, 12);
    expect(await machine.refused(keyOf('who takes the turn'), 'order', world.order(1n))).toBe('PullRefused');
    expect(await machine.refused(keyOf('one more'), 'order', world.order(1n))).toBe('OrdersOfStrangersUnpaid');
    expect(await machine.done(newcomer, 'order', world.order(1n))).toMatchObject({ status: { running: null } });
    expect((await world.booked('main')).booked).toBe(700n);
  });
});
