import { describe, expect, it } from 'vitest';
import { parsePrompt } from './prompts.ts';

const head = ['---', 'name: look', 'title: Look', 'description: Looks.', 'arguments:', '  what: a thing', '---'];
const prompt = (lines: readonly string[], body = '\nLook at {what}.\nTwice.') => [...lines, body].join('\n');
const changed = (line: number, text: string) => head.map((kept, i) => (i === line - 1 ? text : kept));

describe('a prompt from a file', () => {
  it('has what its head says, and its text without the head', () => {
    const parsed = parsePrompt('look.md', prompt(head));
    if (!parsed.ok) throw new Error(parsed.error.message);
    const { asks, ...rest } = parsed.value;
    const text = 'Look at {what}.\nTwice.';
    expect(rest).toEqual({ name: 'look', title: 'Look', description: 'Looks.', text });
    expect([...asks]).toEqual([['what', 'a thing']]);
  });

  it('is the same with line ends of another system', () => {
    expect(parsePrompt('look.md', prompt(head).replaceAll('\n', '\r\n'))).toEqual(parsePrompt('look.md', prompt(head)));
  });

  it.each([
    ['no head', prompt(['Look.']), 1, /first line/],
    ['a head that is not closed', prompt(head.slice(0, -1)), 1, /not closed/],
    ['a line that is none of a head', prompt(changed(3, 'Look')), 3, /name: value/],
    ['a line below nothing', prompt(changed(2, '  name: look')), 2, /nothing/],
    ['a name twice', prompt(changed(3, 'name: look')), 3, /twice/],
    ['what YAML reads as a number', prompt(changed(3, 'title: 0.05')), 3, /must be text/],
    ['what YAML reads as a list', prompt(changed(4, 'description: [a, b]')), 4, /begin with \[/],
    ['what YAML reads as a comment', prompt(changed(4, 'description: a #b')), 4, /cannot hold/],
    ['an unknown field', prompt(changed(3, 'tittle: Look')), 1, /"tittle" is not known/],
    ['a missing field', prompt(head.filter((_, i) => i !== 2)), 1, /"title" must be/],
    ['a field that is too long', prompt(changed(3, `title: ${'x'.repeat(121)}`)), 1, /120 characters/],
    ['another name than its file', prompt(changed(2, 'name: see')), 1, /that of the file: look/],
    ['arguments in one line', prompt(changed(5, 'arguments: what').filter((_, i) => i !== 5)), 1, /lines of/],
    ['a place that nobody asks for', prompt(head, '\nLook at {what}\nand {that}.'), 10, /\{that\} is not among/],
    ['an argument without a place', prompt(head, '\nLook.'), 1, /"what" is nowhere/],
    ['no text', prompt(head, ''), 8, /no text/],
  ])('is refused with its line for %s', (_, text, line, message) => {
    const parsed = parsePrompt('look.md', text);
    expect(parsed).toMatchObject({ ok: false, error: { line } });
    expect(parsed.ok ? '' : parsed.error.message).toMatch(message);
  });
});
