// Whether what a text names is real. Answers what is wrong with it, or null.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commands } from '../../stack/src/command/commands.ts';
import { parseArguments } from '../../stack/src/command/parse-arguments.ts';
import { root } from '../program.ts';
import { assistantWords, isFileName, isPathPart, options, scripts, sourceWords, toolArguments } from './known.ts';
import { readSpans } from './spans.ts';

export interface Place {
  readonly path: string;
  /**
   * Texts that tell an assistant what to do may only name what an assistant has. Records (decisions, the plan) also name what was not
   * chosen and what is not there yet: of them only commands and files are looked at.
   */
  readonly kind: 'assistant' | 'guide' | 'record';
}

/** `path:line: what is wrong`, one for each. */
export function textProblems(place: Place, text: string): string[] {
  const { code, saved } = readSpans(text);
  return code.flatMap(({ line, text: words }) => {
    const problem = saved.has(words) ? null : spanProblem(place, words, saved);
    return problem === null ? [] : [`${place.path}:${line}: ${problem}`];
  });
}

function spanProblem(place: Place, words: string, saved: ReadonlySet<string>): string | null {
  if (/^(npx|npm|node|claude|tamc) /.test(words)) return commandProblem(words, saved);
  if (/^[a-z_]+\(.*\)$/.test(words)) return callProblem(words);
  if (/^--[a-z-]+$/.test(words)) return options.has(words.slice(2)) ? null : `no command has the option ${words}`;
  if (/^@?[\w.-]+(\/[\w.<>*-]+)+\/?$/.test(words)) return pathProblem(place, words);
  if (/^[\w-]+\.(ts|mjs|md|json|did|html)$/.test(words)) return isFileName(words) ? null : `there is no file ${words}`;
  return /^@?[A-Za-z_$][\w$.]*(\(.*\))?$/.test(words) ? wordProblem(place, words) : null;
}

/** Words that a reader replaces. */
const isPlaceholder = (word: string) => /^[A-Z]{2,}$/.test(word) || word === '…';

function commandProblem(line: string, saved: ReadonlySet<string>): string | null {
  // Behind three spaces or a hash stands what it does; a path may begin with the folder one is in.
  const [plain = ''] = line.replaceAll('$PWD/', '').split(/ {3,}| #/);
  const words = [...plain.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
  const [program, first = '', ...rest] = words;
  const end = words.indexOf('--');
  if (program === 'claude') return end < 0 ? null : commandProblem(words.slice(end + 1).join(' '), saved);
  if (program === 'tamc') return tamcProblem(words.slice(1));
  if (program === 'npm') return npmProblem(first, rest);
  if (program === 'npx' && first === 'tamc') return tamcProblem(rest);
  const file = words.find((word) => /\.(ts|mjs)$/.test(word));
  const paths =
    first === 'vitest' ? rest.slice(1).filter((word) => !isPlaceholder(word)) : file === undefined ? [] : [file];
  const missing = paths.find((path) => !saved.has(path) && !isPathPart(path));
  return missing === undefined ? null : `there is no file ${missing} for "${plain}"`;
}

function npmProblem(first: string, rest: readonly string[]): string | null {
  const name = first === 'run' ? (rest[0] ?? '') : first;
  if (['install', 'ci'].includes(name)) return null;
  if (scripts[name] === undefined) return `package.json has no script "${name}"`;
  const end = rest.indexOf('--');
  return name === 'start' && end >= 0 ? tamcProblem(['start', ...rest.slice(end + 1)]) : null;
}

function tamcProblem([name = '', ...words]: readonly string[]): string | null {
  if (name.startsWith('--')) return null;
  const row = commands.find((command) => command.name === name);
  if (row === undefined) return `there is no command "tamc ${name}"`;
  if (words.length === 0 || words.includes('--help')) return null;
  const parsed = parseArguments(row, words);
  return parsed.ok ? null : `tamc ${name}: ${parsed.error}`;
}

/** `tool(argument, argument: value)`, or a function of the source. */
function callProblem(words: string): string | null {
  const [, name = '', inner = ''] = /^(\w+)\((.*)\)$/.exec(words) ?? [];
  const known = toolArguments.get(name);
  if (known === undefined) return sourceWords.has(name) ? null : `there is neither a tool nor a function ${name}`;
  const given = inner.replaceAll(/"[^"]*"|\[[^\]]*\]/g, '_').split(',');
  const names = given.map((part) => part.split(':')[0]!.trim()).filter((part) => part !== '');
  const unknown = names.find((part) => !known.has(part));
  return unknown === undefined ? null : `the tool ${name} has no argument "${unknown}"`;
}

function pathProblem({ path: from }: Place, words: string): string | null {
  if (words.startsWith('.tamc/') || words === 'node_modules/') return null;
  if (words.startsWith('@'))
    return existsSync(join(root, 'node_modules', words)) ? null : `there is no package ${words}`;
  const fixed = words.split(/[<*]/)[0]!;
  const isThere = existsSync(join(root, fixed)) || existsSync(join(root, dirname(from), fixed)) || isPathPart(fixed);
  return isThere ? null : `there is no ${words}`;
}

function wordProblem({ kind }: Place, words: string): string | null {
  if (kind === 'record') return null;
  const last =
    words
      .replace(/\(.*\)$/, '')
      .replace(/^@/, '')
      .split('.')
      .filter((part) => part !== '')
      .at(-1) ?? '';
  if (isPlaceholder(last) || assistantWords.has(last)) return null;
  // A small word with underscores, or none, is what tools, arguments and states look like.
  const isToolLike = /^[a-z]+(_[a-z]+)*$/.test(last) && !words.includes('.') && !words.startsWith('@');
  if (kind === 'assistant' && isToolLike) return `no tool, argument, choice or state is called "${last}"`;
  return sourceWords.has(last) ? null : `nothing in the source is called "${last}"`;
}
