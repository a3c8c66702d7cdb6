// The code that V8 makes of the command is kept, because a host waits for it; what does not fit is made anew, and nothing else differs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keptCodePath, readKeptCode } from '../stack/bin/load-bundle.mjs';
import { root } from './program.ts';

const loader = pathToFileURL(join(root, 'stack/bin/load-bundle.mjs')).href;

/** In a process of its own: V8 takes kept code only from a process with the same options. */
function load(bundle: string, use: string, options: readonly string[] = []): string {
  const program = `const { loadBundle, keptCodePath } = await import('${loader}'); const bundle = process.argv[1];
    const { writeFileSync } = await import('node:fs'); const loaded = loadBundle(bundle); ${use}`;
  const args = [...options, '--input-type=module', '-e', program, bundle];
  return execFileSync(process.execPath, args, { encoding: 'utf8' }).trim();
}

const tell = 'console.log(loaded.exports.answer(), loaded.isKeptUsed)';
const keep = 'loaded.exports.answer(); writeFileSync(keptCodePath(bundle), loaded.codeToKeep())';

describe('the kept code of a bundle', () => {
  let folder: string;
  let bundle: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tamc-code-'));
    bundle = join(folder, 'small.cjs');
    writeFileSync(bundle, `(function (exports) { exports.answer = () => [6, 7].reduce((a, b) => a * b); })\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is used when it is there, and not missed when it is not', () => {
    expect(load(bundle, tell)).toBe('42 false');
    load(bundle, keep);
    expect(load(bundle, tell)).toBe('42 true');
  });

  it('is passed over when it is of another V8, or torn', () => {
    load(bundle, keep);
    expect(load(bundle, tell, ['--no-opt'])).toBe('42 false');
    writeFileSync(keptCodePath(bundle), 'torn');
    expect(load(bundle, tell)).toBe('42 false');
  });

  it.each([
    ['in its middle', 0.5],
    ['at its end', 0.999],
  ])('is passed over when it was damaged %s: V8 would run it', (_, place) => {
    load(bundle, keep);
    const code = readFileSync(keptCodePath(bundle));
    const at = Math.floor(code.length * place);
    code[at] = code[at]! ^ 0xff;
    writeFileSync(keptCodePath(bundle), code);
    expect(readKeptCode(bundle)).toBeUndefined();
    expect(load(bundle, tell)).toBe('42 false');
  });

  it('is there for the command after the set-up', () => {
    execFileSync(process.execPath, [join(root, 'stack/bin/tamc.mjs'), '--version']);
    const made = join(root, '.tamc/bin/tamc');
    const { entry } = JSON.parse(readFileSync(join(made, 'manifest.json'), 'utf8')) as { entry: string };
    const use = 'console.log(typeof loaded.exports.main, loaded.isKeptUsed)';
    expect(load(join(made, entry), use)).toBe('function true');
  });
});
