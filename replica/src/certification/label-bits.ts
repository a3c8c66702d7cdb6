// Labels as bit strings for a radix trie. Each byte is preceded by a 1 and the end is a 0, so that no label is a prefix of
// another and the order of the bits is the order of the labels (a prefix comes first). Labels are binary strings.

const bitsPerByte = 9;

export function bitAt(label: string, bit: number): 0 | 1 {
  const index = Math.floor(bit / bitsPerByte);
  const within = bit - index * bitsPerByte;
  if (index >= label.length) return 0;
  if (within === 0) return 1;
  return (label.charCodeAt(index) >> (8 - within)) & 1 ? 1 : 0;
}

/** The labels must differ. */
export function firstDifferentBit(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  let index = 0;
  while (index < shared && a.charCodeAt(index) === b.charCodeAt(index)) index++;
  if (index === shared) return index * bitsPerByte;
  const difference = a.charCodeAt(index) ^ b.charCodeAt(index);
  // 8 bits in the low byte of 32: the first set one counts from the left.
  return index * bitsPerByte + 1 + (Math.clz32(difference) - 24);
}
