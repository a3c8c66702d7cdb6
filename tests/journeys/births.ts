// First chapter: three washers come into the world, get their controllers and a price.

import { bytesToHex } from '@tamc/base/bytes';
import { createCommandId, wordOf } from '@tamc/client';
import { accountOf } from '@tamc/protocol/account';
import { computeTermsOfBirth } from '@tamc/protocol/compute';
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import type { CandidBear } from '@tamc/protocol/registry-candid';
import { expect, it } from 'vitest';
import { createDevice } from './device.ts';
import { codeOf, enrolDevice, firstCursor, type Journey, pricePerMinute } from './journey.ts';
import { expectOk, hourNs } from './network.ts';

const thing = JSON.stringify({
  '@context': 'https://www.w3.org/2022/wot/td/v1.1',
  title: 'Washer',
  securityDefinitions: { none: { scheme: 'nosec' } },
  security: 'none',
  properties: { state: { type: 'string', forms: [{ href: 'state' }] } },
  actions: { wash: { forms: [{ href: 'wash' }] } },
});
const about = {
  kind: 'washer',
  make: 'Simulated',
  model: 'W1',
  place: 'eyckpp',
  thing,
  charter: 'Washes for whoever pays.',
};

export function tellBirths(the: () => Journey): void {
  it('are born through the registry, also when the network is killed in the middle', async () => {
    const { network, people, deployed, washers } = the();
    const order: CandidBear = {
      command_id: createCommandId(),
      module_hash: [],
      births: Array.from({ length: 3 }, () => ({ operator: [], ...about })),
    };
    const ordered = expectOk(await people.operator.registry.bear(order));
    await network.killAndRestart();
    expect(expectOk(await people.operator.registry.bear(order))).toEqual(ordered);
    const births = async () => expectOk(await people.stranger.registry.births(ordered.first, 3)).items;
    await network.until('all are born', async () => (await births()).every(({ step }) => 'born' in step));
    for (const { canister, operator } of await births()) {
      expect(principalToHex(operator)).toBe(people.operator.id);
      const id = principalToHex(canister[0]!);
      washers.push(washerOf(the(), id));
      const controllers = bytesToHex(expectOk(await people.stranger.connection.read(id, ['controllers']))!);
      expect(controllers, 'no person controls it').not.toContain(people.operator.id);
      expect(controllers).toContain(deployed.registry);
      const identity = expectOk(await people.stranger.machine(id).identity());
      expect(identity).toMatchObject({ kind: 'washer', place: 'eyckpp', actions: ['wash'], generation: 0 });
    }
    expect(new Set(washers.map(({ id }) => id)).size).toBe(3);
  });

  it('let in a controller each, by a code that works once', async () => {
    const { people, washers, meet, network } = the();
    for (const [i, washer] of washers.entries()) {
      washer.device = await enrolDevice(the(), washer.id, `controller ${i}`);
      const thief = createDevice(network, await meet(`thief ${i}`), washer.id);
      expect(await thief.machine.enrol({ code: codeOf(`controller ${i}`) })).toMatchObject({
        error: { code: 'CodeUnknown' },
      });
      expect(expectOk(await washer.machine.devices())).toHaveLength(1);
    }
    const code_hash = new Uint8Array(32);
    const enrolment = { code_hash, label: 'mine', expires_ns: network.nowNs() + hourNs };
    const refused = await people.stranger.machine(washers[0]!.id).issue_enrolment(enrolment);
    expect(refused).toMatchObject({ error: { kind: 'caller', code: 'PowerMissing' } });
  });

  it('get a price by the minute, from nobody but who may set it', async () => {
    const { people, washers, deployer } = the();
    const [home] = expectOk(await people.stranger.registry.ledgers()).filter((ledger) => ledger.home);
    const tariff = {
      ledger: home!.ledger.id,
      unit: { minute: null },
      price: pricePerMinute,
      quantity_max: 120n,
      deadline_ns: 3n * hourNs,
      orders_at_once: 1,
    };
    expect(principalToHex(home!.ledger.id)).toBe(deployer.ledger.id);
    for (const { id, machine } of washers) {
      expect(await people.stranger.machine(id).set_tariff(tariff)).toMatchObject({ error: { code: 'PowerMissing' } });
      expect(wordOf(expectOk(await machine.set_tariff(tariff)).unit)).toBe('minute');
    }
  });

  it('begins with a reserve for compute that the operator may do without', async () => {
    const decimals = 6;
    const { target, topUpAmount } = computeTermsOfBirth(decimals);
    for (const { machine } of the().washers) {
      const { terms } = expectOk(await machine.compute());
      expect(terms).toMatchObject({ target, top_up_amount: topUpAmount });
      expectOk(await machine.set_compute({ ...terms, target: 0n }));
    }
  });
}

function washerOf({ network, people }: Journey, id: PrincipalHex) {
  const device = createDevice(network, people.operator, id);
  const machine = people.operator.machine(id);
  return { id, account: accountOf(id), device, machine, seen: [], cursor: firstCursor };
}
