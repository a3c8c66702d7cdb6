// Code and events of the registry on the replica, with real Wasm.

import { decode } from '@tamc/base/codec';
import { candidToEventsPage, envelopedCodec, firstCursor, followEvents } from '@tamc/protocol/events';
import { registryEvent } from '@tamc/protocol/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Built, buildStandIn, createRegistryWorld, governor, operator, type RegistryWorld } from './world.ts';

let world: RegistryWorld;
let first: Built;
let chunk_hashes: Uint8Array[];
beforeAll(async () => {
  world = await createRegistryWorld();
  first = await buildStandIn('index');
  chunk_hashes = await world.uploadChunks(first.wasm);
}, 120_000);
afterAll(() => world.close());

const approve = (changes: object, sender = governor) =>
  world.update(sender, 'approve_code', {
    kind: 'machine',
    version: '1',
    module_hash: first.hash,
    chunk_hashes,
    candid: first.candid,
    layout: first.layout,
    ...changes,
  });
const hashOf = (byte: number) => new Uint8Array(32).fill(byte);
const deep = (depth: number) => `service : { a : (${'vec '.repeat(depth)}nat) -> () }`;

describe('code', () => {
  it('is approved by the governor when its chunks are stored', async () => {
    expect(await approve({}, operator)).toMatchObject({ Err: { code: 'NotGovernor' } });
    expect(await approve({ chunk_hashes: [...chunk_hashes, hashOf(9)] })).toMatchObject({
      Err: { code: 'ChunksMissing', message: expect.stringMatching(/1 of 4 chunks are missing, first 0909/) },
    });
    expect(await approve({})).toMatchObject({ Ok: { standing: { approved: null } } });
    expect(await approve({})).toMatchObject({ Err: { code: 'CodeKnown' } });
    expect(await world.query('code_texts', first.hash)).toEqual([{ candid: first.candid, layout: first.layout }]);
  });

  it('with types as deep as the parser allows is read in the canister, and deeper ones are refused', async () => {
    expect(await approve({ module_hash: hashOf(1), candid: deep(99) })).toMatchObject({ Ok: { kind: 'machine' } });
    expect(await approve({ module_hash: hashOf(2), candid: deep(5_000) })).toMatchObject({
      Err: { code: 'CandidInvalid', message: expect.stringMatching(/nested too deeply/) },
    });
  });

  it('with an interface of the largest size is read within one message', async () => {
    const method = (i: number) =>
      `method_${i} : (record { amount : nat; to : opt text }) -> (variant { Ok; Err : text });\n`;
    const candid = `service : {\n${Array.from({ length: 2_800 }, (_, i) => method(i)).join('')}}`;
    expect(candid.length).toBeGreaterThan(240_000);
    expect(await approve({ module_hash: hashOf(3), candid })).toMatchObject({ Ok: { kind: 'machine' } });
  });
});

describe('events', () => {
  it('tell everything that happened, each chained to the one before, and the tip is certified', async () => {
    const answer = (await world.query('events', 0n, 100)) as Parameters<typeof candidToEventsPage>[0];
    const page = candidToEventsPage(answer);
    const followed = followEvents(firstCursor, page);
    expect(followed).toMatchObject({ ok: true, value: { next: page.next } });
    const codec = envelopedCodec(registryEvent);
    const kinds = page.events.map((bytes) => decode(codec, bytes).event.kind);
    expect(kinds.slice(0, 4)).toEqual(['RegistryOpened', 'CodeProposed', 'CodeRefused', 'CodeProposed']);
    expect(answer.certificate.length).toBe(1);
  });
});
