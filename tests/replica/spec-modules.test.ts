// Which modules may be installed (specification, "Canister module format" and "WebAssembly module requirements"): one
// row for each rule, through install_code.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Principal } from '@icp-sdk/core/principal';
import { createReplica, type Replica } from '@tamc/replica';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileWat, createCanister, createWith, tryInstall } from '../harness/canisters.ts';
import { withCustomSection } from '../harness/custom-section.ts';
import { createTreeReader } from '../harness/state-tree.ts';

let replica: Replica;
beforeAll(async () => {
  replica = await createReplica({ memory: true, virtualTime: true });
});
afterAll(() => replica.close());

type Upload = string | Uint8Array | Promise<Uint8Array>;

const compiled = (upload: Upload) => (typeof upload === 'string' ? compileWat(upload) : upload);
const times = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');
const exported = (name: string, type = '') => `(module (func (export "${name}") ${type}))`;
const sections = async (...each: [name: string, content: string][]) =>
  each.reduce((wasm, [name, content]) => withCustomSection(wasm, name, content), await compileWat('(module)'));

const entryPoints = [
  'canister_init',
  'canister_inspect_message',
  'canister_pre_upgrade',
  'canister_post_upgrade',
  'canister_heartbeat',
  'canister_on_low_wasm_memory',
  'canister_global_timer',
  'canister_update x',
  'canister_query x',
  'canister_composite_query x',
];

const refused: readonly (readonly [what: string, upload: Upload, reason: RegExp])[] = [
  ['two memories [module.memory]', Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 1, 0, 1]), /memor/],
  ['an unknown function of ic0 [module.imports]', '(module (import "ic0" "new" (func)))', /'new' from 'ic0'/],
  ['a function of another module [module.imports]', '(module (import "env" "time" (func (result i64))))', /"env"/],
  ['a System API function of another type [module.imports]', '(module (import "ic0" "time" (func)))', /return type/],
  ['an imported memory [module.imports]', '(module (import "ic0" "memory" (memory 1)))', /Importing memory/],
  ['an imported global [module.imports]', '(module (import "ic0" "g" (global i32)))', /Importing globals/],
  ...entryPoints.map(
    (name) =>
      [
        `${name} with a result [module.entry-types]`,
        exported(name, '(result i32) unreachable'),
        /return type/,
      ] as const,
  ),
  ...entryPoints.map(
    (name) => [`${name} with a parameter [module.entry-types]`, exported(name, '(param i32)'), /params/] as const,
  ),
  [
    'a name as update and query [module.method-names]',
    '(module (func (export "canister_update x")) (func (export "canister_query x")))',
    /Duplicate function 'x'/,
  ],
  [
    'a name as query and composite query [module.method-names]',
    '(module (func (export "canister_query x")) (func (export "canister_composite_query x")))',
    /Duplicate function 'x'/,
  ],
  ['an unknown entry point [module.reserved-names]', exported('canister_later'), /reserved function 'canister_later'/],
  ['a method without the space [module.reserved-names]', exported('canister_updatex'), /reserved function/],
  [
    'one section public and private [module.custom-sections]',
    sections(['icp:public a', ''], ['icp:private a', '']),
    /already exists/,
  ],
  ['another section of icp: [module.custom-sections]', sections(['icp:secret a', '']), /public\/private scope/],
  [
    'more than 16 sections [module.limits]',
    sections(...Array.from({ length: 17 }, (_, i): [string, string] => [`icp:public ${i}`, ''])),
    /17 custom sections/,
  ],
  ['sections of more than 1 MiB [module.limits]', sections(['icp:public a', 'x'.repeat(1_048_576)]), /total size/],
  ['more than 50,000 functions [module.limits]', `(module ${times(50_001, () => '(func)')})`, /50001 functions/],
  [
    'more than 1,000 globals [module.limits]',
    `(module ${times(1_001, () => '(global i32 (i32.const 0))')})`,
    /1001 globals/,
  ],
  [
    'more than 1,000 methods [module.limits]',
    `(module (func $f) ${times(1_001, (i) => `(export "canister_update ${i}" (func $f))`)})`,
    /1001 which exceeds 1000/,
  ],
  [
    'names of more than 20,000 bytes [module.limits]',
    `(module (func $f) ${times(2, (i) => `(export "canister_update ${i}${'x'.repeat(10_000)}" (func $f))`)})`,
    /20002 which exceeds the allowed limit of 20000/,
  ],
  ['what is neither Wasm nor gzip [module.format]', Buffer.from('#!/bin/sh'), /unsupported canister module format/],
  ['nothing at all [module.format]', new Uint8Array(), /unsupported canister module format/],
  ['gzip of something else [module.gzip]', gzipSync('#!/bin/sh'.repeat(10)), /not valid/],
  ['gzip that is cut off [module.gzip]', gzipSync(Buffer.alloc(1000, 'x')).subarray(0, 20), /not valid/],
];

/** As on the main network: which canister, what kind of refusal (once), why; then, on a line of its own, advice. */
const refusalForm =
  /^Error from Canister [a-z0-9-]+: (Canister's Wasm module is not valid|Could not instrument wasm module of canister): (?!.*(not valid|instrument wasm)).*[^.](\.\n.+)?$/;

describe('a module is refused, and the canister stays empty, with', () => {
  it.each(refused)('%s', async (_, upload, reason) => {
    const canister = await createCanister(replica);
    const answer = await tryInstall(replica, canister, Uint8Array.from(await compiled(upload)));
    expect(answer).toMatchObject({ kind: 'rejected', code: 5, errorCode: 'IC0505' });
    expect(answer).toHaveProperty('message', expect.stringMatching(reason));
    expect(answer).toHaveProperty('message', expect.stringMatching(refusalForm));
    expect(await tryInstall(replica, canister, await compileWat('(module)'))).toMatchObject({ kind: 'replied' });
  });
});

const taken: readonly (readonly [what: string, upload: Upload])[] = [
  ['nothing in it [module.format]', '(module)'],
  [
    'every entry point [module.entry-types]',
    `(module (func $f) ${times(7, (i) => `(export "${entryPoints[i]}" (func $f))`)})`,
  ],
  [
    'a start function [module.start]',
    '(module (global $g (mut i32) (i32.const 0)) (func $f (global.set $g (i32.const 1))) (start $f))',
  ],
  [
    'a method without a name, and one with spaces [module.method-names]',
    '(module (func (export "canister_update ")) (func (export "canister_query a  b")))',
  ],
  [
    'other exports, memory among them [module.exports]',
    '(module (memory (export "memory") 1) (func (export "other") (param i64)))',
  ],
  [
    '16 sections of icp: and any others [module.limits]',
    sections(
      ['name of a tool', 'x'],
      ...Array.from({ length: 16 }, (_, i): [string, string] => [`icp:private ${i}`, 'x']),
    ),
  ],
  [
    '1,000 methods and globals [module.limits]',
    `(module (func $f) ${times(1_000, (i) => `(export "canister_update ${i}" (func $f)) (global i32 (i32.const 0))`)})`,
  ],
];

describe('a module is taken with', () => {
  it.each(taken)('%s', async (_, upload) => {
    const canister = await createCanister(replica);
    const answer = await tryInstall(replica, canister, Uint8Array.from(await compiled(upload)));
    expect(answer).toMatchObject({ kind: 'replied' });
  });

  it('gzip around it, and its hash is that of what was uploaded [module.gzip]', async () => {
    const wasm = await compileWat(`(module
      (import "ic0" "msg_reply" (func $reply))
      (func (export "canister_update x") (call $reply)))`);
    const uploaded = gzipSync(wasm);
    const canister = await createWith(replica, uploaded);
    expect(await replica.call({ canister, method: 'x' })).toMatchObject({ kind: 'replied' });
    const path = ['canister', Principal.fromText(canister).toUint8Array(), 'module_hash'];
    const at = await (await createTreeReader(replica)).read(canister, path);
    expect(Buffer.from(at(...path)!).toString('hex')).toBe(createHash('sha256').update(uploaded).digest('hex'));
  });
});
