// `tamc device` from outside: a person's own machine gets a simulated device, customers of the town use it, and it earns money.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex } from '@tamc/base/bytes';
import { bindMachine } from '@tamc/client';
import { sha256 } from '@tamc/protocol/hash';
import { hexToPrincipal, principalToText } from '@tamc/protocol/principal';
import { currentProcess } from '@tamc/replica/process-identity';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openNetworkFolder } from '../stack/src/deploy/network-folder.ts';
import { createTown, kinds, realTimeNetwork, townPlan } from '../stack/src/town/index.ts';
import { expectOk } from './journeys/network.ts';
import { createPeopleWorld, nowNs, type PeopleWorld } from './people-world.ts';
import { type Program, startProgram, tamc } from './program.ts';

let world: PeopleWorld;
beforeAll(async () => {
  world = await createPeopleWorld();
});
afterAll(() => world?.close());

/** An hour of the device is a second. */
const speed = 3_600;
const words = (...more: string[]) => ['device', 'washer 9', '--speed', String(speed), '--store', world.folder, ...more];
const start = (...more: string[]): Program => startProgram(['stack/bin/tamc.mjs', ...words(...more)]);

it('lets in a device by a code, which earns money from customers of the town, and goes on without a code', async () => {
  const machine = bindMachine(world.owner, world.washer);
  const without = await tamc(...words());
  expect(without).toMatchObject({ code: 1, output: expect.stringMatching(/not enrolled yet[\s\S]*--code CODE/) });
  const code = crypto.getRandomValues(new Uint8Array(32));
  const enrolment = { code_hash: sha256(code), label: 'simulated washer 9', expires_ns: nowNs() + 3_600_000_000_000n };
  expectOk(await machine.issue_enrolment(enrolment));
  const wrong = await tamc(...words('--code', '00'.repeat(32)));
  expect(wrong.code).toBe(1);

  let device = start('--code', bytesToHex(code));
  await device.waitFor(/It is enrolled now[\s\S]*reported: condition/);
  const path = join(world.folder, 'devices', `${principalToText(world.washer)}.json`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(expectOk(await machine.devices())).toHaveLength(1);

  const { price, quantityMax, unit } = kinds.washer;
  const terms = {
    unit: { [unit]: null },
    price,
    quantity_max: quantityMax,
    deadline_ns: 600_000_000_000n,
    orders_at_once: 1,
  };
  const ledger = hexToPrincipal(world.places.ledger);
  expectOk(await machine.set_tariff({ ledger, ...terms }));
  const before = expectOk(await machine.balances())[0]!.booked;
  await letTownLive(() => device.output().includes('confirmed'));
  // One that failed now and then is refunded; what it confirmed was used.
  const orders = expectOk(await machine.orders(0, 100));
  expect(orders.map(({ used }) => used[0])).toContain(1n);
  await expect
    .poll(async () => expectOk(await machine.balances())[0]!.booked, { timeout: 20_000 })
    .toBeGreaterThan(before);

  device.child.kill('SIGINT');
  expect(await device.ended).toBe(0);
  device = start();
  await device.waitFor(/It goes on where it was/);
  device.child.kill('SIGTERM');
  expect(await device.ended).toBe(0);
  const [only, ...others] = expectOk(await machine.devices());
  expect(others).toEqual([]);
  await tellsAProgram(only!.key.toText());
});

/** All that it tells is lines of JSON. */
async function tellsAProgram(key: string): Promise<void> {
  const device = start('--json');
  const id = principalToText(world.washer);
  await device.waitFor(/"reported".*\n/);
  device.child.kill('SIGTERM');
  expect(await device.ended).toBe(0);
  const lines = device.output().trim().split('\n');
  const [begun, ...happened] = lines.map((line) => JSON.parse(line));
  expect(begun).toMatchObject({ machine: id, device: key, kind: 'washer', speed, isNew: false, pid: device.child.pid });
  expect(happened).toContainEqual({ at: expect.any(String), kind: 'reported', what: expect.any(Array) });
  expect(JSON.parse((await tamc('device', 'nobody', '--json', '--store', world.folder)).output)).toMatchObject({
    error: { message: expect.stringContaining('There is no machine "nobody"'), next: expect.any(String) },
  });
}

/** Customers alone, and no machine of the town's own. */
async function letTownLive(isOver: () => boolean): Promise<void> {
  const keeper = openNetworkFolder(world.folder).identity();
  const { registry, ledger } = world.places;
  const network = realTimeNetwork(await world.meet(keeper));
  const plan = { machines: [], customers: townPlan.customers };
  const town = createTown({ network, registry, ledger, seed: 'others', minter: keeper, plan, faster: speed });
  const ending = new AbortController();
  const looking = setInterval(() => isOver() && ending.abort(), 200);
  const giveUp = setTimeout(() => ending.abort(), 90_000);
  expectOk(await town.live(ending.signal));
  clearInterval(looking);
  clearTimeout(giveUp);
}

it("is one process at a time, and a lock that a killed one left is in nobody's way", async () => {
  const first = start();
  await first.waitFor(/It goes on where it was/);
  const second = await tamc(...words());
  const { pid } = first.child;
  expect(second).toEqual({
    code: 1,
    output:
      `tamc: Process ${pid} is the device of this machine already.\n` +
      `  → Let it go on, or end it with Ctrl-C where it runs, or with: kill ${pid}\n`,
  });
  expect(first.child.exitCode).toBeNull();
  first.child.kill('SIGKILL');
  await first.ended;
  const third = start();
  await third.waitFor(/It goes on where it was/);
  third.child.kill('SIGKILL');
  await third.ended;
  // After a reboot its number may be that of any other process: here of this one.
  const folder = join(world.folder, 'devices', `${principalToText(world.washer)}.lock`);
  const [name = ''] = readdirSync(folder);
  const { owner, ...rest } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const left = { ...rest, owner: { ...owner, process: { ...currentProcess(), boot: 'before' } } };
  writeFileSync(join(folder, name), JSON.stringify(left));
  const fourth = start();
  await fourth.waitFor(/It goes on where it was/);
  fourth.child.kill('SIGINT');
  expect(await fourth.ended).toBe(0);
});

it('does not guess whether a process that cannot be seen from here is the device', async () => {
  const folder = join(world.folder, 'devices', `${principalToText(world.washer)}.lock`);
  const [name = ''] = readdirSync(folder);
  const elsewhere = { process: { ...currentProcess(), host: 'elsewhere' }, url: null };
  for (const content of [JSON.stringify({ version: 1, owner: elsewhere }), '{']) {
    writeFileSync(join(folder, name), content);
    const { code, output } = await tamc(...words());
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('It cannot be told') });
    expect(output).toContain(join(folder, name));
  }
  rmSync(folder, { recursive: true });
});

it('has no device for a machine of another kind, and says what there is', async () => {
  const wrong = await tamc('device', 'nobody', '--store', world.folder);
  expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining('There is no machine "nobody"') });
  expect((await tamc(...words('--code', 'no code'))).output).toContain('This is no code.');
  expect((await tamc('device', 'washer 9', '--speed', '0', '--store', world.folder)).output).toContain('is no speed');
});
