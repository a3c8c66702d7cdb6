// Canisters with 64-bit memories over their whole life, on a Node that can run them: growth, rollback, restart, eviction.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, describe, expect, it } from 'vitest';
import { compileWat, createCanister, install } from '../harness/canisters.ts';

function has64BitMemory(): boolean {
  // A module with one 64-bit memory of a page.
  return WebAssembly.validate(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 1));
}

const text = `(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "trap" (func $trap (param i64 i64)))
  (import "ic0" "msg_reply_data_append" (func $append (param i64 i64)))
  (memory i64 1)
  (func (export "canister_update grow")
    (drop (memory.grow (i64.const 40)))
    (i64.store (i64.const 2000000) (i64.add (i64.load (i64.const 2000000)) (i64.const 7)))
    (call $append (i64.const 2000000) (i64.const 1)) (call $reply))
  (func (export "canister_update fail")
    (drop (memory.grow (i64.const 40)))
    (i64.store (i64.const 2000000) (i64.const 99))
    (call $trap (i64.const 0) (i64.const 1)))
  (func $down (param i32)
    (if (local.get 0)
      (then (call $down (i32.sub (local.get 0) (i32.const 1))))
      (else
        (drop (memory.grow (i64.const 30)))
        (i64.store (i64.const 2000000) (i64.add (i64.load (i64.const 2000000)) (i64.const 1))))))
  (func (export "canister_update deep")
    (call $down (i32.const 60000))
    (call $append (i64.const 2000000) (i64.const 1)) (call $reply))
  (func (export "canister_query look")
    (call $append (i64.const 2000000) (i64.const 1)) (call $reply)))`;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function call(replica: Replica, canister: string, method: string): Promise<string> {
  const answer = await replica.call({ canister, method, arg: new Uint8Array(0) });
  return answer.kind === 'replied' ? String(answer.data[0]) : answer.kind;
}

describe.skipIf(!has64BitMemory())('a canister with a 64-bit memory', () => {
  it('[module.wasm64] grows, rolls back, and is the same after a restart and in another instance', async () => {
    const store = mkdtempSync(join(tmpdir(), 'wasm64-'));
    folders.push(store);
    const wasm = await compileWat(text);
    const first = await createReplica({ store });
    const [one, two] = [await createCanister(first), await createCanister(first)];
    for (const canister of [one, two]) await install(first, canister, wasm);
    expect(await call(first, one, 'grow')).toBe('7');
    expect(await call(first, one, 'fail')).toBe('rejected');
    expect(await call(first, one, 'grow')).toBe('14');
    // Small memories and large ones take turns in the instances of one module.
    expect(await call(first, two, 'grow')).toBe('7');
    expect(await call(first, one, 'look')).toBe('14');
    // Deeper than the stack of the program's own thread.
    expect(await call(first, one, 'deep')).toBe('15');
    const hash = first.stateHash();
    await first.close();
    const again = await createReplica({ store });
    expect(again.stateHash()).toBe(hash);
    expect(await call(again, two, 'look')).toBe('7');
    expect(await call(again, one, 'grow')).toBe('22');
    expect(await call(again, two, 'deep')).toBe('8');
    await again.close();
  });
});
