import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendBytes, joinAppended } from './append.ts';

describe('appended bytes', () => {
  it('come out as they went in, from one buffer of at most twice their size [api.reply]', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
        const parts: Uint8Array[] = [];
        let used = 0;
        for (const piece of pieces) {
          appendBytes(parts, used, piece);
          used += piece.length;
          expect(parts.length).toBeLessThanOrEqual(1);
          expect(parts[0]?.length ?? 0).toBeLessThanOrEqual(Math.max(2 * used, 40));
        }
        expect(joinAppended(parts, used)).toEqual(Uint8Array.from(pieces.flatMap((piece) => [...piece])));
      }),
    );
  });
});
