// `tamc call` against a bare replica: the management canister, a canister that carries no interface, and wrong addresses.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex } from '@tamc/base/bytes';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileWat } from './harness/canisters.ts';
import { type MemoryReplica, startMemoryReplica, tamc } from './program.ts';

let replica: MemoryReplica;
let folder = '';
let url = '';

beforeAll(async () => {
  replica = await startMemoryReplica();
  ({ folder, url } = replica);
});
afterAll(() => replica.stop());

const call = (...words: string[]) => tamc('call', '--url', url, '--store', folder, ...words);

async function manage(method: string, argument: object) {
  const { code, output } = await call('aaaaa-aa', method, JSON.stringify(argument), '--json');
  expect(code, output).toBe(0);
  return JSON.parse(output)[0];
}

/** Answers every query with the Candid of a nat, 42. */
const plain = `(module
  (import "ic0" "msg_reply" (func $reply)) (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (memory 1) (data (i32.const 0) "DIDL\\00\\01\\7d\\2a")
  (func (export "canister_query answer") (call $append (i32.const 0) (i32.const 8)) (call $reply)))`;

it('the management canister is called as any other: a canister is made, gets code and tells its state', async () => {
  const { canister_id } = await manage('provisional_create_canister_with_cycles', { amount: '1000000000000000' });
  const wasm_module = bytesToHex(await compileWat(plain));
  await manage('install_code', { mode: 'install', canister_id, wasm_module, arg: '' });
  expect(await manage('canister_status', { canister_id })).toMatchObject({ status: { running: null } });
  await manage('update_settings', { canister_id, settings: { freezing_threshold: '0' } });
  expect(await manage('fetch_canister_logs', { canister_id })).toEqual({ canister_log_records: [] });

  const without = await call(canister_id, 'answer');
  expect(without).toMatchObject({
    code: 1,
    output: expect.stringMatching(/no Candid interface\.\n {2}→ .*--candid FILE/),
  });
  const did = join(folder, 'plain.did');
  writeFileSync(did, 'service : { answer : () -> (nat) query }');
  expect(await call(canister_id, 'answer', '--candid', did)).toEqual({ code: 0, output: '(42)\n' });
  writeFileSync(did, 'service');
  expect((await call(canister_id, 'answer', '--candid', did)).output).toMatch(
    /is no Candid interface: .*\n {2}→ Give the \.did/,
  );
});

it('what is wrong with an address or a canister is told with the next step', async () => {
  for (const address of ['nope', 'localhost:4943', 'http://'])
    expect(await tamc('call', 'aaaaa-aa', 'canister_status', '--url', address, '--store', folder)).toEqual({
      code: 1,
      output: `tamc: "${address}" is not the address of a network.\n  → Write it like http://127.0.0.1:4943.\n`,
    });
  expect((await call('aaaaa-aa', 'raw_rand')).output).toMatch(
    /has no method "raw_rand"\.\n {2}→ It has: provisional_create/,
  );
  expect((await call('aaaaa-aa', 'canister_status', '--candid', join(folder, 'none'))).output).toMatch(
    /ENOENT.*\n {2}→ Check/,
  );
});
