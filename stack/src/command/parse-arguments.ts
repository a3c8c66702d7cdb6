// Checks a command line against a command's row. A refusal names what is wrong and what to type instead.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { CommandRow, Given, OptionRow } from './commands.ts';

export function parseArguments(row: CommandRow, words: readonly string[]): Result<Given, string> {
  const values: Record<string, string> = {};
  const switches = new Set<string>();
  const positionals: string[] = [];
  const rest = [...words];
  let onlyPositionals = false;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (onlyPositionals || !word.startsWith('--')) {
      positionals.push(word);
    } else if (word === '--') {
      onlyPositionals = true;
    } else {
      const [name, inline] = splitOption(word);
      const option = row.options.find((item) => item.name === name);
      if (option === undefined) return refuse(unknownOption(row, name));
      if (option.value === null) {
        if (inline !== null) return refuse(`--${name} takes no value; write just --${name}.`);
        switches.add(name);
      } else {
        const value = inline ?? rest.shift();
        // An empty one is mostly a variable of a shell that is not set.
        if (value === undefined || value === '') return refuse(`--${name} needs a value: --${name} ${option.value}.`);
        values[name] = value;
      }
    }
  }
  const problem = countProblem(row, positionals.length);
  return problem === null ? ok({ values, switches, positionals }) : refuse(problem);
}

function splitOption(word: string): [string, string | null] {
  const at = word.indexOf('=');
  return at < 0 ? [word.slice(2), null] : [word.slice(2, at), word.slice(at + 1)];
}

function unknownOption(row: CommandRow, name: string): string {
  const guess = nearest(
    name,
    row.options.map((option: OptionRow) => option.name),
  );
  const hint = guess === null ? '' : ` Did you mean --${guess}?`;
  return `There is no option --${name}.${hint} \`tamc ${row.name} --help\` lists them.`;
}

function countProblem(row: CommandRow, count: number): string | null {
  const needed = row.positionals.filter((name) => !name.startsWith('['));
  if (count < needed.length) return `${needed[count]} is missing: tamc ${row.name} ${row.positionals.join(' ')}`;
  const isOpen = row.positionals.some((name) => name.includes('…'));
  if (!isOpen && count > row.positionals.length)
    return `Too many arguments. \`tamc ${row.name} --help\` shows its form.`;
  return null;
}

/** The name that differs in at most two letters, if there is one. */
export function nearest(word: string, names: readonly string[]): string | null {
  const ranked = names.map((name) => ({ name, distance: editDistance(word, name) }));
  const [best] = ranked.sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= 2 ? best.name : null;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** A port from the command line. */
export function parsePort(text: string | undefined, otherwise: number): Result<number, string> {
  if (text === undefined) return ok(otherwise);
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return ok(port);
  return refuse(`"${text}" is not a port: give a number from 0 to 65535, where 0 takes a free one.`);
}
