// `replica/SPEC.md` and the tests agree: what it calls covered has a test that cites it, and what a test cites is in it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

interface Clause {
  readonly id: string;
  readonly state: 'covered' | 'partly' | 'left out';
}

/** Rows of the form `| [area.topic] | sentence | covered |`. */
function readClauses(): Clause[] {
  const rows = readFileSync(join(root, 'replica/SPEC.md'), 'utf8').matchAll(
    /^\| `?\[([a-z0-9]+\.[a-z0-9.-]+)\]`? \|.*\| (covered|partly|left out)[^|]*\|$/gim,
  );
  return [...rows].map(([, id, state]) => ({ id: id!, state: state as Clause['state'] }));
}

function citedIds(): Set<string> {
  const files = ['replica', 'tests'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
      .map((file) => join(root, folder, file)),
  );
  const cited = new Set<string>();
  for (const file of files) {
    for (const [, ids] of readFileSync(file, 'utf8').matchAll(
      /(?:it|test|describe)(?:\.each\([^)]*\))?\(\s*['"`]((?:\[[a-z0-9]+\.[a-z0-9.-]+\][, ]*)+)/gi,
    )) {
      for (const [, id] of ids!.matchAll(/\[([a-z0-9.-]+)\]/gi)) cited.add(id!);
    }
  }
  return cited;
}

describe('the clauses of the replica', () => {
  const clauses = readClauses();
  const cited = citedIds();

  it('are listed once each', () => {
    const ids = clauses.map((clause) => clause.id);
    expect(ids.length).toBeGreaterThan(100);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  it('have a test where they are called covered', () => {
    expect(clauses.filter(({ id, state }) => state !== 'left out' && !cited.has(id)).map(({ id }) => id)).toEqual([]);
  });

  it('are in the list when a test cites them', () => {
    const known = new Set(clauses.map((clause) => clause.id));
    expect([...cited].filter((id) => !known.has(id)).sort()).toEqual([]);
  });
});
