// The README's programs work as they are written there, and the links of the root's documents lead somewhere.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, startProgram } from './program.ts';

/** Inside the checkout, where packages are found. */
const scratch = join(root, '.tamc', 'scratch');
let folder = '';

beforeAll(() => {
  mkdirSync(scratch, { recursive: true });
  folder = mkdtempSync(join(scratch, 'readme-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The TypeScript blocks of the README. */
function snippets(): string[] {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);
}

describe('the README', () => {
  it.each(snippets().map((code, i) => [i + 1, code] as const))('prints what it says in program %i', async (i, code) => {
    const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, line]) => line);
    expect(expected.length).toBeGreaterThan(0);
    const path = join(folder, `program${i}.ts`);
    writeFileSync(path, code);
    const program = startProgram(['--import', 'tsx', path]);
    expect(await program.ended, program.output()).toBe(0);
    expect(program.output().trim().split('\n')).toEqual(expected);
  });

  it.each(readdirSync(root).filter((name) => name.endsWith('.md')))('links only to what exists: %s', (name) => {
    const text = readFileSync(join(root, name), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
