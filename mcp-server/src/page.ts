// As much of a list as an answer holds, whatever strangers wrote into it: the rest has a cursor.
import type { Facts } from './tool.ts';

/** An answer has 20,000: what stands around a list is far below the rest. */
const listBytesMax = 15_000;

/** From the beginning of the list; at least one, so that whoever goes on by the cursor comes to the end. */
export function fitPage<T>(items: readonly T[], toFacts: (item: T) => Facts): readonly Facts[] {
  const shown: Facts[] = [];
  let bytes = 0;
  for (const item of items) {
    const facts = toFacts(item);
    bytes += bytesOf(facts);
    if (shown.length > 0 && bytes > listBytesMax) break;
    shown.push(facts);
  }
  return shown;
}

function bytesOf(facts: Facts): number {
  const plain = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  return Buffer.byteLength(JSON.stringify(facts, plain)) + 1;
}
