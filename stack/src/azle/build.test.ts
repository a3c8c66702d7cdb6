import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRoot } from '../root.ts';
import { buildCanister } from './build.ts';
import { renderProblem } from './problem.ts';

/** Inside the checkout, where packages are found. */
const scratch = join(findRoot(), '.tamc', 'scratch');
let folder = '';

beforeAll(() => {
  mkdirSync(scratch, { recursive: true });
  folder = mkdtempSync(join(scratch, 'build-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const head = "import { IDL, query } from 'azle';\n";
const good = `${head}export default class {
  @query([IDL.Text], IDL.Text)
  hello(name: string): string {
    return 'Hello, ' + name;
  }
}
`;

const build = (source: string) => buildCanister(source, join(folder, 'kept'));

let count = 0;
function write(files: Record<string, string>): string {
  const canister = join(folder, `canister${count++}`);
  mkdirSync(canister);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(canister, name), text);
  return canister;
}

async function problemsOf(files: Record<string, string>): Promise<string> {
  const built = await build(write(files));
  expect(built.ok).toBe(false);
  return built.ok ? '' : built.error.map(renderProblem).join('\n');
}

async function builtFrom(files: Record<string, string>) {
  const canister = write(files);
  const built = await build(canister);
  if (!built.ok) throw new Error(built.error.map(renderProblem).join('\n'));
  return { canister, ...built.value };
}

describe('a canister built from TypeScript', () => {
  it('exports its methods and carries its Candid', async () => {
    const { wasm, candid } = await builtFrom({ 'index.ts': good });
    const module = await WebAssembly.compile(wasm);
    const exported = WebAssembly.Module.exports(module).map(({ name }) => name);
    expect(exported).toEqual(
      expect.arrayContaining(['canister_query hello', 'canister_init', 'canister_post_upgrade']),
    );
    const [section] = WebAssembly.Module.customSections(module, 'icp:public candid:service');
    expect(new TextDecoder().decode(section)).toBe(candid);
    expect(candid).toBe('service: () -> {\n    hello: (text) -> (text) query;\n}\n');
  });

  it('exports every kind of method', async () => {
    const kinds = ['init', 'preUpgrade', 'postUpgrade', 'heartbeat', 'inspectMessage', 'onLowWasmMemory'];
    const methods = [
      '@init([IDL.Nat]) a(n: bigint): void { void n; }',
      '@preUpgrade b(): void {}',
      '@postUpgrade([IDL.Nat]) c(n: bigint): void { void n; }',
      '@heartbeat d(): void {}',
      '@inspectMessage e(): boolean { return true; }',
      '@onLowWasmMemory f(): void {}',
      '@update([]) g(): void {}',
      '@query([], IDL.Nat, { composite: true }) async h(): Promise<bigint> { return 1n; }',
      '@query([], IDL.Nat, { hidden: true }) i(): bigint { return 1n; }',
    ];
    const source = `import { IDL, query, update, ${kinds.join(', ')} } from 'azle';
      export default class { ${methods.join('\n')} }`;
    const { wasm, candid } = await builtFrom({ 'index.ts': source });
    const exported = WebAssembly.Module.exports(await WebAssembly.compile(wasm)).map(({ name }) => name);
    for (const name of ['pre_upgrade', 'heartbeat', 'inspect_message', 'on_low_wasm_memory', 'update g', 'query i']) {
      expect(exported).toContain(`canister_${name}`);
    }
    expect(exported).toContain('canister_composite_query h');
    expect(candid).toBe('service: (nat) -> {\n    g: () -> ();\n    h: () -> (nat) composite_query;\n}\n');
  });

  it('carries what its stable memory holds, where it says so, also when the result was kept', async () => {
    const { canister, layout, wasm } = await builtFrom({ 'index.ts': `export const layout = '[1,2]';\n${good}` });
    expect(layout).toBe('[1,2]');
    const [section] = WebAssembly.Module.customSections(await WebAssembly.compile(wasm), 'icp:public tamc:layout');
    expect(new TextDecoder().decode(section)).toBe('[1,2]');
    expect(await build(canister)).toMatchObject({ ok: true, value: { isCached: true, layout: '[1,2]' } });
    expect((await builtFrom({ 'index.ts': good })).layout).toBeNull();
  });

  it('leaves out the tables of legacy encodings', async () => {
    const { wasm } = await builtFrom({ 'index.ts': good });
    expect(Buffer.from(wasm).includes('windows-1252')).toBe(false);
  });

  it('is kept until something it was made from changes', async () => {
    const { canister, wasm } = await builtFrom({
      'index.ts': `import './other.ts';\n${good}`,
      'other.ts': 'export {};\n',
    });
    const again = await build(canister);
    expect(again.ok && again.value.isCached).toBe(true);
    expect(again.ok && Buffer.compare(again.value.wasm, wasm)).toBe(0);
    writeFileSync(join(canister, 'other.ts'), 'console.log("changed");\n');
    const changed = await build(canister);
    expect(changed.ok && changed.value.isCached).toBe(false);
    expect(changed.ok && Buffer.compare(changed.value.wasm, wasm)).not.toBe(0);
  });

  it('has the same bytes when it is built again from nothing', async () => {
    const { canister, wasm } = await builtFrom({ 'index.ts': good });
    writeFileSync(join(canister, 'index.ts'), `${good}// a comment, to miss what is kept\n`);
    const other = await build(canister);
    expect(other.ok && other.value.isCached).toBe(false);
    expect(other.ok && Buffer.compare(other.value.wasm, wasm)).toBe(0);
  });
});

describe('a canister that lies outside the checkout', () => {
  let outside = '';
  beforeAll(() => {
    outside = mkdtempSync(join(tmpdir(), 'canister-'));
    mkdirSync(join(outside, 'src'));
  });
  afterAll(() => rmSync(outside, { recursive: true, force: true }));
  const write = (text: string) => writeFileSync(join(outside, 'src', 'index.ts'), text);

  it('is built with the Azle of the checkout, and kept', async () => {
    write(good);
    const built = await build(outside);
    expect(built.ok && built.value.candid).toContain('hello: (text) -> (text) query;');
    const again = await build(outside);
    expect(again.ok && again.value.isCached).toBe(true);
  });

  it('does not take an Azle of another version that lies nearby', async () => {
    mkdirSync(join(outside, 'node_modules', 'azle'), { recursive: true });
    writeFileSync(join(outside, 'node_modules', 'azle', 'index.js'), 'throw new Error("another version");\n');
    write(`${good}// a comment, to miss what is kept\n`);
    expect((await build(outside)).ok).toBe(true);
  });

  it('is told what is wrong at its place as seen from here', async () => {
    write(good.replace("'Hello, ' + name", '7'));
    const built = await build(outside);
    const place = relative(process.cwd(), join(outside, 'src', 'index.ts'));
    expect(!built.ok && built.error.map(renderProblem)).toEqual([
      `${place}:5:5: Type 'number' is not assignable to type 'string'. (TS2322)\n  → Correct the type and build again.`,
    ]);
    write(`import 'no-such-package';\n${good}`);
    const missing = await build(outside);
    expect(!missing.ok && missing.error.map(renderProblem)[0]).toMatch(/^\S+index\.ts:1:8: Could not resolve/);
  });
});

describe('a canister that does not build', () => {
  it('is told the file and line of a type error, in any of its own files', async () => {
    const text = await problemsOf({
      'index.ts': good
        .replace("'Hello, ' + name", 'length(name)')
        .replace(head, `${head}import { length } from './length.ts';\n`),
      'length.ts': 'export const length = (text: string): string => text.length;\n',
    });
    expect(text).toMatch(
      /canister\d+\/length\.ts:1:49: Type 'number' is not assignable to type 'string'\. \(TS2322\)\n {2}→ /,
    );
  });

  it('is told the file and line of a syntax error', async () => {
    const text = await problemsOf({ 'index.ts': `${head}export default class {\n  hello(: string {}\n}\n` });
    expect(text).toMatch(/canister\d+\/index\.ts:3:9: /);
  });

  it('is told which import cannot be found, and that there is no Node', async () => {
    const missing = await problemsOf({ 'index.ts': `import './nowhere.ts';\n${good}` });
    expect(missing).toMatch(/index\.ts:1:8: Could not resolve ".\/nowhere\.ts"\n {2}→ Correct the path/);
    const node = await problemsOf({ 'index.ts': `import { readFileSync } from 'fs';\nreadFileSync('x');\n${good}` });
    expect(node).toMatch(/index\.ts:1:30: Could not resolve "fs"\n {2}→ A canister runs without Node/);
  });

  it('is told that a class must be exported', async () => {
    expect(await problemsOf({ 'index.ts': 'export default 7;\n' })).toContain(
      'The default export of a canister must be a class, or an array of classes.\n  → Write `export default class',
    );
  });

  it('is told where its code stopped when it runs at the start', async () => {
    const text = await problemsOf({ 'index.ts': `${good}\nconst table = JSON.parse('{');\nvoid table;\n` });
    expect(text).toMatch(/canister\d+\/index\.ts:9:\d+: The canister's code stopped while its interface was read: /);
  });

  it('is told that there is nothing at its place', async () => {
    const built = await build(join(folder, 'nothing'));
    expect(!built.ok && built.error.map(renderProblem)[0]).toMatch(
      /There is no canister in .*nothing\.\n {2}→ Name a folder/,
    );
    const other = await build(join(findRoot(), 'package.json'));
    expect(!other.ok && other.error.map(renderProblem)[0]).toContain(
      'package.json is no TypeScript or JavaScript file.',
    );
  });
});
