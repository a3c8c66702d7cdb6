// Fifth chapter: whose hand is on the machine. Keys change, remote control is taken and lost, and a human stops it.
import type { CandidMandateTerms } from '@tamc/protocol/mandate';
import { hexToPrincipal, principalToHex } from '@tamc/protocol/principal';
import { expect, it } from 'vitest';
import { createDevice, evidenceOf } from './device.ts';
import type { Journey } from './journey.ts';
import { expectOk, hourNs, minuteNs } from './network.ts';
import { approve, placeOrder, receiptOf, settled } from './paid-use.ts';

/** May hold the remote control for a day, and spend nothing. */
function controlTerms({ network, deployed }: Journey): CandidMandateTerms {
  return {
    label: 'remote hand',
    ledger: hexToPrincipal(deployed.ledger),
    amount_range: { min: 1n, max: 1n },
    budget: { amount: 0n, period_ns: 24n * hourNs },
    agent_recurrence: 0,
    allowed_payees: { only: [] },
    allowed_purposes: { only: [] },
    not_before_ns: network.nowNs() - minuteNs,
    expires_ns: network.nowNs() + 24n * hourNs,
    reserve_floor: 0n,
    ask_above: 0n,
    powers: ['control'],
  };
}

export function tellHands(the: () => Journey): void {
  it('changes the key of a controller in two signed steps; the old one is worth nothing', async () => {
    const { network, washers, meet } = the();
    const [washer] = washers;
    const old = washer!.device;
    const next = createDevice(network, await meet('controller 0, second key'), washer!.id);
    const beat = { sequence: 0, at_ns: network.nowNs(), body: { heartbeat: null } };
    expect(await next.machine.confirm_key()).toMatchObject({ error: { code: 'NoKeyProposed' } });
    expect(expectOk(await old.machine.rotate_key({ next: next.person.principal }))).toEqual({ device: 1 });
    expect(expectOk(await next.machine.confirm_key())).toEqual({ device: 1 });
    expect(expectOk(await old.machine.report([beat])).refused[0]?.refusal.code).toBe('NotADevice');
    expect(await old.machine.stop({ reason: 'I was the device' })).toMatchObject({ error: { code: 'MayNotStop' } });
    await next.report({ heartbeat: null });
    washer!.device = next;
  });

  it('is held by one hand at a time, handed over, and told to be safe when that hand falls silent', async () => {
    const { network, people, washers } = the();
    const [washer] = washers;
    const guest = people.ann.machine(washer!.id);
    expect(await guest.take_control({ timeout_ns: 2n * minuteNs })).toMatchObject({ error: { code: 'PowerMissing' } });
    const lease = expectOk(await washer!.machine.take_control({ timeout_ns: 2n * minuteNs }));
    expect(principalToHex(lease.holder)).toBe(people.operator.id);
    await approve(the(), people.ann, washer!, 10n);
    const tariff = expectOk(await guest.tariff())[0]!.tariff;
    const order = { command_id: 'under control', tariff, quantity: 10n, subaccount: [] as [] };
    expect(await guest.order(order)).toMatchObject({ error: { code: 'LeaseHeld' } });
    await network.pass(minuteNs);
    expectOk(await washer!.machine.keep_control());
    await network.pass(minuteNs);
    expect(expectOk(await guest.lease())).toHaveLength(1);

    const grant = { command_id: 'control', delegate: people.delegate.principal, terms: controlTerms(the()) };
    expectOk(await washer!.machine.grant_mandate(grant));
    const delegate = people.delegate.machine(washer!.id);
    expect(await delegate.take_control({ timeout_ns: minuteNs })).toMatchObject({ error: { code: 'LeaseOccupied' } });
    expect(await delegate.accept_control()).toMatchObject({ error: { code: 'NotOfferedToCaller' } });
    expectOk(await washer!.machine.offer_control({ to: [people.delegate.principal] }));
    expect(principalToHex(expectOk(await delegate.accept_control()).holder)).toBe(people.delegate.id);
    expect(await washer!.machine.keep_control()).toMatchObject({ error: { code: 'NotHolder' } });
    expect(await washer!.device.open('safe')).toEqual([]);
    await network.pass(2n * minuteNs + minuteNs / 2n);
    expect(expectOk(await guest.lease())).toEqual([]);
    const [command] = await washer!.device.open('safe');
    const done = { command: command!, quantity: 0n, evidence: evidenceOf('the door is open') };
    await washer!.device.report({ accepted: { command: command! } }, { confirmed: done });
    expect(expectOk(await guest.command_status(command!))).toMatchObject([
      { status: { confirmed: null }, cause: ['lease/2'] },
    ]);
  });

  it('stops at the word of its guest at once, and works again at that of the operator', async () => {
    const { people, washers, books } = the();
    const [{ cem }, washer] = [people, washers[2]!];
    expect(await cem.machine(washer.id).stop({ reason: 'for fun' })).toMatchObject({ error: { code: 'MayNotStop' } });
    const { order, device_command } = await placeOrder(the(), cem, washer, 30n);
    const [start] = device_command;
    await washer.device.report({ accepted: { command: start! } }, { acted: { command: start! } });
    expectOk(await cem.machine(washer.id).stop({ reason: 'it smokes' }));
    const stopped = expectOk(await people.stranger.machine(washer.id).stopped());
    expect(stopped).toMatchObject([{ reason: 'it smokes' }]);
    expect(principalToHex(stopped[0]!.by)).toBe(cem.id);
    expect(await washer.device.open('stop')).toHaveLength(1);
    await books.check();
    // What it owes is settled, stopped or not.
    const [stop] = await washer.device.open('stop');
    await washer.device.report(
      { confirmed: { command: stop!, quantity: 0n, evidence: evidenceOf('off') } },
      { failed: { command: start!, reason: 'stopped by a human', evidence: [] } },
    );
    expect((await settled(the(), cem, washer, order)).refund_reason[0]).toContain('stopped by a human');
    const ann = people.ann.machine(washer.id);
    const tariff = expectOk(await ann.tariff())[0]!.tariff;
    const wanted = { command_id: 'while stopped', tariff, quantity: 1n, subaccount: [] as [] };
    expect(await ann.order(wanted)).toMatchObject({ error: { code: 'MachineStopped' } });
    expect(await cem.machine(washer.id).release_stop()).toMatchObject({ error: { code: 'NotOperator' } });
    expectOk(await washer.machine.release_stop());
    const { order: next, device_command: again } = await placeOrder(the(), cem, washer, 30n);
    await washer.device.wash(again[0]!, 30n);
    expect(await settled(the(), cem, washer, next)).toMatchObject({ used: [30n] });
    expect((await receiptOf(cem, washer.id, order)).captured).toBe(0n);
  });
}
