import { describe, expect, it } from 'vitest';
import { answerBytesMax, factsToResult } from './answer.ts';
import { fence } from './fence.ts';
import { fitPage } from './page.ts';

const longest = '水'.repeat(200);
const factsOf = (number: number) => ({
  number: BigInt(number),
  ...Object.fromEntries(['kind', 'make', 'model', 'purpose'].map((name) => [name, fence(longest)])),
});

describe('a page of a list', () => {
  it('fits into an answer whatever stands in it, and who goes on by its length comes to the end', () => {
    const all = Array.from({ length: 50 }, (_, i) => i);
    const seen: unknown[] = [];
    let pages = 0;
    while (seen.length < all.length && pages++ < all.length) {
      const shown = fitPage(all.slice(seen.length), factsOf);
      const { content, isError } = factsToResult({ total: all.length, list: shown, cursor: 50, next: 'x'.repeat(200) });
      expect(isError).not.toBe(true);
      expect(Buffer.byteLength(JSON.stringify(content[0]))).toBeLessThan(answerBytesMax * 1.2);
      seen.push(...shown.map(({ number }) => Number(number)));
    }
    expect(seen).toEqual(all);
    expect(pages).toBeGreaterThan(1);
  });

  it('holds one entry even if that alone is too long, and all of a short list', () => {
    expect(fitPage([1, 2], () => ({ text: 'x'.repeat(30_000) }))).toHaveLength(1);
    expect(fitPage([1, 2, 3], (number) => ({ number }))).toHaveLength(3);
    expect(fitPage([], factsOf)).toEqual([]);
  });
});
