// Each refusal of a canister occurs in a test: one that nobody has seen may be one that never comes, or comes for another reason.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './program.ts';

/** The rows of `defineRefusals` in the words of the protocol. */
const codes = readdirSync(join(root, 'protocol/src'))
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .flatMap((name) => [
    ...readFileSync(join(root, 'protocol/src', name), 'utf8').matchAll(/\n {2}([A-Z]\w+): \{\n\s+kind:/g),
  ])
  .map(([, code]) => code!);

function testsBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules') && name !== 'refusals.test.ts')
    .filter((name) => folder === 'tests' || name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'));
}

it('every refusal of a canister is met by a test of its rules or of the canister', () => {
  const tests = ['canisters', 'tests'].flatMap(testsBelow).join('\n');
  expect(codes.length).toBeGreaterThan(100);
  expect(codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(tests))).toEqual([]);
});
