import { expect, it } from 'vitest';
import { problemToResult } from './answer.ts';

const textOf = (message: string) => {
  const [first] = problemToResult({ code: 'Code', message, nextStep: 'Go on.' }).content;
  return first?.type === 'text' ? first.text : '';
};

it.each([
  ['the machine is stopped', 'Code: The machine is stopped.\nNext: Go on.'],
  ['bd3sg-teaaa-aaaaa-qaaba-cai may not hold it', 'Code: bd3sg-teaaa-aaaaa-qaaba-cai may not hold it.\nNext: Go on.'],
  ['simUSD has 6 decimals!', 'Code: simUSD has 6 decimals!\nNext: Go on.'],
  ['births[0].model must be a line', 'Code: births[0].model must be a line.\nNext: Go on.'],
])('a problem is a sentence in which ids, symbols and names stay as they are: %s', (message, text) => {
  expect(textOf(message)).toBe(text);
});
