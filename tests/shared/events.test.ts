// The event log of a canister in Wasm, read and checked as a client does: chain, witness, certificate.
import { Cbor, Certificate, type HashTree, lookup_path, reconstruct } from '@dfinity/agent';
import { Principal } from '@dfinity/principal';
import { textToBytes } from '@tamc/base/bytes';
import { candidToEventsPage, firstCursor, followEvents, isAtTip, parseEventTip } from '@tamc/protocol/events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reply } from '../harness/program.ts';
import { createTestWorld, type TestWorld } from '../harness/world.ts';
import { createProbe, type Probe } from './probe.ts';

let world: TestWorld;
beforeAll(async () => {
  // The public client compares the time of a certificate with the machine's, and a build before may take minutes.
  world = await createTestWorld({ virtualTime: false });
});
afterAll(() => world.close());

async function certifiedTip(probe: Probe) {
  const page = await probe.events(0, 0);
  const canisterId = Principal.fromText(probe.canister);
  const certificate = await Certificate.create({
    certificate: Uint8Array.from(page.certificate[0]!),
    rootKey: world.replica.rootKey,
    canisterId,
  });
  const witness = Cbor.decode<HashTree>(Uint8Array.from(page.witness));
  const certified = certificate.lookup_path(['canister', canisterId.toUint8Array(), 'certified_data']);
  expect('value' in certified && certified.value).toEqual(await reconstruct(witness));
  const leaf = (label: string) => {
    const found = lookup_path([textToBytes(label)], witness);
    return 'value' in found ? (found.value as Uint8Array) : null;
  };
  const [index, hash] = [leaf('last_event_index'), leaf('last_event_hash')];
  return index === null || hash === null ? null : parseEventTip(index, hash);
}

it('is certified from the first message on, and read page by page up to the certified tip, also after an upgrade', async () => {
  const probe = await createProbe(world);
  const callee = await world.create();
  expect(await certifiedTip(probe)).toBeNull();
  for (let i = 0; i < 3; i++) await probe.sendOnce(`c${i}`, { id: `call ${i}`, callee, argument: reply('yes') });
  await probe.upgrade();
  const tip = await certifiedTip(probe);
  expect(tip?.index).toBe(5);
  let cursor = firstCursor;
  for (let pages = 0; pages < 3; pages++) {
    const followed = followEvents(cursor, candidToEventsPage(await probe.events(cursor.next, 2)));
    if (!followed.ok) throw new Error(JSON.stringify(followed.error));
    cursor = followed.value;
  }
  expect(isAtTip(cursor, tip!)).toBe(true);
});

it('does not move when a message is refused or traps', async () => {
  const probe = await createProbe(world);
  const callee = await world.create();
  await probe.sendOnce('c1', { id: 'a', callee, argument: reply('yes') });
  const before = await certifiedTip(probe);
  expect(await probe.send({ id: 'refuse', callee })).toMatchObject({ Err: { code: 'Unwilling' } });
  await probe.runRaw(Buffer.from('no operations'));
  expect(await certifiedTip(probe)).toEqual(before);
});

it('oversized arguments are not taken in', async () => {
  const probe = await createProbe(world);
  const argument = new Uint8Array(70_000);
  await expect(probe.send({ id: 'a', callee: probe.canister, argument })).rejects.toThrow(/ArgumentTooLong/);
  expect(await probe.settled('a')).toBe('nothing 0');
});
