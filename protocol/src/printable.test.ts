import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanedLine, isPrintableLine, isReadableText } from './printable.ts';

describe('a printable line', () => {
  it.each(['Acme', 'Bosch & Söhne', '三菱電機', 'W-1/β (2026)', '🧺'])('may be %s', (text) => {
    expect(isPrintableLine(text, 64)).toBe(true);
  });

  it.each([
    '',
    ' ',
    ' x',
    'x ',
    'x  y',
    'x\ny',
    'x\u0000',
    'x\u0085',
    'x\u2028',
    'x\u202ey',
    'x\u2066y',
    'x\u200by',
    '\u3164',
    'x\u115fy',
    'x \u2800 y',
    '\ud83e',
  ])('is not %j', (text) => {
    expect(isPrintableLine(text, 64)).toBe(false);
  });

  it('has a limit', () => {
    expect(isPrintableLine('x'.repeat(64), 64)).toBe(true);
    expect(isPrintableLine('x'.repeat(65), 64)).toBe(false);
  });
});

describe('a readable text', () => {
  it('may have lines, tabs and joined signs, but nothing that hides or turns', () => {
    for (const text of ['', 'One.\r\n\tTwo.', '👩‍🔧 می‌شود']) expect(isReadableText(text)).toBe(true);
    for (const text of ['a\u0007', 'a\u001b[2J', 'a\u009b', 'a\u202eb', 'a\u2069', 'a\u200fb', '\udc00a', 'a\u2029b'])
      expect(isReadableText(text)).toBe(false);
  });
});

describe('a cleaned line', () => {
  it('keeps the words', () => {
    expect(cleanedLine(' water\n on the\u202efloor\u0000', 64)).toBe('water on the floor');
    expect(cleanedLine('ab🧺', 3)).toBe('ab');
    expect(cleanedLine('paid\u3164\u3164\u2800by all', 64)).toBe('paid by all');
  });

  it('is readable and short, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(50), (text, max) => {
        const cleaned = cleanedLine(text, max);
        expect(cleaned.length).toBeLessThanOrEqual(max);
        expect(isReadableText(cleaned)).toBe(true);
        expect(cleaned).not.toMatch(/[\r\n\t]/);
      }),
    );
  });
});
