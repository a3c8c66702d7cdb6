import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../crypto/sha256.ts';
import { call, callFromCanister, expectRefusalTo, replyOf, setUpCanister, toAgent } from './driver-double.ts';
import { chunkStoreCountMax } from './limits.ts';
import { alice, bob, createWorldDouble, describeModule, nobodysId } from './world-double.ts';

const mebibyte = 1_048_576;

function setUp(more: Record<string, unknown> = {}) {
  const world = createWorldDouble();
  const canister = setUpCanister(world, more);
  const canister_id = toAgent(canister.id);
  const upload = (chunk: Uint8Array, caller = alice) => call(world, caller, 'upload_chunk', { canister_id, chunk });
  return { world, canister, canister_id, upload };
}

describe('upload_chunk', () => {
  it('keeps the chunk by its hash and charges for 200 million instructions [management.upload_chunk]', () => {
    const { canister, upload } = setUp();
    const before = canister.cycles;
    const chunk = textToBytes('chunk');
    expect(replyOf('upload_chunk', upload(chunk))).toEqual({ hash: sha256(chunk) });
    expect(canister.chunks).toEqual(new Map([[bytesToHex(sha256(chunk)), chunk]]));
    expect(before - canister.cycles).toBe(200_000_000n);
    expect(canister.burnedCycles.instructions).toBe(200_000_000n);
    expect(canister.version).toBe(0n);
  });

  it('keeps bytes of its own, not the message [management.upload_chunk]', () => {
    const { canister, upload } = setUp();
    upload(textToBytes('chunk'));
    expect([...canister.chunks.values()].map((chunk) => chunk.buffer.byteLength)).toEqual([5]);
  });

  it('is for controllers and the canister itself [management.upload_chunk.caller]', () => {
    const { world, canister, canister_id } = setUp();
    const chunk = textToBytes('chunk');
    expectRefusalTo(world, bob, 'upload_chunk', { canister_id, chunk }, 'canisterInvalidController');
    expect(callFromCanister(world, canister.id, 'upload_chunk', { canister_id, chunk })).toMatchObject({
      kind: 'replied',
    });
    expectRefusalTo(world, alice, 'upload_chunk', { canister_id: toAgent(nobodysId), chunk }, 'canisterNotFound');
  });

  it('takes 1 MiB and not a byte more [management.upload_chunk.size]', () => {
    const { world, canister_id, upload } = setUp();
    expect(upload(new Uint8Array(mebibyte))).toMatchObject({ kind: 'replied' });
    expect(upload(new Uint8Array(0))).toMatchObject({ kind: 'replied' });
    expectRefusalTo(
      world,
      alice,
      'upload_chunk',
      { canister_id, chunk: new Uint8Array(mebibyte + 1) },
      'canisterContractViolation',
      'Error from Wasm chunk store: Wasm chunk size 1048577 exceeds the maximum chunk size of 1048576.',
    );
  });

  it('holds 100 chunks; one that is there may come again [management.upload_chunk.count]', () => {
    const { world, canister, canister_id, upload } = setUp();
    for (let i = 0; i < chunkStoreCountMax; i++) upload(Uint8Array.of(i));
    expect(canister.chunks.size).toBe(100);
    const argument = { canister_id, chunk: Uint8Array.of(1, 2) };
    expectRefusalTo(
      world,
      alice,
      'upload_chunk',
      argument,
      'canisterContractViolation',
      /maximum number of entries, 100/,
    );
    expect(upload(Uint8Array.of(1))).toMatchObject({ kind: 'replied' });
    replyOf('clear_chunk_store', call(world, alice, 'clear_chunk_store', { canister_id }));
    expect(canister.chunks.size).toBe(0);
  });

  it('is refused to a canister that would freeze, down to the last cycle [management.upload_chunk.cycles]', () => {
    const { world, canister, canister_id, upload } = setUp();
    canister.cycles = 0n;
    const argument = { canister_id, chunk: textToBytes('chunk') };
    const reject = expectRefusalTo(world, alice, 'upload_chunk', argument, 'canisterContractViolation');
    const missing =
      /^Error from Wasm chunk store: Cannot upload chunk\. At least (\d+) additional cycles are required\.$/.exec(
        reject.message,
      );
    canister.cycles = BigInt(missing![1]!) - 1n;
    expectRefusalTo(world, alice, 'upload_chunk', argument, 'canisterContractViolation', /At least 1 additional/);
    canister.cycles++;
    expect(upload(argument.chunk)).toMatchObject({ kind: 'replied' });
  });
});

describe('stored_chunks and clear_chunk_store', () => {
  it('tell and forget the chunks, for controllers and the canister itself [management.stored_chunks]', () => {
    const { world, canister, canister_id, upload } = setUp();
    const chunks = ['a', 'b', 'c'].map(textToBytes);
    for (const chunk of chunks) upload(chunk);
    const stored = replyOf('stored_chunks', callFromCanister(world, canister.id, 'stored_chunks', { canister_id }));
    expect(stored).toHaveLength(3);
    expect(stored).toEqual(expect.arrayContaining(chunks.map((chunk) => ({ hash: sha256(chunk) }))));
    for (const method of ['stored_chunks', 'clear_chunk_store'] as const) {
      expectRefusalTo(world, bob, method, { canister_id }, 'canisterInvalidController');
    }
    callFromCanister(world, canister.id, 'clear_chunk_store', { canister_id });
    expect(replyOf('stored_chunks', call(world, alice, 'stored_chunks', { canister_id }))).toEqual([]);
  });
});

describe('install_chunked_code', () => {
  const module = describeModule({ heapPages: 3 });
  const parts = [module.slice(0, 7), module.slice(7, 8), module.slice(8)];
  const hashes = parts.map((part) => ({ hash: sha256(part) }));

  function setUpChunks() {
    const setup = setUp();
    for (const part of parts) setup.upload(part);
    const target = setUpCanister(setup.world);
    const argument = {
      mode: { install: null },
      target_canister: toAgent(target.id),
      store_canister: setup.canister_id,
      chunk_hashes_list: hashes,
      wasm_module_hash: sha256(module),
      arg: [],
    };
    return { ...setup, target, argument };
  }

  it('joins the chunks of another canister and installs them [management.install_chunked_code]', () => {
    const { world, target, argument } = setUpChunks();
    const outcome = call(world, alice, 'install_chunked_code', argument);
    expect(outcome).toMatchObject({ kind: 'replied', touched: [target.id] });
    expect(target.code).toMatchObject({ moduleHash: bytesToHex(sha256(module)), heap: { sizePages: 3 } });
    expect(target.history.at(-1)?.details).toMatchObject({ kind: 'codeDeployment', mode: 'install' });
  });

  it('takes the chunks of the target when no store is named [management.install_chunked_code]', () => {
    const { world, canister, canister_id, argument } = setUpChunks();
    const own = { ...argument, target_canister: canister_id, store_canister: undefined };
    expect(call(world, alice, 'install_chunked_code', own)).toMatchObject({ kind: 'replied' });
    expect(canister.code).not.toBeNull();
  });

  it('checks the hash of the whole and of each part [management.install_chunked_code.hashes]', () => {
    const { world, argument } = setUpChunks();
    const refuse = (change: object, text: RegExp) =>
      expectRefusalTo(
        world,
        alice,
        'install_chunked_code',
        { ...argument, ...change },
        'canisterContractViolation',
        text,
      );
    refuse({ wasm_module_hash: sha256(parts[0]!) }, /does not match given hash/);
    refuse({ wasm_module_hash: [] }, /does not match given hash/);
    refuse({ chunk_hashes_list: [hashes[1], hashes[0], hashes[2]] }, /does not match given hash/);
    refuse({ chunk_hashes_list: [] }, /does not match given hash/);
    refuse({ chunk_hashes_list: [{ hash: sha256(module) }] }, /was not found/);
    refuse({ chunk_hashes_list: [{ hash: [1] }] }, /was not found/);
  });

  it('names at most as many chunks as a store holds [management.install_chunked_code.count]', () => {
    const { world, argument } = setUpChunks();
    const many = { ...argument, chunk_hashes_list: Array.from({ length: 101 }, () => hashes[0]) };
    expectRefusalTo(world, alice, 'install_chunked_code', many, 'canisterContractViolation', /at most 100 chunks/);
  });

  it('is for controllers of the target who may use the store [management.install_chunked_code.caller]', () => {
    const { world, canister, target, argument } = setUpChunks();
    const refuseBob = () =>
      expectRefusalTo(world, bob, 'install_chunked_code', argument, 'canisterInvalidController').message;
    expect(refuseBob()).toContain(`${toAgent(target.id)}`);
    target.controllers.push(bob);
    expect(refuseBob()).toContain(`${toAgent(canister.id)}`);
    canister.controllers.push(bob);
    expect(call(world, bob, 'install_chunked_code', argument)).toMatchObject({ kind: 'replied' });
  });

  it('lets a canister use its own store for a canister that it controls [management.install_chunked_code.caller]', () => {
    const { world, canister, target, argument } = setUpChunks();
    target.controllers.push(canister.id);
    expect(callFromCanister(world, canister.id, 'install_chunked_code', argument)).toMatchObject({ kind: 'replied' });
  });

  it('is refused when the store does not exist [management.install_chunked_code.caller]', () => {
    const { world, argument } = setUpChunks();
    const elsewhere = { ...argument, store_canister: toAgent(nobodysId) };
    expectRefusalTo(world, alice, 'install_chunked_code', elsewhere, 'canisterContractViolation', /Store canister/);
  });
});
