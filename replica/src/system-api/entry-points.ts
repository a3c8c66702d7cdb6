// The letters for where the System API is called from, and what DFINITY's replica calls these modes in its errors.
import { assert } from '@tamc/base/assert';
import { type EntryPoint, type Execution, Trap } from '../execution/execution.ts';

const modes: Record<EntryPoint, string> = {
  I: 'init',
  G: 'pre upgrade',
  U: 'update',
  RQ: 'replicated query',
  NRQ: 'non replicated query',
  TQ: 'non replicated query',
  CQ: 'composite query',
  Ry: 'reply callback',
  Rt: 'reject callback',
  CRy: 'composite reply callback',
  CRt: 'composite reject callback',
  C: 'cleanup',
  CC: 'composite cleanup',
  s: 'start',
  F: 'inspect message',
  T: 'system task',
};

/** Everywhere but in (start). */
const star: readonly string[] = Object.keys(modes).filter((letter) => letter !== 's');

export function isEntryPoint(letter: string): letter is EntryPoint {
  return Object.hasOwn(modes, letter);
}

/** Reads a column of the specification's table: `* s`, `U RQ Rt Ry`. */
export function parseEntryPoints(from: string): ReadonlySet<EntryPoint> {
  const found = new Set<EntryPoint>();
  for (const letter of from.split(' ').flatMap((word) => (word === '*' ? star : [word]))) {
    assert(isEntryPoint(letter), `no entry point is called ${letter}`);
    found.add(letter);
  }
  return found;
}

/** The literal words matter: public tests of canisters and agents match them. */
export function wrongEntryPoint(name: string, execution: Execution): Trap {
  return new Trap('contractViolation', `"ic0_${name}" cannot be executed in ${modes[execution.entryPoint]} mode`);
}
