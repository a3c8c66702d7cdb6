import { ok } from '@tamc/base/result';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { isTooDeep, parseArguments } from './arguments.ts';
import { defineReadTool } from './tool.ts';
import { tools } from './tools/index.ts';

const look = defineReadTool({
  name: 'look',
  title: 'Look',
  description: 'Looks.',
  input: z.object({
    machine: z.string(),
    days: z.number().optional(),
    more: z.record(z.string(), z.unknown()).optional(),
  }),
  output: z.object({}),
  read: async () => ok({}),
});
const nested = (depth: number) => {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

it('depth is measured without a stack, however deep', () => {
  expect(isTooDeep(nested(30))).toBe(false);
  expect(isTooDeep(nested(33))).toBe(true);
  expect(isTooDeep(nested(500_000))).toBe(true);
  expect(isTooDeep(Array(100_000).fill({ a: [1] }))).toBe(false);
});

it.each([undefined, null, 'x', 5, [], [{}]])('what is no object is refused: %j', (given) => {
  expect(parseArguments(look, given, false)).toMatchObject({ ok: false, error: { code: 'ArgumentsInvalid' } });
});

it('names of every object are arguments only where a tool says so', () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'confirm']) {
    const given = JSON.parse(`{"machine":"x","${name}":""}`);
    const parsed = parseArguments(look, given, false);
    expect(parsed.ok ? null : parsed.error.message).toContain(`"${name}"`);
  }
});

it('says what is missing and what is wrong, each by its name', () => {
  const parsed = parseArguments(look, { days: 'x' }, false);
  expect(parsed.ok ? null : parsed.error).toEqual({
    code: 'ArgumentsInvalid',
    message: '`machine` is missing; `days`: expected number, received string',
    nextStep: 'Correct the call: `look` needs machine and may have days, more.',
  });
});

it('every tool of ours takes an empty text or null for each optional argument as if it were left out', () => {
  for (const tool of tools) {
    const optional = Object.entries(tool.input.shape).filter(([, field]) => field.isOptional());
    for (const empty of ['', null]) {
      const given = Object.fromEntries(optional.map(([name]) => [name, empty]));
      const [filled, bare] = [given, {}].map((args) => parseArguments(tool, args, false));
      expect(filled, tool.name).toEqual(bare);
    }
  }
});
