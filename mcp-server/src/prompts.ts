// What a person can start a conversation with, from a file to what a host lists. A file that breaks a rule is refused with its line:
// a prompt that is half filled in would have an assistant act on something else than was said.
import type { McpServer } from '@modelcontextprotocol/server';
import { ok, type Result, refuse } from '@tamc/base/result';
import { z } from 'zod';
import { type Field, type FrontMatter, parseFrontMatter, type TextProblem } from './front-matter.ts';

export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** What it asks the person for, by name. */
  readonly asks: ReadonlyMap<string, string>;
  /** `{name}` stands for what the person answered. */
  readonly text: string;
}

const known = ['name', 'title', 'description', 'arguments'];
/** Hosts show title and description in one line each. */
const charsMax = 120;
/** Of one answer: an id, an amount, a month. */
const answerCharsMax = 100;

/** `fileName` without its ending is the name, so that a person who sees one finds the other. */
export function parsePrompt(fileName: string, text: string): Result<Prompt, TextProblem> {
  const parsed = parseFrontMatter(text);
  if (!parsed.ok) return parsed;
  const { fields, body } = parsed.value;
  const message = headProblem(fields, fileName);
  if (message !== null) return refuse({ line: 1, message });
  const of = (name: string) => String(fields.get(name));
  const asks = fields.get('arguments') as ReadonlyMap<string, string> | undefined;
  const prompt = {
    name: of('name'),
    title: of('title'),
    description: of('description'),
    asks: asks ?? new Map<string, string>(),
    text: body,
  };
  const wrong = placeProblem(prompt, parsed.value);
  return wrong === null ? ok(prompt) : refuse(wrong);
}

function headProblem(fields: ReadonlyMap<string, Field>, fileName: string): string | null {
  const unknown = [...fields.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) return `"${unknown}" is not known here; known are ${known.join(', ')}`;
  for (const name of ['name', 'title', 'description']) {
    const value = fields.get(name);
    if (typeof value !== 'string' || value.length > charsMax)
      return `"${name}" must be a text of 1 to ${charsMax} characters`;
  }
  if (`${fields.get('name')}.md` !== fileName)
    return `the name must be that of the file: ${fileName.replace(/\.md$/, '')}`;
  if (typeof fields.get('arguments') === 'string') return '"arguments" must be lines of "name: what it is" below it';
  return null;
}

/** Every place has an answer and every answer a place. */
function placeProblem({ asks, text }: Prompt, { bodyLine }: FrontMatter): TextProblem | null {
  if (text === '') return { line: bodyLine, message: 'there is no text below the head' };
  const places = [...text.matchAll(place)];
  const unasked = places.find(([, name = '']) => !asks.has(name));
  if (unasked !== undefined) {
    const line = bodyLine + text.slice(0, unasked.index).split('\n').length - 1;
    return { line, message: `{${unasked[1]}} is not among the arguments` };
  }
  const unused = [...asks.keys()].find((name) => places.every(([, used]) => used !== name));
  return unused === undefined ? null : { line: 1, message: `the argument "${unused}" is nowhere in the text` };
}

const place = /\{(\w+)\}/g;

export function registerPrompts(server: McpServer, prompts: readonly Prompt[]): void {
  for (const { name, title, description, asks, text } of prompts) {
    const shape = [...asks].map(([key, what]) => [key, z.string().max(answerCharsMax).describe(what)] as const);
    const argsSchema = z.object(Object.fromEntries(shape));
    server.registerPrompt(name, { title, description, argsSchema }, (given) => ({
      messages: [{ role: 'user', content: { type: 'text', text: fillPrompt(text, given) } }],
    }));
  }
}

/** Each place once, with what was given as it is: nothing in an answer is a place of its own. */
function fillPrompt(text: string, given: Readonly<Record<string, string>>): string {
  return text.replace(place, (whole, name: string) => given[name] ?? whole);
}
