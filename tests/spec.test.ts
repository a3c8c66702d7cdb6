// `replica/SPEC.md` and the tests agree: what it calls covered has a test that cites it, what a test cites is in it, and
// its table of contents counts right.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const text = readFileSync(join(root, 'replica/SPEC.md'), 'utf8');
const states = ['covered', 'partly', 'left out'] as const;

interface Clause {
  readonly id: string;
  readonly section: string;
  readonly state: (typeof states)[number];
  /** What is missing, or why. */
  readonly remark: string;
}

/** Rows of the form `| [area.topic] | rule | covered |`, below headings of the form `## 1 Section`. */
function readClauses(): Clause[] {
  return text.split(/^## (?=\d)/m).flatMap((chapter, i) => {
    const section = i === 0 ? '' : chapter.slice(0, chapter.indexOf('\n'));
    const rows = chapter.matchAll(/^\| \[([^\]]+)\] \| [^|]+ \| ([^|:]+)(?:: ([^|]+))? \|$/gm);
    return [...rows].map(([, id = '', state, remark = '']) => {
      const known = states.find((each) => each === state);
      if (known === undefined) throw new Error(`${id} is in no known state: ${state}`);
      return { id, section, state: known, remark };
    });
  });
}

/** The table at the top: section, then how many are covered, partly covered, left out. */
function readSummary(): Map<string, number[]> {
  const rows = text.matchAll(/^\| ([^|[]+) \| (\d+) \| (\d+) \| (\d+) \|$/gm);
  return new Map([...rows].map(([, section = '', ...counts]) => [section, counts.map(Number)]));
}

const clauseId = String.raw`\[[a-z0-9]+(?:\.[a-z0-9_-]+)+\]`;
/** Ids at the beginning or the end of a string literal; names of tests have them there. */
const citation = new RegExp(`['"\`](?:${clauseId}[ ,]*)+|(?:[ ,]*${clauseId})+['"\`]`, 'g');

function testFiles(): string[] {
  return ['replica', 'tests/replica'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
      .map((file) => join(root, folder, file)),
  );
}

function citedIn(source: string): string[] {
  const cited = [...source.matchAll(citation)].flatMap(([literal]) => literal.match(new RegExp(clauseId, 'g')) ?? []);
  return cited.map((id) => id.slice(1, -1));
}

describe('the clauses of the replica', () => {
  const clauses = readClauses();
  const sources = testFiles().map((file) => ({ file, source: readFileSync(file, 'utf8') }));
  const cited = new Set(sources.flatMap(({ source }) => citedIn(source)));

  it('are listed once each', () => {
    const ids = clauses.map((clause) => clause.id);
    expect(ids.length).toBeGreaterThan(100);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  it('are rows that can be read as such', () => {
    const rows = text.split('\n').filter((line) => line.startsWith('| ['));
    expect(rows.length).toBe(clauses.length);
  });

  it('have a test where they are called covered', () => {
    const uncited = clauses.filter(({ id, state }) => state !== 'left out' && !cited.has(id));
    expect(uncited.map(({ id }) => id)).toEqual([]);
  });

  it('say what is missing where they are not', () => {
    const silent = clauses.filter(({ state, remark }) => (state === 'covered') !== (remark === ''));
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  it('are in the list when a test cites them', () => {
    const known = new Set(clauses.map((clause) => clause.id));
    expect([...cited].filter((id) => !known.has(id)).sort()).toEqual([]);
  });

  it('are cited by tests that run', () => {
    const skipped = sources.filter(({ source }) => /\b(?:it|test|describe)\.(?:skip|only|todo|fails)\b/.test(source));
    expect(skipped.map(({ file }) => file)).toEqual([]);
  });

  it('that the text mentions exist', () => {
    const known = new Set(clauses.map((clause) => clause.id));
    const mentioned = text.match(new RegExp(clauseId, 'g'))!.map((id) => id.slice(1, -1));
    expect(mentioned.filter((id) => !known.has(id))).toEqual([]);
  });

  it('are counted right', () => {
    const count = (of: readonly Clause[]) =>
      states.map((state) => of.filter((clause) => clause.state === state).length);
    const sections = [...new Set(clauses.map(({ section }) => section))];
    const counted = sections.map((name): [string, number[]] => [
      name,
      count(clauses.filter((c) => c.section === name)),
    ]);
    expect([...readSummary()]).toEqual([...counted, ['All', count(clauses)]]);
  });
});
