// The log on a real disk that takes no more: a limit of the system on how long a file may get, which takes a part of the last line first.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAuditFile } from './audit-file.ts';
import type { AuditEntry } from './world.ts';

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tamc-audit-'));
  path = join(folder, 'audit.jsonl');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entry: AuditEntry = {
  atMs: 1_000,
  tool: 'pay',
  caller: 'aa' as PrincipalHex,
  commandId: 'one',
  argsDigest: 'd',
  outcome: 'paid',
};
const append = (...entries: readonly AuditEntry[]) => {
  const file = openAuditFile(path);
  for (const one of entries) file.append(one);
  file.close();
};
const lines = () => readFileSync(path, 'utf8').split('\n').slice(0, -1);

/** In a process of its own, that may make files of a few kilobytes: writes until it may no more, and tells how often and why not. */
function fill(): { readonly count: number; readonly code: string } {
  const module = join(folder, 'audit-file.mjs');
  writeFileSync(module, transformSync(readFileSync(join(import.meta.dirname, 'audit-file.ts')), { loader: 'ts' }).code);
  const program = `
    import { openAuditFile } from ${JSON.stringify(module)};
    const file = openAuditFile(${JSON.stringify(path)});
    let count = 0;
    try {
      for (;; count++) file.append(${JSON.stringify(entry)});
    } catch ({ code }) {
      console.log(JSON.stringify({ count, code }));
    }`;
  const limited = 'ulimit -f 4 && exec "$0" --input-type=module --eval "$1"';
  return JSON.parse(execFileSync('/bin/sh', ['-c', limited, process.execPath, program], { encoding: 'utf8' }));
}

it('has each line as a whole or not at all, and goes on when there is room again', () => {
  const { count, code } = fill();
  expect(code).toBe('EFBIG');
  expect(count).toBeGreaterThan(3);
  expect(statSync(path).size % 512).not.toBe(0);
  append(entry, entry);
  expect(lines().map((line) => JSON.parse(line).outcome)).toEqual(Array(count + 2).fill('paid'));
});

it('leaves a line that was torn by itself', () => {
  truncateSync(path);
  append(entry);
  appendFileSync(path, '{"at":"1970');
  append(entry);
  expect(lines().map((line) => line.startsWith('{"at":"1970-01-01'))).toEqual([true, false, true]);
});
