import { expect, it } from 'vitest';
import { factsWithCommands, problemWithCommands, withCommands } from './terminal-words.ts';

const elsewhere = (words: string) => `node '/a b/tamc.mjs' ${words} --store /s`;

it('commands are left as they are for the usual network', () => {
  const text = 'Run `npx tamc approve`, or `npm start`.';
  expect(withCommands(text)).toBe(text);
});

it('commands of another network are written out whole, and nothing else is', () => {
  expect(withCommands('Run `npx tamc owner --admit me`, or `npm start`; npx tamc x.', elsewhere)).toBe(
    "Run `node '/a b/tamc.mjs' owner --admit me --store /s`, or `node '/a b/tamc.mjs' start --store /s`; npx tamc x.",
  );
  const facts = { note: '`npx tamc approve`', next: 'Say: `npx tamc approve`.' };
  expect(factsWithCommands(facts, elsewhere)).toEqual({
    note: '`npx tamc approve`',
    next: "Say: `node '/a b/tamc.mjs' approve --store /s`.",
  });
  const problem = { code: 'A', message: '`npx tamc x`', nextStep: '`npx tamc x`' };
  expect(problemWithCommands(problem, elsewhere)).toEqual({
    ...problem,
    nextStep: "`node '/a b/tamc.mjs' x --store /s`",
  });
});
