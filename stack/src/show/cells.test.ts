// Columns hold whatever stands in them: letters of two cells, marks of none, and names that were made to break a line.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsOf, cut, fit, harmless, wrap } from './cells.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('text in columns', () => {
  it('counts cells as a terminal does', () => {
    expect(cellsOf('abc')).toBe(3);
    expect(cellsOf('洗濯')).toBe(4);
    expect(cellsOf('e\u0301')).toBe(1);
    expect(cellsOf('🧺')).toBe(2);
  });

  it('is cut with an ellipsis, and filled at either side', () => {
    expect(fit('washer 12', 6)).toBe('washe…');
    expect(fit('7', 3, 'right')).toBe('  7');
    expect(fit('洗濯機', 4)).toBe('洗… ');
    expect(cut('abc', 0)).toBe('');
  });

  it('takes exactly the cells it is given, whatever it says', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, cells) => {
        expect(cellsOf(fit(harmless(text), cells))).toBe(cells);
      }),
    );
  });

  it('is broken into lines that fit, and nothing is lost', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 40 }), (text, cells) => {
        const lines = wrap(harmless(text), cells);
        expect(lines.every((line) => cellsOf(line) <= cells)).toBe(true);
        expect(lines.join('').replaceAll(' ', '')).toBe(harmless(text).replaceAll(' ', ''));
      }),
    );
  });
});

describe('a name of a stranger', () => {
  it.each([
    ['moves no cursor', 'a\u001b[2Jb\u0007', 'a [2Jb'],
    ['begins no line', 'a\nb\rc', 'a b c'],
    ['turns no line round', 'a\u202eb\u2066c', 'a b c'],
    ['hides nothing', 'a\u200bb\u{e0041}c\ud800d', 'abc d'],
    ['piles no marks up', `a${'\u0301'.repeat(30)}b`, 'a\u0301\u0301b'],
  ])('%s', (_, text, shown) => expect(harmless(text)).toBe(shown));

  it('has nothing left that a terminal would obey', () => {
    const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
    fc.assert(fc.property(anyText, (text) => !obeyed.test(harmless(text))));
  });
});
