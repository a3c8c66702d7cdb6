// Text in columns of a terminal: how many cells it takes, and how it is cut or filled to take just so many. What strangers wrote is
// made harmless first, so that no name can move the cursor, turn the line or pretend to be another one.
import { cleanedLine } from '@tamc/protocol/printable';

/** What shows nothing by itself, and what is private to some font. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu;
/** Marks that pile up over a letter would reach into the lines around it. */
const piledMarks = /(\p{M}{2})\p{M}+/gu;
const charsMax = 400;

export function harmless(text: string): string {
  return cleanedLine(text, charsMax).replace(unseen, '').replace(piledMarks, '$1');
}

/** Shown in two cells: East Asian letters, and pictures. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const mark = /\p{M}/u;

export function cellsOf(text: string): number {
  let cells = 0;
  for (const char of text) cells += charCells(char);
  return cells;
}

function charCells(char: string): number {
  if (mark.test(char)) return 0;
  return wide.test(char) ? 2 : 1;
}

/** At most so many cells; what is cut ends in an ellipsis. */
export function cut(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  let kept = '';
  let left = cells - 1;
  for (const char of text) {
    left -= charCells(char);
    if (left < 0) break;
    kept += char;
  }
  return cells > 0 ? `${kept}…` : '';
}

/** Exactly so many cells. */
export function fit(text: string, cells: number, side: 'left' | 'right' = 'left'): string {
  const shown = cut(text, cells);
  const room = ' '.repeat(Math.max(0, cells - cellsOf(shown)));
  return side === 'left' ? shown + room : room + shown;
}

/** Broken between words to lines of at most so many cells; a word that is longer than a line is broken inside. */
export function wrap(text: string, cells: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, cells))) {
    if (line !== '' && cellsOf(line) + 1 + cellsOf(word) > cells) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function pieces(word: string, cells: number): readonly string[] {
  const found: string[] = [];
  let piece = '';
  for (const char of word) {
    if (piece !== '' && cellsOf(piece) + charCells(char) > cells) {
      found.push(piece);
      piece = '';
    }
    piece += char;
  }
  return [...found, piece];
}
