import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readKeptInputs, writeKeptInputs } from './kept-inputs.mjs';

let root = '';
let manifest = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kept-inputs-'));
  manifest = join(root, 'manifest.json');
  writeFileSync(join(root, 'a'), 'one');
  writeFileSync(join(root, 'b'), 'two');
  writeKeptInputs(manifest, root, ['a', 'b', 'later'], { result: 'made' });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = () => readKeptInputs(manifest, root);

describe('what something was made from', () => {
  it('gives back the details while it is the same', () => {
    expect(read()).toEqual({ result: 'made' });
  });

  it('is the same when a file was only touched, and remembers its new time', () => {
    utimesSync(join(root, 'a'), 1, 1);
    const before = readFileSync(manifest, 'utf8');
    expect(read()).toEqual({ result: 'made' });
    expect(readFileSync(manifest, 'utf8')).not.toBe(before);
    expect(read()).toEqual({ result: 'made' });
  });

  it('is the same for who may not write down that it was only touched', () => {
    utimesSync(join(root, 'a'), 1, 1);
    const before = readFileSync(manifest, 'utf8');
    // In the way of the file that would be written: unlike rights, this holds for everybody.
    mkdirSync(`${manifest}.${process.pid}`);
    expect(read()).toEqual({ result: 'made' });
    expect(readFileSync(manifest, 'utf8')).toBe(before);
  });

  it.each([
    ['changes', () => writeFileSync(join(root, 'a'), 'eno')],
    ['goes away', () => rmSync(join(root, 'b'))],
    ['appears', () => writeFileSync(join(root, 'later'), '')],
  ])('is another when a file %s', (_, change) => {
    change();
    expect(read()).toBeNull();
  });

  it('is unknown when its record is missing or damaged', () => {
    writeFileSync(manifest, '{"inputs": {"a"');
    expect(read()).toBeNull();
    rmSync(manifest);
    expect(read()).toBeNull();
  });
});
