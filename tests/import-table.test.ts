// Compares the imports of the code, and what each package.json declares, with the table in ARCHITECTURE.md.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const table = readTable();

/** Allowed imports by part, from the table that starts with `| part | may import |`. */
function readTable(): Map<string, Set<string>> {
  const lines = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('\n');
  const start = lines.indexOf('| part | may import |') + 2;
  const end = lines.findIndex((line, i) => i >= start && !line.startsWith('|'));
  const rows = lines.slice(start, end).map((line) => line.split('|').map((cell) => cell.trim()));
  const words = (cell = '') => cell.split(',').map((word) => word.trim().replaceAll('`', ''));
  return new Map(rows.map(([, part = '', allowed]) => [part, new Set(words(allowed).filter((word) => word !== ''))]));
}

/** A canister's files lie in its folder itself, without a `src`. */
function sourceFolder(part: string): string {
  const folder = join(root, part, 'src');
  return existsSync(folder) ? folder : join(root, part);
}

function workspaces(): string[] {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).workspaces;
}

function sourceFiles(part: string): string[] {
  const folder = sourceFolder(part);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const isSource = (name: string) =>
    /\.m?[jt]s$/.test(name) && !/\.d\.m?ts$/.test(name) && !name.includes('node_modules');
  const files = names.filter(isSource).map((name) => join(folder, name));
  const support = testSupport(files);
  return files.filter((file) => !support.has(file));
}

function importsOf(file: string): string[] {
  return ts.preProcessFile(readFileSync(file, 'utf8'), true, false).importedFiles.map(({ fileName }) => fileName);
}

/** What an import stands for in the table; null when it stays inside its part. */
function wordOf(specifier: string, file: string, part: string): string | null {
  if (specifier.startsWith('.')) {
    const target = relative(root, resolve(dirname(file), specifier));
    return target.startsWith(`${relative(root, sourceFolder(part))}/`) ? null : target;
  }
  // `imports` of a package leads to files of its own, which are looked at like all others.
  if (specifier.startsWith('#')) return null;
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return 'Node';
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return name.replace(/^@tamc\//, '');
}

/** Test files, and what only they import: generators, oracles; but not what a test is named after. */
function testSupport(files: readonly string[]): Set<string> {
  const support = new Set(files.filter((file) => /\.test\.m?ts$/.test(file)));
  const importers = new Map<string, string[]>();
  for (const file of files) {
    for (const specifier of importsOf(file).filter((item) => item.startsWith('.'))) {
      const target = resolve(dirname(file), specifier);
      importers.set(target, [...(importers.get(target) ?? []), file]);
    }
  }
  const hasOwnTest = (file: string) => support.has(file.replace(/(\.m?ts)$/, '.test$1'));
  const onlyForTests = (file: string) => {
    if (hasOwnTest(file)) return false;
    const found = importers.get(file) ?? [];
    return found.length > 0 && found.every((importer) => support.has(importer));
  };
  for (let added = true; added; ) {
    const next = files.filter((file) => !support.has(file) && onlyForTests(file));
    for (const file of next) support.add(file);
    added = next.length > 0;
  }
  return support;
}

function violations(part: string, allowed: ReadonlySet<string>): string[] {
  return sourceFiles(part).flatMap((file) =>
    importsOf(file)
      .filter((specifier) => {
        const word = wordOf(specifier, file, part);
        return word !== null && !allowed.has(word);
      })
      .map((specifier) => `${relative(root, file)} imports ${specifier}`),
  );
}

describe('the import table of ARCHITECTURE.md', () => {
  it('has a row for every part that has source', () => {
    const withSource = workspaces().filter((part) => part !== 'tests' && sourceFiles(part).length > 0);
    expect([...table.keys()].sort()).toEqual(withSource.sort());
  });

  it('sees every form of import', () => {
    const text = "import a from 'one'; export * from 'two'; const x = import('three'); import type { b } from 'four';";
    const found = ts.preProcessFile(text, true, false).importedFiles.map(({ fileName }) => fileName);
    expect(found.sort()).toEqual(['four', 'one', 'three', 'two']);
  });

  describe.each([...table])('for %s', (part, allowed) => {
    it('covers every import of its code', () => {
      expect(sourceFiles(part).length).toBeGreaterThan(0);
      expect(violations(part, allowed)).toEqual([]);
    });

    it('is what its package.json declares', () => {
      const { dependencies = {} } = JSON.parse(readFileSync(join(root, part, 'package.json'), 'utf8'));
      const declared = Object.keys(dependencies).map((name) => name.replace(/^@tamc\//, ''));
      expect(declared.sort()).toEqual([...allowed].filter((word) => word !== 'Node').sort());
    });
  });
});

describe('DEPENDENCIES.md', () => {
  it('has a row for every package that is declared, and for no other', () => {
    const text = readFileSync(join(root, 'DEPENDENCIES.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    const manifests = ['.', ...workspaces()].map((part) => join(root, part, 'package.json'));
    const declared = manifests.flatMap((path) => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(path, 'utf8'));
      return [...Object.keys(dependencies), ...Object.keys(devDependencies)];
    });
    const outside = declared.filter((name) => !name.startsWith('@tamc/'));
    expect(rows.sort()).toEqual([...new Set(outside)].sort());
  });
});

describe('package-lock.json', () => {
  it('names the binary of every platform, so that a clone installs on each of them', () => {
    const { packages }: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } = JSON.parse(
      readFileSync(join(root, 'package-lock.json'), 'utf8'),
    );
    const locked = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)));
    const wanted = Object.values(packages).flatMap((item) => Object.keys(item.optionalDependencies ?? {}));
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.filter((name) => !locked.has(name))).toEqual([]);
  });
});
