// The device side of a machine of real Wasm: birth, enrolment by a real key, commands, remote control, stop, rotation, upgrade.
import { Actor, Certificate, HttpAgent } from '@dfinity/agent';
import { IDL } from '@dfinity/candid';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { Principal } from '@dfinity/principal';
import { firstCursor, followEvents } from '@tamc/protocol/events';
import { sha256 } from '@tamc/protocol/hash';
import { MachineInitType } from '@tamc/protocol/identity';
import { hexToPrincipal, principalToHex } from '@tamc/protocol/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { init, keyOf, operator, registry, stranger, thing } from '../../canisters/machine/test-machine.ts';
import { createCanister, encode, tryInstall } from '../harness/canisters.ts';
import { createTestWorld, secondNs, type TestWorld } from '../harness/world.ts';
import { buildMachine, createMachine, type MachineOnReplica } from './machine-world.ts';

let world: TestWorld;
let machine: MachineOnReplica;
beforeAll(async () => {
  // Real signatures expire by the wall clock, which time has to follow: a build may take minutes.
  world = await createTestWorld({ virtualTime: true });
  world.replica.time.autoProgress();
  machine = await createMachine(world);
});
afterAll(() => world.close());

const dayNs = 86_400n * secondNs;
const now = () => world.replica.time.nowNs();
const digest = new Uint8Array(32).fill(0xcd);
const code = new Uint8Array(16).fill(9);

/** A device with a key of its own that signs what it sends. */
async function createDevice(seed: number) {
  const identity = Ed25519KeyIdentity.generate(new Uint8Array(32).fill(seed));
  const { fetch, rootKey } = world.replica;
  const agent = await HttpAgent.create({ host: 'http://127.0.0.1', fetch, rootKey, identity });
  const actor = Actor.createActor<Record<string, (...args: unknown[]) => Promise<unknown>>>(
    () => IDL.Service(machine.methods),
    { agent, canisterId: machine.canister },
  );
  return { key: principalToHex(identity.getPrincipal()), actor, identity };
}

const report = (sequence: number, body: object) => ({ sequence, at_ns: now(), body });
const wash = (id: string) => {
  return { command_id: id, action: 'wash', arguments: '{}', device: [], expires_ns: now() + dayNs };
};

describe('a machine', () => {
  it('is born with its identity, and not from nonsense', async () => {
    const identity = await machine.query('identity');
    expect(identity).toMatchObject({ kind: 'washer', place: 'u33dc0', thing, actions: ['wash', 'drain'] });
    expect(principalToHex(identity.operator)).toBe(operator);
    expect(Uint8Array.from(identity.thing_hash)).toEqual(sha256(new TextEncoder().encode(thing)));
    const { wasm } = await buildMachine();
    const canister = await createCanister(world.replica);
    for (const wrong of [{ thing: '['.repeat(16_000) }, { kind: '' }, { operator: Principal.anonymous() }]) {
      const arg = encode([MachineInitType], [{ ...init, ...wrong }]);
      const answer = await tryInstall(world.replica, canister, wasm, 'install', arg);
      expect(answer).toMatchObject({ kind: 'rejected' });
    }
  });

  it('lets in a device by a code and its signature, and by nothing else', async () => {
    const { actor, key } = await createDevice(1);
    const { actor: thief } = await createDevice(2);
    const enrolment = { code_hash: sha256(code), label: 'controller', expires_ns: now() + dayNs };
    expect(await machine.refused(stranger, 'issue_enrolment', enrolment)).toBe('PowerMissing');
    await machine.done(operator, 'issue_enrolment', enrolment);
    expect(await machine.query('enrolments')).toEqual([enrolment]);
    expect(await thief.enrol!({ code: code.slice(1) })).toMatchObject({ Err: { code: 'CodeLengthInvalid' } });
    expect(await actor.enrol!({ code })).toEqual({ Ok: { device: 1 } });
    expect(await thief.enrol!({ code })).toMatchObject({ Err: { code: 'CodeUnknown' } });
    expect(principalToHex((await machine.query('devices'))[0].key)).toBe(key);
    expect(await machine.query('enrolments')).toEqual([]);
  });

  it('commands the device, which accepts, acts and confirms in signed reports', async () => {
    const { actor } = await createDevice(1);
    const command = await machine.done(operator, 'command', wash('first'));
    expect(command).toMatchObject({ command: 1, device: 1, status: { requested: null } });
    expect(await machine.done(operator, 'command', { ...wash('first'), expires_ns: command.expires_ns })).toEqual(
      command,
    );
    const batch = [report(1, { accepted: { command: 1 } }), report(2, { acted: { command: 1 } })];
    expect(await actor.report!(batch)).toMatchObject({ Ok: { refused: [] } });
    expect((await machine.query('open_commands'))[0]).toMatchObject({ status: { acted: null } });
    const confirmed = report(3, { confirmed: { command: 1, quantity: 42n, evidence: digest } });
    expect(await actor.report!([...batch, confirmed])).toMatchObject({
      Ok: {
        effects: [{ effect: { duplicate: null } }, { effect: { duplicate: null } }, { effect: { applied: null } }],
      },
    });
    expect((await machine.query('command_status', 1))[0]).toMatchObject({
      status: { confirmed: null },
      quantity: [42n],
    });
    const gap = await actor.report!([report(9, { heartbeat: null })]);
    expect(gap).toMatchObject({ Ok: { refused: [{ refusal: { code: 'SequenceGap' } }] } });
  });

  it('refuses hostile arguments without harm', async () => {
    const nested = { ...wash('deep'), arguments: '['.repeat(4_096) };
    expect(await machine.refused(operator, 'command', nested)).toBe('ArgumentsInvalid');
    const deep = `${'['.repeat(2_000)}${']'.repeat(2_000)}`;
    expect(await machine.refused(operator, 'command', { ...wash('deeper'), arguments: deep })).toBe('ArgumentsInvalid');
    const malformed = world.replica.call({
      canister: machine.canister,
      method: 'report',
      arg: new Uint8Array([0x44, 0x49, 0x44, 0x4c, 0xff]),
    });
    expect(await malformed).toMatchObject({ kind: 'rejected' });
    expect(await machine.refused(operator, 'describe', '['.repeat(16_000))).toBe('ThingInvalid');
    expect((await machine.query('machine')).stopped).toEqual([]);
  });

  it('tells its condition', async () => {
    const { actor } = await createDevice(1);
    const judged = { part: 'drum', verdict: { due: null }, confidence_ppm: 700_000, wear_ppm: [900_000], fault: [] };
    const [device] = await machine.query('devices');
    const next = device.last_sequence + 1;
    await actor.report!([report(next, { condition: { ...judged, model_hash: digest, input_digest: digest } })]);
    expect((await machine.query('condition'))[0]).toMatchObject({ part: 'drum', wear_ppm: [900_000] });
    expect((await machine.query('machine')).condition).toEqual([{ due: null }]);
    const power = { meter: 'power', value: 7n, unit: 'Wh', evidence: digest };
    await actor.report!([report(next + 1, { meter: power })]);
    expect((await machine.query('meters'))[0]).toMatchObject(power);
  });

  it('hands the device a safe command when the hand at the remote control falls silent, by its own timer', async () => {
    const before = (await machine.query('open_commands')).length;
    await machine.done(operator, 'take_control', { timeout_ns: 30n * secondNs });
    expect((await machine.query('lease'))[0].lease).toBe(1);
    await world.pass(20n * secondNs, 5);
    await machine.done(operator, 'keep_control');
    await world.pass(20n * secondNs, 5);
    expect(await machine.query('lease')).toHaveLength(1);
    await world.pass(31n * secondNs, 8);
    expect(await machine.query('lease')).toEqual([]);
    const open = await machine.query('open_commands');
    expect(open.slice(before).map(({ action, cause }: { action: string; cause: string[] }) => [action, cause])).toEqual(
      [['safe', ['lease/1']]],
    );
  });

  it('stops at the word of its device, and works again only at that of its operator', async () => {
    const { actor } = await createDevice(1);
    expect(await machine.refused(stranger, 'stop', { reason: 'fun' })).toBe('MayNotStop');
    expect(await actor.stop!({ reason: 'door open' })).toEqual({ Ok: null });
    expect((await machine.query('machine')).stopped[0]).toMatchObject({ reason: 'door open' });
    expect(await machine.query('stopped')).toMatchObject([{ reason: 'door open' }]);
    expect(await machine.refused(operator, 'command', wash('while stopped'))).toBe('MachineStopped');
    expect(await actor.release_stop!()).toMatchObject({ Err: { code: 'NotOperator' } });
    await machine.done(operator, 'release_stop');
    await machine.done(operator, 'command', wash('after'));
    const [newest, before] = await machine.query('commands', { before: [], limit: 2 });
    expect([newest.action, before.action]).toEqual(['wash', 'stop']);
  });

  it('changes the key of the device in two signed steps', async () => {
    const [old, next] = [await createDevice(1), await createDevice(3)];
    const { last_sequence } = (await machine.query('devices'))[0];
    const beat = [report(last_sequence + 1, { heartbeat: null })];
    expect(await old.actor.rotate_key!({ next: next.identity.getPrincipal() })).toEqual({ Ok: { device: 1 } });
    expect(await next.actor.report!(beat)).toMatchObject({ Ok: { refused: [{ refusal: { code: 'NotADevice' } }] } });
    expect(await next.actor.confirm_key!()).toEqual({ Ok: { device: 1 } });
    expect(await old.actor.report!(beat)).toMatchObject({ Ok: { refused: [{ refusal: { code: 'NotADevice' } }] } });
    expect(await next.actor.report!(beat)).toMatchObject({ Ok: { refused: [] } });
  });

  it('tells everything that happened in certified events, one after the other', async () => {
    const page = await machine.query('events', 0n, 500);
    const read = followEvents(firstCursor, {
      events: page.events.map((bytes: Uint8Array) => Uint8Array.from(bytes)),
      first: Number(page.first),
      next: Number(page.next),
      previousHash: Uint8Array.from(page.previous_hash),
    });
    expect(read.ok && read.value.next).toBe(Number(page.next));
    const certificate = Certificate.create({
      certificate: Uint8Array.from(page.certificate[0]),
      rootKey: world.replica.rootKey,
      canisterId: Principal.fromText(machine.canister),
      disableTimeVerification: true,
    });
    expect(
      (await certificate).lookup_path([
        'canister',
        Principal.fromText(machine.canister).toUint8Array(),
        'certified_data',
      ]),
    ).toHaveProperty('value');
    const kinds = (await machine.events()).map(({ event }) => event.kind);
    expect(kinds).toEqual(expect.arrayContaining(['MachineBorn', 'CommandConfirmed', 'LeaseEnded', 'StopReleased']));
  });

  it('takes no code that is withdrawn, replaced or never was decided for, however late', async () => {
    const [hash, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const refusedCode = async () => {
      expect(JSON.stringify(await machine.tryUpgrade())).toMatch(/UpgradeNotApproved: .*withdrawn/);
      expect((await machine.events()).map(({ event }) => event.kind)).not.toContain('MachineUpgraded');
    };
    await refusedCode();
    for (const [method, ...values] of [['cancel_upgrade'], ['approve_upgrade', { hash: other }]] as const) {
      await machine.done(operator, 'approve_upgrade', { hash });
      expect(await machine.refused(registry, 'prepare_upgrade', [{ hash: other }])).toBe('UpgradeNotApproved');
      expect(await machine.refused(registry, 'prepare_upgrade', [])).toBe('UpgradeNotApproved');
      await machine.done(registry, 'prepare_upgrade', [{ hash }]);
      await machine.done(operator, method, ...values);
      await refusedCode();
    }
  });

  it('is handed over although an upgrade comes in between, and then takes no code of the one before', async () => {
    const successor = keyOf('successor');
    await machine.done(operator, 'offer_operation', { to: [hexToPrincipal(successor)] });
    await machine.upgrade();
    const hash = new Uint8Array(32).fill(3);
    await machine.done(operator, 'approve_upgrade', { hash });
    await machine.done(registry, 'prepare_upgrade', [{ hash }]);
    await machine.done(successor, 'accept_operation');
    expect(JSON.stringify(await machine.tryUpgrade())).toMatch(/UpgradeNotApproved/);
    expect(await machine.refused(operator, 'approve_upgrade', { hash })).toBe('NotOperator');
    await machine.done(successor, 'offer_operation', { to: [hexToPrincipal(operator)] });
    await machine.done(operator, 'accept_operation');
  });

  it('keeps everything over an upgrade, also what time will bring', async () => {
    await machine.done(operator, 'take_control', { timeout_ns: 30n * secondNs });
    const hash = new Uint8Array(32).fill(1);
    await machine.done(operator, 'approve_upgrade', { hash });
    expect((await machine.query('upgrade_decision')).module_hash).toEqual([hash]);
    expect(await machine.refused(operator, 'prepare_upgrade', [{ hash }])).toBe('NotRegistry');
    expect((await machine.done(registry, 'prepare_upgrade', [{ hash }])).open_calls).toEqual([]);
    expect(await machine.refused(operator, 'command', wash('quiet'))).toBe('UpgradeUnderWay');
    const questions = ['open_calls', 'identity', 'devices', 'open_commands', 'condition', 'lease', 'layout'];
    const look = () => Promise.all(questions.map((question) => machine.query(question)));
    const before = await look();
    await machine.upgrade();
    expect(await look()).toEqual(before);
    expect((await machine.query('upgrade_decision')).module_hash).toEqual([]);
    expect((await machine.events()).at(-1)?.event).toEqual({ kind: 'MachineUpgraded', version: '0.1.0' });
    await world.pass(31n * secondNs, 8);
    expect((await machine.events()).map(({ event }) => event.kind)).toContain('LeaseEnded');
    expect(await machine.query('lease')).toEqual([]);
  });
});
