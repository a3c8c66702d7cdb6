// The READMEs' programs work as they are written there, and the links of the documents lead somewhere.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root, startProgram } from './program.ts';

/** Inside the checkout, where packages are found. */
const scratch = join(root, '.tamc', 'scratch');
let folder = '';

beforeAll(() => {
  mkdirSync(scratch, { recursive: true });
  folder = mkdtempSync(join(scratch, 'readme-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const programs = [...readdirSync(root).filter((name) => name.endsWith('.md')), 'replica/README.md'];
/** The guides' programs have tests of their own. */
const documents = [...programs, ...markdownIn('docs'), 'replica/src/wasm/README.md', 'replica/SPEC.md'];

function markdownIn(part: string): string[] {
  const names = readdirSync(join(root, part), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.md')).map((name) => join(part, name));
}

const textOf = (document: string) => readFileSync(join(root, document), 'utf8');

/** The TypeScript blocks of a document. */
function snippets(document: string): (readonly [number, string, string])[] {
  return [...textOf(document).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ''], i) => [i + 1, document, code]);
}

it.each(programs.flatMap(snippets))('program %i of %s prints what it says there', async (i, document, code) => {
  const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, line]) => line);
  expect(expected.length).toBeGreaterThan(0);
  const path = join(folder, `${document.replace(/\W/g, '-')}-${i}.ts`);
  writeFileSync(path, code);
  const program = startProgram(['--import', 'tsx', path]);
  expect(await program.ended, program.output()).toBe(0);
  expect(program.output().trim().split('\n')).toEqual(expected);
});

it.each(documents)('%s links only to what exists', (document) => {
  const links = [...textOf(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
  expect(links.filter((path) => !existsSync(join(root, dirname(document), path)))).toEqual([]);
});
