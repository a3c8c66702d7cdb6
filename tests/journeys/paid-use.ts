// Second chapter: guests pay, use, and get back what they did not use.
import { createCommandId, type OrderReply, wordOf } from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { purseToAccount } from '@tamc/protocol/purse';
import { expect, it } from 'vitest';
import { evidenceOf } from './device.ts';
import { dollar, fee, type Journey, pricePerMinute, type Washer } from './journey.ts';
import { expectOk, hourNs, minuteNs } from './network.ts';
import type { Person } from './people.ts';

export const holdOf = (minutes: bigint) => minutes * pricePerMinute + 2n * fee;
const orderOf = (minutes: bigint) => {
  return { command_id: createCommandId(), tariff: 0, quantity: minutes, subaccount: [] as [] };
};

/** Approves just what the machine will pull. */
export async function approve({ network }: Journey, guest: Person, washer: Washer, minutes: bigint): Promise<void> {
  const amount = holdOf(minutes) + fee;
  const approval = { spender: washer.account, amount, createdNs: network.stampNs() };
  expectOk(await guest.ledger.approve(approval));
}

/** The money is held and the device has been told. */
export async function placeOrder(
  journey: Journey,
  guest: Person,
  washer: Washer,
  minutes: bigint,
): Promise<OrderReply> {
  await approve(journey, guest, washer, minutes);
  const machine = guest.machine(washer.id);
  const tariff = expectOk(await machine.tariff())[0]!.tariff;
  const placed = expectOk(await machine.order({ ...orderOf(minutes), tariff }));
  await journey.network.until(
    'the money is held',
    async () => 'running' in (await receiptOf(guest, washer.id, placed.order)).status,
  );
  return await receiptOf(guest, washer.id, placed.order);
}

export async function receiptOf(guest: Person, id: PrincipalHex, order: number): Promise<OrderReply> {
  return expectOk(await guest.machine(id).receipt(order))[0]!;
}

export async function settled({ network }: Journey, guest: Person, washer: Washer, order: number): Promise<OrderReply> {
  const status = async () => wordOf((await receiptOf(guest, washer.id, order)).status);
  await network.until('the order is settled', async () => ['used', 'refunded'].includes(await status()));
  return await receiptOf(guest, washer.id, order);
}

export function tellPaidUse(the: () => Journey): void {
  it('takes no order that is not paid for', async () => {
    const { people, washers, books } = the();
    for (const guest of [people.ann, people.ben, people.cem]) await books.fund(guest.account, 20n * dollar);
    const machine = people.ann.machine(washers[0]!.id);
    const tariff = expectOk(await machine.tariff())[0]!.tariff;
    const order = { ...orderOf(60n), tariff };
    expect(await machine.order(order)).toMatchObject({ error: { kind: 'funds', code: 'PullRefused' } });
    expect(await machine.order({ ...order, quantity: 121n, command_id: 'long' })).toMatchObject({
      error: { code: 'QuantityInvalid' },
    });
    expect(await machine.order({ ...order, tariff: tariff + 1, command_id: 'old' })).toMatchObject({
      error: { code: 'TariffChanged' },
    });
    expect(await washers[0]!.device.open('start')).toEqual([]);
  });

  it('holds the money, starts the device, and captures what was used', async () => {
    const { network, people, washers, books } = the();
    const [{ ann }, washer] = [people, washers[0]!];
    const before = await books.balanceOf(ann.account);
    const { order, hold, device_command } = await placeOrder(the(), ann, washer, 60n);
    expect(hold).toBe(holdOf(60n));
    expect(await books.balanceOf(purseToAccount(washer.id, 'escrow'))).toBe(hold);
    await books.check();
    await network.killAndRestart();
    await books.check();
    expect(await washer.device.open('start')).toEqual(device_command);
    await washer.device.wash(device_command[0]!, 45n);
    const receipt = await settled(the(), ann, washer, order);
    expect(receipt).toMatchObject({ used: [45n], captured: 45n * pricePerMinute, refunded: 15n * pricePerMinute });
    expect(receipt.evidence).toEqual([evidenceOf(`program of command ${device_command[0]}`)]);
    // Four fees: of the approval, of the pull, of the capture, of the refund.
    expect(before - (await books.balanceOf(ann.account))).toBe(45n * pricePerMinute + 4n * fee);
    expect(await books.balanceOf(washer.account)).toBe(45n * pricePerMinute);
  });

  it('does an order once, however often it is sent', async () => {
    const { people, washers } = the();
    const [{ ann }, washer] = [people, washers[0]!];
    const first = expectOk(await ann.machine(washer.id).orders(0, 10)).find(({ status }) => 'used' in status)!;
    const { command_id, tariff, quantity } = first;
    const again = { command_id, tariff, quantity, subaccount: [] as [] };
    expect(expectOk(await ann.machine(washer.id).order(again))).toEqual(first);
    const other = await ann.machine(washer.id).order({ ...again, quantity: quantity + 1n });
    expect(other).toMatchObject({ error: { code: 'CommandIdReused' } });
  });

  it('does an order once, also when the network is killed before it can answer', async () => {
    const { network, people, washers, books } = the();
    const [{ ann }, washer] = [people, washers[0]!];
    const before = await books.balanceOf(ann.account);
    const machine = ann.machine(washer.id);
    const wanted = { ...orderOf(10n), tariff: expectOk(await machine.tariff())[0]!.tariff };
    await approve(the(), ann, washer, 10n);
    const cut = machine.order(wanted);
    await network.killAndRestart();
    await cut;
    const { order } = expectOk(await machine.order(wanted));
    await books.check();
    const [command] = await washer.device.open('start');
    await washer.device.wash(command!, 10n);
    await settled(the(), ann, washer, order);
    const all = expectOk(await machine.orders(0, 10));
    expect(all.filter(({ command_id }) => command_id === wanted.command_id)).toHaveLength(1);
    // Of the approval and of the pull; those of capture and refund are in the hold, all of which is the machine's now.
    expect(before - (await books.balanceOf(ann.account))).toBe(holdOf(10n) + 2n * fee);
  });

  it('refunds when the device fails', async () => {
    const { people, washers, books } = the();
    const [{ ben }, washer] = [people, washers[1]!];
    const before = await books.balanceOf(ben.account);
    const { order, hold, device_command } = await placeOrder(the(), ben, washer, 60n);
    await books.check();
    const [command] = device_command;
    const failed = {
      command: command!,
      reason: 'the door does not lock',
      evidence: [evidenceOf('door')] as [Uint8Array],
    };
    await washer.device.report({ accepted: { command: command! } }, { failed });
    const receipt = await settled(the(), ben, washer, order);
    expect(receipt).toMatchObject({ captured: 0n, refunded: hold - fee });
    expect(receipt.refund_reason[0]).toContain('the door does not lock');
    expect(before - (await books.balanceOf(ben.account))).toBe(3n * fee);
  });

  it('refunds by the deadline when the device is silent, over a restart', async () => {
    const { network, people, washers } = the();
    const [{ cem }, washer] = [people, washers[2]!];
    const { order, hold, device_command } = await placeOrder(the(), cem, washer, 60n);
    await network.pass(2n * hourNs);
    expect((await receiptOf(cem, washer.id, order)).status).toEqual({ running: null });
    await network.killAndRestart();
    await network.pass(hourNs + minuteNs);
    const receipt = await settled(the(), cem, washer, order);
    expect(receipt).toMatchObject({ status: { refunded: null }, captured: 0n, refunded: hold - fee });
    expect(receipt.refund_reason).toEqual(['the device did not end in time']);
    const [late] = device_command;
    const evidence = evidenceOf('too late');
    await washer.device.report({ confirmed: { command: late!, quantity: 60n, evidence } });
    expect(await receiptOf(cem, washer.id, order)).toEqual(receipt);
  });
}
