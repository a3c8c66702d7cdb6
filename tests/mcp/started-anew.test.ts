// A server that is started anew, as a host does it with one that it ended: a call that is repeated with its command id is still a
// repetition. On the folder, nothing else is left of the server before.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindLedger, identityFromSeed } from '@tamc/client';
import { sha256 } from '@tamc/protocol/hash';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRepetitions } from '../../mcp-server/src/repetitions.ts';
import { createFolderActMemory } from '../../stack/src/mcp/act-memory.ts';
import { codeKeyOf } from '../../stack/src/mcp/code-key.ts';
import { expectOk } from '../journeys/network.ts';
import { keeperWorld } from './keeper.ts';
import { createDevice, createWashers, grant } from './machines.ts';
import { type Assistant, createMcpWorld, dollar, type McpWorld } from './world.ts';

let world: McpWorld;
let folderPath = '';
let owning: Assistant;
let machine: string;

beforeAll(async () => {
  world = await createMcpWorld();
  folderPath = mkdtempSync(join(tmpdir(), 'tamc-anew-'));
  owning = await startServer('owning');
  [machine = ''] = await createWashers(owning, 1);
  await grant(world, machine, owning.person);
}, 240_000);
afterAll(async () => {
  await world?.close();
  rmSync(folderPath, { recursive: true, force: true });
});

/** A new process of the same assistant: what it remembers is in the folder alone. */
async function startServer(name: string): Promise<Assistant> {
  const person = await world.meet(name);
  const codeKey = codeKeyOf(identityFromSeed(sha256(new TextEncoder().encode(name))));
  const base = keeperWorld(world, person);
  const open: typeof base.open = async (progress) => {
    const access = await base.open(progress);
    return access.ok ? { ok: true, value: { ...access.value, codeKey } } : access;
  };
  const acts = createFolderActMemory({ folderPath, name, caller: () => person.id });
  return await world.assist(name, 'auto', { world: { ...base, open, acts } });
}

const balanceOf = async ({ account, connection }: Assistant['person']) =>
  expectOk(await bindLedger(connection, world.ledger).balanceOf(account));

describe('a server that is started anew', () => {
  it('gives the code of a device that it gave before, and writes it down nowhere', async () => {
    const wanted = { machine, label: 'controller', command_id: 'enrol 1' };
    const first = await owning.act('enrol_device', wanted);
    owning = await startServer('owning');
    const again = await owning.act('enrol_device', wanted);
    expect(again.facts).toEqual({ ...first.facts, repeated: true });
    expect(expectOk(await world.owner.machine(machine).enrolments())).toHaveLength(1);
    const kept = readdirSync(join(folderPath, 'acts')).map((file) =>
      readFileSync(join(folderPath, 'acts', file), 'utf8'),
    );
    expect(kept.join()).toContain('code_issued');
    expect(kept.join()).not.toContain(String(first.facts!.code));
    const device = createDevice(world, await world.meet('controller'), machine);
    expectOk(await device.machine.enrol({ code: Buffer.from(String(first.facts!.code), 'hex') }));
  }, 60_000);

  it('brings no old price back', async () => {
    const first = { machine, per: 'minute', price: '1', most: 60, command_id: 'tariff 1' };
    const second = { ...first, price: '0.05', command_id: 'tariff 2' };
    const set = await owning.act('set_tariff', first);
    expect((await owning.act('set_tariff', second)).facts).toMatchObject({ status: 'set' });
    owning = await startServer('owning');
    const again = await owning.act('set_tariff', first);
    expect(again.facts, again.text).toEqual({ ...set.facts, repeated: true });
    expect((await owning.act('set_tariff', { ...second, price: '9' })).text).toMatch(/^CommandIdReused/);
    const { facts } = await owning.call('machine', { machine });
    expect(facts!.tariff).toMatchObject({ price: '0.05' });
  }, 60_000);

  /** What is left of an act that was killed between what the network did and its own end. */
  const forgetEnds = () => {
    const path = join(folderPath, 'acts', 'owning.jsonl');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const begun = lines.filter((line) => JSON.parse(line).facts === null);
    writeFileSync(path, begun.map((line) => `${line}\n`).join(''));
  };

  it('brings no old price back either where nobody knows how the act ended', async () => {
    const first = { machine, per: 'minute', price: '3', most: 60, command_id: 'tariff 3' };
    const second = { ...first, price: '0.05', command_id: 'tariff 4' };
    await owning.act('set_tariff', first);
    forgetEnds();
    owning = await startServer('owning');
    expect((await owning.act('set_tariff', first)).facts).toMatchObject({ status: 'already_set' });
    forgetEnds();
    const { facts } = await owning.act('set_tariff', second);
    owning = await startServer('owning');
    const overtaken = await owning.act('set_tariff', first);
    expect(overtaken.text).toMatch(/^Overtaken: .*\nNext: Nothing was done now\. /);
    const now = await owning.call('machine', { machine });
    expect(now.facts!.tariff).toMatchObject({ price: '0.05', number: facts!.tariff });
    // One that began and set nothing is done: nothing was decided since.
    const begun = { ...first, price: '0.04', command_id: 'tariff 5' };
    const acts = createFolderActMemory({ folderPath, name: 'owning', caller: () => owning.person.id });
    createRepetitions(acts).begin('tariff 5', ['set_tariff', begun], `tariff ${facts!.tariff}`);
    const other = await owning.act('set_tariff', { ...begun, price: '90' });
    expect(other.text).toMatch(/^CommandIdReused/);
    expect((await owning.act('set_tariff', begun)).facts).toMatchObject({ status: 'set' });
    expect((await owning.act('set_tariff', { ...second, command_id: 'tariff 6' })).facts).toMatchObject({
      status: 'set',
    });
  }, 60_000);

  it('gives back no remote control that was taken since', async () => {
    const control = (what: string, id: string) => owning.act('control', { machine, do: what, command_id: id });
    await control('take', 'take 1');
    expect((await control('release', 'release 1')).facts).toMatchObject({ status: 'released' });
    await control('take', 'take 2');
    forgetEnds();
    owning = await startServer('owning');
    expect((await control('release', 'release 1')).text).toMatch(/^Overtaken/);
    expect((await control('keep', 'keep 1')).facts).toMatchObject({ status: 'held' });
    const answers = [await control('release', 'release 2')];
    forgetEnds();
    owning = await startServer('owning');
    answers.push(await control('release', 'release 2'));
    expect(answers.map(({ facts }) => facts)).toEqual([{ status: 'released' }, { status: 'released' }]);
    expect((await control('release', 'release 3')).text).toMatch(/^NotHolder/);
  }, 60_000);

  it('tells of an order that is there, though the machine is busy with it and the money is gone for it', async () => {
    const person = await world.meet('ordering');
    const { facts } = await owning.call('machine', { machine });
    const { number } = facts!.tariff as { number: number };
    // A minute at 0.05, and four fees: of the approval, of the pull, and of capture and refund.
    await world.fund(person.account, dollar / 20n + 4n * 100n);
    const order = { machine, tariff: number, quantity: 1, command_id: 'order 1' };
    const placed = await (await startServer('ordering')).act('order', order);
    expect(placed.facts?.status, placed.text).toBe('running');
    expect(await balanceOf(person)).toBe(0n);
    const ordering = await startServer('ordering');
    expect((await ordering.act('order', { ...order, command_id: 'order 2' })).text).toMatch(/^MachineBusy/);
    const again = await ordering.act('order', order);
    expect(again.facts, again.text).toMatchObject({ status: 'running', order: placed.facts!.order });
  }, 60_000);
});
