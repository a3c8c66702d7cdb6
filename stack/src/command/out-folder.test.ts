import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../make-folder.ts';
import { renderFailure } from './failure.ts';
import { writeIntoFolder } from './out-folder.ts';

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tamc-out-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const files = [{ name: 'a.did', content: 'service : {}' }];

function refusalOf(folder: string): string {
  try {
    writeIntoFolder(folder, files, '--out');
  } catch (error) {
    return renderFailure(error);
  }
  return expect.unreachable(`${folder} was written`);
}

describe('files for a folder that was named', () => {
  it('are written to it, also where it and those above it are not there yet', () => {
    const folder = join(scratch, 'new', 'below');
    expect(writeIntoFolder(folder, files, '--out')).toEqual([join(folder, 'a.did')]);
    expect(writeIntoFolder(folder, files, '--out')).toHaveLength(1);
    expect(readFileSync(join(folder, 'a.did'), 'utf8')).toBe('service : {}');
    expect(readdirSync(folder)).toEqual(['a.did']);
  });

  it('are refused with the way on where a file is in the way', () => {
    const file = join(scratch, 'file');
    writeFileSync(file, 'kept');
    for (const path of [file, join(file, 'below')])
      expect(refusalOf(path)).toBe(
        `tamc: ${path} is a file, or lies below one; --out is a folder.\n  → Name a folder: --out DIR.`,
      );
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });

  it('are refused where a folder has the name of one of them', () => {
    const folder = join(scratch, 'taken');
    mkdirSync(join(folder, 'a.did'), { recursive: true });
    expect(refusalOf(folder)).toContain('A folder has the name of a file');
  });

  it.runIf(process.platform === 'linux')('are refused where no folder can be made', () => {
    // Node's recursive mkdir never returns there.
    for (const path of ['/proc/nope', '/proc/nope/below'])
      expect(refusalOf(path)).toBe(
        `tamc: Nothing can be written to ${path} (ENOENT).\n  → Name a folder that you may write to: --out DIR.`,
      );
    expect(() => makeFolder('/proc/nope')).toThrow('ENOENT');
  });
});

it.each([
  ['EEXIST', 'mkdir', 'A file is where a folder is wanted'],
  ['ENOTDIR', 'open', 'A file is where a folder is wanted'],
  ['EROFS', 'mkdir', 'a folder that you may write to'],
  ['EACCES', 'open', 'a folder that you may write to'],
  ['EACCES', 'listen', 'choose one above 1023'],
])('what the system refuses with %s at %s is not called a fault of ours', (code, syscall, next) => {
  const text = renderFailure(Object.assign(new Error(`${code}: refused`), { code, syscall }));
  expect(text).toMatch(/^tamc: E[A-Z]+: refused\n {2}→ /);
  expect(text).toContain(next);
  expect(text).not.toContain('fault');
});
