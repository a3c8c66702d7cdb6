// A project that lies outside the checkout uses the replica as its README says: the commands, and the compiler's settings.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../program.ts';

const run = promisify(execFile);
const readme = readFileSync(join(root, 'replica', 'README.md'), 'utf8');
let project = '';

const program = `import { createReplica } from '@tamc/replica';
const replica = await createReplica({ memory: true, virtualTime: true });
console.log(replica.rootKey.length);
await replica.close();
`;

/** As `npm install` of folders leaves it. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'tamc-outside-'));
  for (const scope of ['@tamc', '@types']) mkdirSync(join(project, 'node_modules', scope), { recursive: true });
  const link = (name: string, target: string) => symlinkSync(join(root, target), join(project, 'node_modules', name));
  link('@tamc/base', 'base');
  link('@tamc/replica', 'replica');
  for (const name of ['tsx', '@types/node']) link(name, `node_modules/${name}`);
  const [, settings = ''] = /```json\n([^`]*"compilerOptions"[^`]*)```/.exec(readme) ?? [];
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(project, 'tsconfig.json'), settings);
  writeFileSync(join(project, 'program.mjs'), program);
  writeFileSync(join(project, 'program.ts'), program.replace('memory: true', 'memory: true as boolean'));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

it('runs it from TypeScript and from JavaScript', async () => {
  for (const name of ['program.ts', 'program.mjs']) {
    const { stdout } = await run(process.execPath, ['--import', 'tsx', name], { cwd: project });
    expect(stdout).toBe('133\n');
  }
});

it('checks its types', async () => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [compiler, '-p', project], { cwd: project });
  expect(stdout).toBe('');
});
