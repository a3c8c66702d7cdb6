// Sixth chapter: a machine gets new code when its operator has decided for it, loses nothing by it, and refuses code by which it would.

import { parseHex } from '@tamc/base/bytes';
import { createCommandId } from '@tamc/client';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { expect, it } from 'vitest';
import { chunksOf, type Module } from '../../stack/src/deploy/module.ts';
import { type Journey, readEvents } from './journey.ts';
import { buildMachineVersion, lossyVersion, secondVersion } from './machine-versions.ts';
import { expectOk } from './network.ts';
import { placeOrder, settled } from './paid-use.ts';

/** As `tamc deploy` does it: the pieces into the registry's store, then the approval by who governs it. */
async function approveCode(
  { deployer, deployed, network }: Journey,
  version: string,
  module: Module,
): Promise<Uint8Array> {
  const hashes: Uint8Array[] = [];
  for (const chunk of chunksOf(module)) {
    hashes.push(parseHex(expectOk(await deployer.management.uploadChunk(deployed.registry, chunk)))!);
  }
  const { candid, layout, hash } = module;
  const module_hash = parseHex(hash)!;
  const code = { kind: 'machine', version, module_hash, chunk_hashes: hashes, candid, layout: layout ?? '' };
  expectOk(await deployer.registry.approve_code(code));
  await network.until('the code is approved', async () => {
    const codes = expectOk(await deployer.registry.codes());
    return codes.some((known) => known.version === version && 'approved' in known.standing);
  });
  return module_hash;
}

/** Asked for by somebody who has nothing to do with the machine: only its own decision counts. */
async function upgrade({ people, network }: Journey, machine: PrincipalHex, module_hash: Uint8Array) {
  const { registry } = people.stranger;
  const asked = await registry.upgrade({ machine: hexToPrincipal(machine), module_hash });
  if (!asked.ok) return { refused: asked.error };
  const status = async () => expectOk(await registry.upgrade_status(asked.value))[0]!;
  await network.until('the upgrade is over', async () => (await status()).outcome.length > 0);
  return { over: await status() };
}

/** All that a machine tells of itself and its money. */
async function lookAt({ people }: Journey, id: PrincipalHex) {
  const machine = people.stranger.machine(id);
  const questions = [
    machine.balances(),
    machine.statement(0, 100),
    machine.orders(0, 100),
    machine.transfers(0, 100),
    machine.devices(),
    machine.mandates(),
    machine.tariff(),
    machine.meters(),
    machine.commands({ before: [], limit: 100 }),
  ];
  return (await Promise.all(questions)).map((answer) => expectOk<unknown, unknown>(answer));
}

export function tellUpgrade(the: () => Journey): void {
  let secondHash = new Uint8Array();

  it('is not upgraded unless its operator has decided for just that code', async () => {
    const { people, washers } = the();
    const [washer] = washers;
    secondHash = Uint8Array.from(await approveCode(the(), secondVersion, await buildMachineVersion(secondVersion)));
    const undecided = await upgrade(the(), washer!.id, secondHash);
    expect(undecided).toMatchObject({ over: { outcome: [{ refused: null }], code: 'UpgradeNotDecided' } });
    const self = people.stranger.machine(washer!.id);
    expect(await self.approve_upgrade({ hash: secondHash })).toMatchObject({ error: { code: 'NotOperator' } });
    expect(await upgrade(the(), washer!.id, new Uint8Array(32))).toMatchObject({ refused: { code: 'CodeUnknown' } });
  }, 240_000);

  it('is upgraded through the registry and loses nothing, with an order running', async () => {
    const { network, people, washers, books } = the();
    const [{ ann }, washer] = [people, washers[0]!];
    const { order, device_command } = await placeOrder(the(), ann, washer, 20n);
    const before = await lookAt(the(), washer.id);
    expectOk(await washer.machine.approve_upgrade({ hash: secondHash }));
    const done = await upgrade(the(), washer.id, secondHash);
    expect(done).toMatchObject({ over: { outcome: [{ upgraded: null }] } });
    await network.killAndRestart();
    expect(expectOk(await washer.machine.identity()).version).toBe(secondVersion);
    expect(await lookAt(the(), washer.id)).toEqual(before);
    await books.check();
    await washer.device.wash(device_command[0]!, 20n);
    expect(await settled(the(), ann, washer, order)).toMatchObject({ used: [20n] });
  }, 120_000);

  it('is not upgraded to code that would lose something, and the field is named', async () => {
    const { washers } = the();
    const [washer] = washers;
    const lossy = Uint8Array.from(await approveCode(the(), lossyVersion, await buildMachineVersion(lossyVersion)));
    expectOk(await washer!.machine.approve_upgrade({ hash: lossy }));
    const before = await lookAt(the(), washer!.id);
    expect(await upgrade(the(), washer!.id, lossy)).toMatchObject({
      refused: {
        code: 'UpgradeWouldLose',
        message: expect.stringMatching(/table houseRules: field by: field removed/),
      },
    });
    expect(expectOk(await washer!.machine.identity()).version).toBe(secondVersion);
    expect(await lookAt(the(), washer!.id)).toEqual(before);
  }, 240_000);

  it('has told all of it in events that nobody could leave out or change', async () => {
    const { people, washers } = the();
    const kinds = washers.map(({ seen }) => seen.map(({ kind }) => kind));
    expect(kinds[0]!.slice(0, 1)).toEqual(['MachineBorn']);
    expect(kinds[0]).toEqual(
      expect.arrayContaining(['KeyConfirmed', 'LeaseEnded', 'RequestOpened', 'MachineUpgraded']),
    );
    expect(kinds[1]).toEqual(
      expect.arrayContaining(['OrderUnused', 'ReserveEarmarked', 'TopUpDelivered', 'ComputeFrozen']),
    );
    expect(kinds[2]).toEqual(expect.arrayContaining(['OrderUnused', 'MachineStopped', 'StopReleased', 'OrderSettled']));
    const [washer] = washers;
    expect(await readEvents(people.stranger.connection, washer!)).toEqual([]);
    const wanted = { command_id: createCommandId(), action: 'wash', arguments: '{}', device: [] as [] };
    expectOk(await washer!.machine.command({ ...wanted, expires_ns: the().network.nowNs() + 60_000_000_000n }));
    expect((await readEvents(people.stranger.connection, washer!)).map(({ kind }) => kind)).toEqual([
      'CommandRequested',
    ]);
  });
}
