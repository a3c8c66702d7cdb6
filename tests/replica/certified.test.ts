// Certified data: what an update sets, a query can prove. Checked by our own reader and by the public client's.
import { Certificate } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyCertificate } from '../../replica/src/certification/certificate.ts';
import { install, manage, reply as replied } from '../harness/canisters.ts';
import { blob, call, int, op, passOn, program, reply, trap } from '../harness/program.ts';
import { universal } from '../harness/universal.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';

let world: TestWorld;
beforeAll(async () => {
  // The public client compares the time of a certificate with the machine's.
  world = await createTestWorld({ virtualTime: true });
});
afterAll(() => world.close());

const set = (data: string | Uint8Array) => op('certified_data_set', blob(data));

/** What the certificate that a query sees proves, verified by the public client. */
async function certified(canister: string): Promise<string | null> {
  const bytes = await world.lookAt(canister, op('data_certificate'));
  const canisterId = Principal.fromText(canister);
  const certificate = await Certificate.create({
    certificate: Uint8Array.from(bytes),
    rootKey: world.replica.rootKey,
    canisterId,
  });
  const found = certificate.lookup_path(['canister', canisterId.toUint8Array(), 'certified_data']);
  expect((await verifyCertificate(bytes, world.replica.rootKey)).ok).toBe(true);
  return 'value' in found ? new TextDecoder().decode(found.value as Uint8Array) : null;
}

it('[certified.query] the certificate of a query proves what was set last', async () => {
  const canister = await world.create();
  await world.run(canister, program(set('first'), reply()));
  expect(await certified(canister)).toBe('first');
  await world.run(canister, program(set('second'), reply()));
  expect(await certified(canister)).toBe('second');
});

it('[certified.query] there is a certificate also before anything was set', async () => {
  const canister = await world.create();
  expect(await world.look(canister, op('data_certificate_present'))).toEqual([1n]);
  expect(await certified(canister)).toBe('');
});

it('[certified.atomic] a trap does not set it', async () => {
  const canister = await world.create();
  await world.run(canister, program(set('kept'), reply()));
  await world.rejected(canister, program(set('lost'), trap('no')));
  expect(await certified(canister)).toBe('kept');
});

it('[certified.size] takes 32 bytes and no more', async () => {
  const canister = await world.create();
  await world.run(canister, program(set('x'.repeat(32)), reply()));
  expect(await world.rejected(canister, program(set('x'.repeat(33)), reply()))).toMatchObject({ errorCode: 'IC0504' });
  expect(await certified(canister)).toBe('x'.repeat(32));
});

it('[certified.replicated] there is none in updates and replicated queries, nor for canisters that a query calls', async () => {
  const [canister, other] = [await world.create(), await world.create()];
  await world.run(canister, program(set('x'), reply()));
  expect(
    await world.runInts(canister, program(op('append_int', op('data_certificate_present')), op('msg_reply'))),
  ).toEqual([0n]);
  const asUpdate = program(op('append_int', op('data_certificate_present')), op('msg_reply'));
  const answer = await replied(world.replica.call({ canister, method: 'query', arg: asUpdate }));
  expect(Buffer.from(answer).readBigUInt64LE()).toBe(0n);
  const inner = program(op('msg_reply_data_append', op('data_certificate')), op('msg_reply'));
  const run = call({ callee: canister, method: 'query', arg: inner, ...passOn });
  const asked = await replied(world.replica.query({ canister: other, method: 'composite', arg: run }));
  expect(Buffer.from(asked).readBigUInt64LE()).toBe(5n);
});

it('[certified.lifecycle] stays over an upgrade, is cleared by reinstalling and uninstalling', async () => {
  const canister = await world.create();
  await world.run(canister, program(set('kept'), reply()));
  await install(world.replica, canister, await universal({ postUpgrade: true }), 'upgrade');
  expect(await certified(canister)).toBe('kept');
  await install(world.replica, canister, await universal({ postUpgrade: true }), 'upgrade', set('by post_upgrade'));
  expect(await certified(canister)).toBe('by post_upgrade');
  await install(world.replica, canister, await universal(), 'reinstall');
  expect(await certified(canister)).toBe('');
  await world.run(canister, program(set('again'), reply()));
  await replied(manage(world.replica, 'uninstall_code', canister));
  await install(world.replica, canister, await universal());
  expect(await certified(canister)).toBe('');
});

it('[certified.query] while updates go on, each query proves the state that it sees', async () => {
  const canister = await world.create();
  await world.run(canister, program(set('0'), op('set_cell', int(0), int(0)), reply()));
  const updates = Array.from({ length: 20 }, (_, i) =>
    world.run(canister, program(set(String.fromCharCode(48 + i)), op('set_cell', int(0), int(i)), reply())),
  );
  const seen = program(
    op('append_int', op('get_cell', int(0))),
    op('msg_reply_data_append', op('data_certificate')),
    op('msg_reply'),
  );
  for (let i = 0; i < 5; i++) {
    const data = Buffer.from(await replied(world.replica.query({ canister, method: 'query', arg: seen })));
    const canisterId = Principal.fromText(canister);
    const certificate = await Certificate.create({
      certificate: Uint8Array.from(data.subarray(8)),
      rootKey: world.replica.rootKey,
      canisterId,
    });
    const found = certificate.lookup_path(['canister', canisterId.toUint8Array(), 'certified_data']);
    expect('value' in found && found.value[0]).toBe(48 + Number(data.readBigUInt64LE()));
  }
  await Promise.all(updates);
});
