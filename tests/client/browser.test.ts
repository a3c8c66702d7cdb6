// The client in a browser: bundled as a page would load it, as a module and as a plain script, and run before a real replica by a
// program that has what browsers have and nothing of Node.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bytesToHex } from '@tamc/base/bytes';
import { createReplica, type Replica } from '@tamc/replica';
import { build, type Format } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileWat } from '../harness/canisters.ts';

const folder = mkdtempSync(join(tmpdir(), 'tamc-browser-'));
let replica: Replica;
let url: string;
let wasm: string;
beforeAll(async () => {
  replica = await createReplica({ memory: true });
  ({ url } = await replica.listen({ port: 0 }));
  wasm = bytesToHex(await compileWat(answersFive));
});
afterAll(async () => {
  await replica.close();
  rmSync(folder, { recursive: true });
});

/** `DIDL`, no types, one nat: 5. */
const answersFive = `(module
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (memory 1)
  (data (i32.const 0) "DIDL\\00\\01\\7d\\05")
  (func (export "canister_query five") (call $append (i32.const 0) (i32.const 8)) (call $reply)))`;

/** What a page does with the client: a key that is kept, an update, a certified fact and a signed query. */
const page = `
import { IDL } from '@dfinity/candid';
import { parseHex } from '@tamc/base/bytes';
import { bindService, connect, createIdentity, createManagement, openIdentity, queryMethod, sealIdentity } from '@tamc/client';

const sure = (result) => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
globalThis.live = async (url, wasm) => {
  const made = createIdentity();
  const identity = sure(await openIdentity(await sealIdentity(made, 'correct horse'), 'correct horse'));
  const connection = sure(await connect({ url, identity }));
  const management = createManagement(connection);
  const canister = sure(await management.createWithCycles(1_000_000_000_000n));
  sure(await management.install(canister, 'install', parseHex(wasm), new Uint8Array()));
  const hash = sure(await connection.read(canister, ['module_hash']));
  const { five } = bindService(connection, canister, { five: queryMethod([], IDL.Nat) });
  const isSame = identity.getPrincipal().toText() === made.getPrincipal().toText();
  return { isSame, hashLength: hash.length, five: String(sure(await five())) };
};`;

/** Loads the page's script after everything is gone that only Node has. */
const browser = `
const { readFileSync } = require('node:fs');
const { runInThisContext } = require('node:vm');
const { pathToFileURL } = require('node:url');
const [script, url, wasm] = process.argv.slice(2);
const isModule = script.endsWith('.mjs');
const text = readFileSync(script, 'utf8');
const { log } = console;
(async () => {
  // Node loads its own way of fetching at the first use, and from what is taken away here.
  await fetch(url + '/api/v2/status');
  for (const name of ['process', 'global', 'setImmediate']) delete globalThis[name];
  // Node's way of fetching goes on to need this one: only who asks for it from the page is refused.
  const { Buffer } = globalThis;
  const get = () => {
    if (new Error().stack.split('\\n')[2].includes(script)) throw new ReferenceError('Buffer is not defined');
    return Buffer;
  };
  Object.defineProperty(globalThis, 'Buffer', { get });
  if (isModule) await import(pathToFileURL(script));
  else runInThisContext(text, { filename: script });
  log(JSON.stringify(await globalThis.live(url, wasm)));
})();
`;

async function bundled(format: Format): Promise<string> {
  const outfile = join(folder, format === 'esm' ? 'page.mjs' : 'page.js');
  await build({
    stdin: { contents: page, resolveDir: import.meta.dirname, loader: 'ts' },
    outfile,
    bundle: true,
    format,
    platform: 'browser',
    target: 'es2023',
    logLevel: 'silent',
  });
  return outfile;
}

describe.each<Format>(['esm', 'iife'])('the client as %s', (format) => {
  it('holds nothing of Node, and works in a browser', async () => {
    const script = await bundled(format);
    expect(readFileSync(script, 'utf8')).not.toContain('node:');
    const runner = join(folder, 'browser.cjs');
    writeFileSync(runner, browser);
    const ran = await promisify(execFile)(process.execPath, [runner, script, url, wasm]);
    expect(JSON.parse(ran.stdout)).toEqual({ isSame: true, hashLength: 32, five: '5' });
    expect(ran.stderr).toBe('');
  }, 60_000);
});
