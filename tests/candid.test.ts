// A canister's interface is a promise: the check fails on a changed one until the change is accepted.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root, startProgram } from './program.ts';

/** Inside the checkout, where packages are found. */
const scratch = join(root, '.tamc', 'scratch');
let folder = '';
let committed = '';

beforeAll(() => {
  mkdirSync(scratch, { recursive: true });
  folder = mkdtempSync(join(scratch, 'candid-'));
  committed = join(folder, `${basename(folder)}.did`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeCanister(type: string): void {
  const source = `import { IDL, query } from 'azle';
export default class {
  @query([], IDL.${type})
  answer(): bigint {
    return 42n;
  }
}
`;
  writeFileSync(join(folder, 'index.ts'), source);
}

async function compare(...words: string[]) {
  const program = startProgram(['--import', 'tsx', 'scripts/compare-candid.ts', folder, ...words]);
  return { code: await program.ended, output: program.output() };
}

it('a missing or changed interface fails until it is accepted', async () => {
  writeCanister('Nat');
  const missing = await compare();
  expect(missing.code).toBe(1);
  expect(missing.output).toMatch(/\.did is missing\n {2}→ `npm run candid` accepts/);

  expect((await compare('--accept')).code).toBe(0);
  expect(readFileSync(committed, 'utf8')).toContain('answer: () -> (nat) query;');
  expect(await compare()).toEqual({ code: 0, output: '' });

  writeCanister('Int');
  const changed = await compare();
  expect(changed.code).toBe(1);
  expect(changed.output).toContain('-     answer: () -> (nat) query;\n+     answer: () -> (int) query;\n');
});
