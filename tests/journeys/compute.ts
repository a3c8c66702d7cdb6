// Fourth chapter: a machine earns, fills its reserve before anything else, and buys the cycles that it computes with.
import { bindSimulatedDesk, wordOf } from '@tamc/client';
import { accountOf } from '@tamc/protocol/account';
import { purseToAccount } from '@tamc/protocol/purse';
import { expect, it } from 'vitest';
import { dollar, fee, type Journey, pricePerMinute } from './journey.ts';
import { expectOk } from './network.ts';
import { placeOrder, settled } from './paid-use.ts';

export function tellCompute(the: () => Journey): void {
  it('fills the reserve from what it earned, and buys cycles once it is low', async () => {
    const { network, people, washers, books, deployed } = the();
    const [{ ben }, washer] = [people, washers[1]!];
    const { cycles: before, source } = expectOk(await washer.machine.compute());
    expect(wordOf(source)).toBe('simulated_desk');
    const terms = { target: 2n * dollar, low_cycles: before, floor_cycles: 0n, top_up_amount: dollar };
    expect(await ben.machine(washer.id).set_compute(terms)).toMatchObject({ error: { code: 'NotOperator' } });
    expect(expectOk(await washer.machine.set_compute(terms)).terms).toEqual(terms);
    expect(await ben.machine(washer.id).top_up()).toMatchObject({ error: { kind: 'funds', code: 'ReserveShort' } });
    await books.check();

    const { order, device_command } = await placeOrder(the(), ben, washer, 60n);
    await washer.device.wash(device_command[0]!, 60n);
    await settled(the(), ben, washer, order);
    const purchases = async () => expectOk(await washer.machine.top_ups(0, 10));
    await network.until('cycles are delivered', async () =>
      (await purchases()).some(({ status }) => 'delivered' in status),
    );
    const { cycles_per_unit, is_simulated } = expectOk(await bindSimulatedDesk(ben.connection, deployed.desk).price());
    expect(is_simulated).toBe(true);
    const [purchase] = await purchases();
    expect(purchase).toMatchObject({ amount: dollar, status: { delivered: { cycles: dollar * cycles_per_unit } } });
    // The same block buys nothing again.
    const again = await bindSimulatedDesk(ben.connection, deployed.desk).top_up({ block: purchase!.block[0]! });
    expect(again.ok ? again.value.cycles : again.error.code).toBe(dollar * cycles_per_unit);
    await network.until('one purchase is enough', async () => !expectOk(await washer.machine.compute()).is_low, 5);
    expect(await purchases()).toHaveLength(1);
    expect(await books.balanceOf(accountOf(deployed.desk))).toBe(dollar);
    expect(expectOk(await washer.machine.compute()).cycles).toBeGreaterThan(before);
    expect(await books.balanceOf(purseToAccount(washer.id, 'compute'))).toBe(dollar - 2n * fee);
    // Nothing was left to send back, so the fee for it stayed here.
    expect(await books.balanceOf(washer.account)).toBe(60n * pricePerMinute + fee - 2n * dollar);
  });

  it('freezes when it is dry, and obeys nothing but a stop', async () => {
    const { people, washers } = the();
    const [{ ben }, washer] = [people, washers[1]!];
    const { terms, cycles } = expectOk(await washer.machine.compute());
    const dry = { ...terms, low_cycles: 2n * cycles, floor_cycles: 2n * cycles, top_up_amount: 0n };
    expectOk(await washer.machine.set_compute(dry));
    const machine = ben.machine(washer.id);
    const tariff = expectOk(await machine.tariff())[0]!.tariff;
    const order = { command_id: 'while frozen', tariff, quantity: 1n, subaccount: [] as [] };
    expect(await machine.order(order)).toMatchObject({ error: { kind: 'funds', code: 'MachineFrozen' } });
    expect(expectOk(await machine.machine()).frozen).toBe(true);
    expectOk(await washer.device.machine.stop({ reason: 'dry' }));
    expectOk(await washer.machine.release_stop());
    expectOk(await washer.machine.set_compute({ ...terms, low_cycles: 0n }));
    expectOk(await washer.machine.withdraw_tariff());
    expect(expectOk(await machine.machine()).frozen).toBe(false);
  });
}
