// The program in the replica's README prints what it says there.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { root, startProgram } from '../program.ts';

/** Inside the checkout, where packages are found. */
const scratch = join(root, '.tamc', 'scratch');
mkdirSync(scratch, { recursive: true });
const folder = mkdtempSync(join(scratch, 'replica-readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the program in the README of the replica prints what it says', async () => {
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'replica/README.md'), 'utf8')) ?? [];
  const expected = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, line]) => line);
  expect(expected.length).toBeGreaterThan(0);
  const path = join(folder, 'program.ts');
  writeFileSync(path, code);
  const program = startProgram(['--import', 'tsx', path]);
  expect(await program.ended, program.output()).toBe(0);
  expect(program.output().trim().split('\n')).toEqual(expected);
});
