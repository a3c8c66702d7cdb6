// What there is to name: tools with their arguments, commands with their options, scripts, files, and the words of the source.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tools } from '@tamc/mcp-server';
import { commands } from '../../stack/src/command/commands.ts';
import { root } from '../program.ts';

/** Of every tool that changes something, beside its own. */
const actArguments = ['confirm', 'command_id'];
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Tracked or new, but nothing that is generated. */
export const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const baseNames = new Set(files.map((path) => basename(path)));

/** What programs of ours write beside the store; a text may name it. */
const written = new Set(
  files
    .filter((path) => path.startsWith('stack/src/') && !path.includes('.test.'))
    .flatMap((path) => read(path).match(/(?<=')[\w-]+\.jsonl?(?=')/g) ?? []),
);

export const isFileName = (name: string) => baseNames.has(name) || written.has(name);
export const isPathPart = (part: string) => files.some((path) => path.includes(part));
export const scripts: Readonly<Record<string, string>> = JSON.parse(read('package.json')).scripts;
/** Of `tamc`, and of the evals, which have a command of their own. */
export const options = new Set([
  ...commands.flatMap((row) => row.options.map(({ name }) => name)),
  ...(read('evals/src/arguments.ts').match(/(?<='--)[a-z-]+(?=')/g) ?? []),
]);

export const toolArguments = new Map(
  tools.map(({ name, input, kind }) => [
    name,
    new Set([...Object.keys(input.shape), ...(kind === 'write' ? actArguments : [])]),
  ]),
);

const sources = files.filter((path) => /\.(ts|mjs|did|json|html)$/.test(path) && !/package-lock|snapshot/.test(path));
const wordsOf = (paths: readonly string[]) =>
  new Set(paths.flatMap((path) => read(path).match(/[A-Za-z_$][\w$]*/g) ?? []));

/** Every identifier of the source: what a guide may name. */
export const sourceWords = wordsOf(sources.filter((path) => !path.startsWith('tests/texts')));

const methods = files
  .filter((path) => path.endsWith('.did'))
  .flatMap((path) => [...read(path).matchAll(/^ {2,4}"?(\w+)"?\s*:/gm)]);
const states = files
  .filter((path) => path.startsWith('mcp-server/src/') && !path.includes('.test.'))
  .flatMap((path) => [...read(path).matchAll(/status: '(\w+)'|status: \w+ \? '(\w+)' : '(\w+)'/g)]);
const choices = tools.flatMap(({ input }) => [
  ...JSON.stringify(input.toJSONSchema()).matchAll(/"enum":(\[[^\]]*\])/g),
]);

/** What an assistant may be told of: it can call it, give it, or see it in an answer. */
export const assistantWords = new Set([
  ...toolArguments.keys(),
  ...[...toolArguments.values()].flatMap((names) => [...names]),
  ...methods.map(([, name = '']) => name),
  ...states.flatMap(([, ...names]) => names.filter((name) => name !== undefined)),
  ...choices.flatMap(([, list = '[]']) => JSON.parse(list) as string[]),
  ...tools.map(({ toolset }) => toolset),
]);
