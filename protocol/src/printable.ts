// Texts that strangers write and people decide by: nothing in them may turn, hide or break what stands around them. Names are one
// printable line; longer texts may have lines and tabs.

const line = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+(?: [\p{L}\p{M}\p{N}\p{P}\p{S}]+)*$/u;

/** Letters, marks and signs by their class, and blank by their look: what is hidden between them nobody would miss. */
const blank = /[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]/u;

/** Letters, marks, numbers, signs, with single spaces between them: no control, no change of direction, no lone surrogate. */
export function isPrintableLine(text: string, charsMax: number): boolean {
  return text.length <= charsMax && line.test(text) && !blank.test(text);
}

export const printableLineWanted = (charsMax: number) =>
  `1 to ${charsMax} printable characters with single spaces between words`;

/** Controls but tab and line ends, what changes the direction of writing, lone surrogates. */
const unreadable = /[\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|[^\P{Cc}\t\n\r]/u;
const unreadables = new RegExp(`${unreadable.source}|${blank.source}`, 'gu');

export const readableTextWanted = 'a text without control characters and without marks that turn its direction';

export function isReadableText(text: string): boolean {
  return !unreadable.test(text);
}

/** For a text that must be taken whatever it is: what is no part of one printable line becomes one space. */
export function cleanedLine(text: string, charsMax: number): string {
  // Cut first: the work is bounded, and a surrogate that the cut leaves alone is cleaned with the rest.
  return text.slice(0, charsMax).replace(unreadables, ' ').replace(/\s+/gu, ' ').trim();
}
