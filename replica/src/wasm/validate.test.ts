// Each rule of the Internet Computer for modules, with a module that keeps it and one that breaks it, and DFINITY's words.

import { textToBytes } from '@tamc/base/bytes';
import { describe, expect, it } from 'vitest';
import { detectFeatures } from './features.ts';
import { parseWat, prepareBytes, prepareWat, refusalOf } from './testing.ts';

const prefix = "Canister's Wasm module is not valid: ";

const accepts = async (text: string) => expect((await prepareWat(text)).rewritten.length).toBeGreaterThan(8);

async function refuses(text: string, reason: string): Promise<void> {
  expect(await refusalOf(text)).toContain(reason);
}

describe('imports', () => {
  it('[module.imports] are functions of ic0 that exist, with their types', async () => {
    await accepts('(module (import "ic0" "msg_reply" (func)))');
    await refuses(
      '(module (import "ic0" "my_call_perform" (func (result i32))))',
      `${prefix}Wasm module has an invalid import section. Module imports function 'my_call_perform' from 'ic0' that is not exported by the runtime.`,
    );
    await refuses(
      '(module (import "env" "msg_reply" (func)))',
      'Module imports function "msg_reply" from "env", expected to be imported from one of ["ic0"] instead.',
    );
    await refuses(
      '(module (import "ic0" "msg_reply" (func (param i64 i32))))',
      `${prefix}Wasm module has an invalid function signature. Expected input params [] for 'msg_reply', got [I64, I32].`,
    );
    await refuses(
      '(module (import "ic0" "answer" (func (param i32 i64))))',
      "Expected return type [I64] for 'answer', got [].",
    );
  });

  it.each([
    ['globals', '(global i64)'],
    ['memory', '(memory 1)'],
    ['tables', '(table 1 funcref)'],
  ])('[module.imports] are never %s', async (what, entry) => {
    await refuses(`(module (import "env" "x" ${entry}))`, `invalid import section. Importing ${what} is not allowed.`);
  });
});

describe('exports', () => {
  const entryPoints = [
    'canister_init',
    'canister_inspect_message',
    'canister_heartbeat',
    'canister_global_timer',
    'canister_on_low_wasm_memory',
    'canister_update upd',
    'canister_query que',
    'canister_composite_query cq',
    'canister_pre_upgrade',
    'canister_post_upgrade',
  ];

  it.each(entryPoints)('[module.exports] of %s have neither parameters nor results', async (name) => {
    await accepts(`(module (func (export "${name}")))`);
    await refuses(
      `(module (func (export "${name}") (result i32) (i32.const 1)))`,
      `${prefix}Wasm module has an invalid function signature. Expected return type [] for '${name}', got [I32].`,
    );
    await refuses(
      `(module (func (export "${name}") (param i32)))`,
      `Expected input params [] for '${name}', got [I32].`,
    );
  });

  it.each(['canister_callback read', 'canister_query', 'canister_bar', 'canister_update'])(
    '[module.exports] that begin with canister_ are known: %s is not',
    async (name) => {
      await refuses(
        `(module (func (export "${name}")))`,
        `${prefix}Wasm module has an invalid export section. Exporting reserved function '${name}' with "canister_" prefix`,
      );
    },
  );

  it('[module.exports] may be named otherwise, and other things may be named canister_', async () => {
    await accepts('(module (func (export "helper") (param i32)) (memory (export "canister_memory") 1))');
  });

  it('[module.exports] of methods take everything behind one space as the name', async () => {
    const prepared = await prepareWat(`(module (func $f) (export "canister_query " (func $f))
      (export "canister_update name with spaces" (func $f)) (export "canister_composite_query  x" (func $f))
      (export "canister_query two\\0alines" (func $f)))`);
    expect([...prepared.methods]).toEqual([
      ['', 'query'],
      ['name with spaces', 'update'],
      [' x', 'composite_query'],
      ['two\nlines', 'query'],
    ]);
  });

  it.each([
    ['update', 'query'],
    ['update', 'composite_query'],
    ['query', 'composite_query'],
  ])('[module.exports] name a method once over %s and %s', async (first, second) => {
    await refuses(
      `(module (func $f) (export "canister_${first} read" (func $f)) (export "canister_${second} read" (func $f)))`,
      `${prefix}Duplicate function 'read' exported multiple times with different call types: update, query, or composite_query.`,
    );
  });

  it.each(['canister counter_instructions', 'canister_start', 'stable_memory', 'tamc fuel'])(
    '[module.exports] do not use the reserved name %s',
    async (name) => {
      const reason = `Exporting reserved symbol ${name} not allowed.`;
      await refuses(`(module (func (export "${name}")))`, reason);
      await refuses(`(module (global (export "${name}") (mut i32) (i32.const 0)))`, reason);
    },
  );

  it('[module.limits] are at most 1,000 methods', async () => {
    const kinds = ['update', 'query', 'composite_query'];
    const methods = (count: number) =>
      Array.from({ length: count }, (_, i) => `(export "canister_${kinds[i % 3]} m${i}" (func $f))`).join('\n');
    await accepts(`(module (func $f) ${methods(1000)})`);
    await refuses(
      `(module (func $f) ${methods(1001)})`,
      'The number of exported functions called `canister_update <name>`, `canister_query <name>`, or `canister_composite_query <name>` is 1001 which exceeds 1000.',
    );
  });

  it('[module.limits] have names of at most 20,000 bytes together', async () => {
    const methods = (length: number) => `(module (func $f) (export "canister_update ${'a'.repeat(6666)}" (func $f))
      (export "canister_query ${'b'.repeat(6667)}" (func $f))
      (export "canister_composite_query ${'c'.repeat(length - 13333)}" (func $f)))`;
    await accepts(methods(20_000));
    await refuses(methods(20_001), 'is 20001 which exceeds the allowed limit of 20000.');
  });
});

describe('the size of a module', () => {
  it('[module.limits] is at most 50,000 functions', async () => {
    await accepts(`(module ${'(func)'.repeat(50_000)})`);
    await refuses(
      `(module ${'(func)'.repeat(50_001)})`,
      `${prefix}Wasm module defined 50001 functions which exceeds the maximum number allowed 50000.`,
    );
  });

  it('[module.limits] is at most 1,000 globals', async () => {
    await accepts(`(module ${'(global i32 (i32.const 0))'.repeat(1000)})`);
    await refuses(
      `(module ${'(global (mut i32) (i32.const 0))'.repeat(1001)})`,
      `${prefix}Wasm module defined 1001 globals which exceeds the maximum number allowed 1000.`,
    );
  });

  it('[module.complexity] of a function is at most 1,000,000', async () => {
    await accepts(`(module (func ${'(loop)'.repeat(19_607)}))`);
    await refuses(
      `(module (func) (func ${'(loop)'.repeat(20_001)}))`,
      `${prefix}Wasm module contains a function at index 1 with complexity 1020052 which exceeds the maximum complexity allowed 1000000.`,
    );
  });

  it('[module.limits] is at most 10 MiB of code', () => {
    const body = (length: number) => [...leb(length), 0, ...Array<number>(length - 2).fill(1), 11];
    const code = [...leb(2), ...body(5_300_000), ...body(5_300_000)];
    const bytes = moduleBytes([1, [1, 0x60, 0, 0]], [3, [2, 0, 0]], [10, code]);
    expect(reasonOf(bytes)).toContain(
      'Wasm module code section size of 10600008 exceeds the maximum allowed size of 10485760.',
    );
  });

  it('[module.limits] of a function is at most 1,000,000 instructions', () => {
    // 250,000 times: block, end with complexity 51 would be too complex; constants and drops count 1 each.
    const instructions = Array.from({ length: 500_001 }, () => [0x41, 0, 0x1a]).flat();
    const length = instructions.length + 2;
    const bytes = moduleBytes([1, [1, 0x60, 0, 0]], [3, [1, 0]], [10, [1, ...leb(length), 0, ...instructions, 11]]);
    expect(reasonOf(bytes)).toMatch(/function at index 0 (with complexity 1000003|of size 1000003)/);
  });
});

describe('custom sections', () => {
  const withSections = (...sections: [string, string][]) =>
    prepareBytes(
      moduleBytes(...sections.map(([name, content]): [number, number[]] => [0, customSection(name, content)])),
    );

  it('[module.custom-sections] named icp:public or icp:private become metadata, others do not', () => {
    const prepared = withSections(
      ['icp:private name1', 'ab'],
      ['icp:public ', 'c'],
      ['name3', 'd'],
      ['icp:public a  b', ''],
      ['ic:x', ''],
    );
    expect(
      prepared.ok &&
        prepared.value.customSections.map(({ name, visibility, content }) => [
          name,
          visibility,
          Buffer.from(content).toString(),
        ]),
    ).toEqual([
      ['name1', 'private', 'ab'],
      ['', 'public', 'c'],
      ['a  b', 'public', ''],
    ]);
  });

  it.each([
    ['icp:mine x', "Invalid custom section: Custom section 'icp:mine x' has no public/private scope defined."],
    ['icp:public', "'icp:' section names must have a space after the public/private scope"],
    ['icp:', "Invalid custom section: Custom section 'icp:' has no public/private scope defined."],
  ])('[module.custom-sections] named %s are refused', (name, reason) => {
    const prepared = withSections([name, 'y']);
    expect(prepared.ok ? '' : prepared.error.message).toBe(
      `${prefix}Wasm module has an invalid custom section. ${reason}`,
    );
  });

  it('[module.custom-sections] have a name once, whether public or private', () => {
    const prepared = withSections(['icp:public x', 'a'], ['icp:private x', 'b']);
    expect(prepared.ok ? '' : prepared.error.message).toContain('Invalid custom section: name x already exists');
  });

  it('[module.limits] are at most 16, not counting others', () => {
    const sections = (count: number) => [
      ...Array.from({ length: count }, (_, i): [string, string] => [`icp:public c${i}`, `x${i}`]),
      ...Array.from({ length: 16 }, (_, i): [string, string] => [`ic:public c${i}`, '']),
    ];
    expect(withSections(...sections(16)).ok).toBe(true);
    for (const count of [17, 40]) {
      const prepared = withSections(...sections(count));
      expect(prepared.ok ? '' : prepared.error.message).toContain(
        'Wasm module defined 17 custom sections which exceeds the maximum number allowed 16.',
      );
    }
  });

  it('[module.limits] are at most 1 MiB together, names included', () => {
    const half = 'a'.repeat(2 ** 19 - 1);
    expect(withSections(['icp:private x', half], ['icp:public y', half]).ok).toBe(true);
    const prepared = withSections(['icp:private x', half], ['icp:public y', `${half}a`]);
    expect(prepared.ok ? '' : prepared.error.message).toContain(
      'total size of the custom sections exceeds the maximum allowed: size 1048577 bytes, allowed 1048576 bytes',
    );
  });

  it('[module.custom-sections] have names in UTF-8', () => {
    const prepared = prepareBytes(moduleBytes([0, [2, 0xc3, 0x28]]));
    expect(prepared.ok ? '' : prepared.error.message).toContain('malformed UTF-8 encoding');
  });
});

describe('features that the Internet Computer does not have', () => {
  it.each([
    ['shared memory', '(module (memory 1 2 shared))', 'threads must be enabled'],
    ['two memories', '(module (memory 1) (memory 1))', 'multiple memories'],
    [
      'computed constants',
      '(module (global i32 (i32.add (i32.const 1) (i32.const 2))))',
      'constant expression required',
    ],
    ['globals with references', '(module (global funcref (ref.null func)))', 'Unsupported global type: funcref'],
    ['exceptions', '(module (tag))', 'unsupported section 13'],
    [
      'atomic instructions',
      '(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))',
      'unsupported instruction 0xfe',
    ],
  ])('[module.features] are refused: %s', async (_, text, reason) => {
    const message = await parseWat(text).then(
      (bytes) => reasonOf(bytes),
      // The parser of the text has refused it already: write the smallest module by hand.
      () => reasonOf(handWritten(text)),
    );
    expect(message).toContain(reason);
  });

  it.each(['table.set', 'table.grow', 'table.fill', 'table.copy', 'table.init'])(
    '[module.features] are refused: %s, because tables do not outlive an execution',
    async (name) => {
      const text = {
        'table.set': '(table.set $t (i32.const 0) (ref.null func))',
        'table.grow': '(drop (table.grow $t (ref.null func) (i32.const 1)))',
        'table.fill': '(table.fill $t (i32.const 0) (ref.null func) (i32.const 1))',
        'table.copy': '(table.copy $t $t (i32.const 0) (i32.const 0) (i32.const 1))',
        'table.init': '(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1))',
      }[name];
      await refuses(
        `(module (table $t 2 funcref) (elem $e funcref (ref.null func)) (func) (func ${text}))`,
        `${prefix}Wasm module contains a function at index 1 with unsupported instruction ${name}.`,
      );
    },
  );

  it('[module.features] are refused when only a newer V8 knows them', () => {
    // (func (drop (i32x4.relaxed_trunc_f32x4_s (v128.const 0))))
    const relaxed = functionModule([0xfd, 12, ...Array<number>(16).fill(0), 0xfd, 0x81, 0x02, 0x1a]);
    expect(reasonOf(relaxed)).toMatch(/unsupported instruction 0xfd 101|simd opcode not available|[Ii]nvalid/);
    // (type (struct))
    expect(reasonOf(moduleBytes([1, [1, 0x5f, 1, 0x7f, 0]]))).toContain('unsupported type form 0x5f');
    // (func (block (result (ref null func)) unreachable) drop)
    expect(reasonOf(functionModule([2, 0x63, 0x70, 0, 11, 0x1a]))).toMatch(/unsupported|expected|invalid value type/);
  });

  it('[module.features] are accepted: sign extension, tail calls, several values, vectors, bulk memory, references', async () => {
    await accepts(`(module (memory 1) (table 1 externref) (func $two (result i32 i32) (i32.const 1) (i32.const 2))
      (func (result i32 i32) (return_call $two))
      (func (drop (i32.extend8_s (i32.const 200))) (drop (v128.const i64x2 1 2)) (drop (table.get (i32.const 0)))
        (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)) (drop (i32.trunc_sat_f32_s (f32.const 1)))))`);
  });
});

describe('memory and tables', () => {
  it('[module.data] must lie inside the initial memory', async () => {
    await accepts('(module (memory 1) (data (i32.const 65533) "abc"))');
    const refusal = await refusalOf('(module (memory 1) (data (i32.const 65534) "abc"))');
    expect(refusal).toBe(
      'Could not instrument wasm module of canister: Wasm module has invalid data segment of 3 bytes at 65534',
    );
    await refuses('(module (memory 1) (data (i32.const -1) ""))', 'invalid data segment of 0 bytes at 4294967295');
  });

  it('[module.tables] must hold their element segments, and stay below a million entries', async () => {
    await accepts('(module (table 2 funcref) (func $f) (elem (i32.const 1) $f))');
    await refuses('(module (table 2 funcref) (func $f) (elem (i32.const 2) $f))', 'element segment of 1 items at 2');
    await refuses(
      '(module (table 600000 funcref) (table 600000 funcref))',
      'tables of 1200000 entries exceed the limit of 1000000',
    );
  });

  it('[memory.limit] of 4 GiB less the map is what a module may begin with', async () => {
    await accepts('(module (memory 65519))');
    await refuses(
      '(module (memory 65520))',
      'Wasm module defined memory size of 65520 pages exceeds the maximum allowed size of 65519 pages.',
    );
  });

  it('[module.wasm64] needs a Node that can: otherwise the refusal says which', async () => {
    const { memory64, table64 } = detectFeatures();
    const bytes = await parseWat('(module (memory i64 1) (func (drop (memory.size))))');
    if (memory64) expect(prepareBytes(bytes).ok).toBe(true);
    else expect(reasonOf(bytes)).toContain('needs Node 22 or newer');
    const withTable = moduleBytes([4, [1, 0x70, 4, 1]]);
    if (table64) expect(prepareBytes(withTable).ok).toBe(true);
    else expect(reasonOf(withTable)).toContain('needs Node 24 or newer');
  });
});

describe('WebAssembly itself', () => {
  it.each([
    ['a wrong type', '(module (func (result i32) (i64.const 1)))'],
    ['an unknown local', '(module (func (drop (local.get 3))))'],
    ['an immutable global that is set', '(module (global $g i32 (i32.const 0)) (func (global.set $g (i32.const 1))))'],
    ['a load without memory', '(module (func (drop (i32.load (i32.const 0)))))'],
    ['an export twice', '(module (func $f) (export "a" (func $f)) (export "a" (func $f)))'],
  ])('[module.valid] must be valid: %s is refused', async (_, text) => {
    const reason = 'Wasmtime failed to validate wasm module wasmtime::Module::validate() failed with ';
    expect(await refusalOf(text)).toContain(`${prefix}${reason}WebAssembly.Module()`);
  });
});

function reasonOf(bytes: Uint8Array): string {
  const prepared = prepareBytes(bytes);
  return prepared.ok ? 'accepted' : prepared.error.message;
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function moduleBytes(...sections: [id: number, content: number[]][]): Uint8Array {
  const parts = sections.map(([id, content]) => Uint8Array.from([id, ...leb(content.length), ...content]));
  return new Uint8Array(Buffer.concat([Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), ...parts]));
}

function customSection(name: string, content: string): number[] {
  const bytes = textToBytes(name);
  return [...leb(bytes.length), ...bytes, ...textToBytes(content)];
}

/** One function () -> () with this code. */
function functionModule(instructions: number[]): Uint8Array {
  const body = [0, ...instructions, 11];
  return moduleBytes([1, [1, 0x60, 0, 0]], [3, [1, 0]], [10, [1, ...leb(body.length), ...body]]);
}

function handWritten(text: string): Uint8Array {
  if (text.includes('two') || text.includes('(memory 1) (memory 1)')) return moduleBytes([5, [2, 0, 1, 0, 1]]);
  if (text.includes('tag')) return moduleBytes([1, [1, 0x60, 0, 0]], [13, [1, 0, 0]]);
  throw new Error(`no bytes for ${text}`);
}
