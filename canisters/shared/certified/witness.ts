// A hash tree as CBOR: [0] empty, [1, left, right] fork, [2, label, tree] labeled, [3, value] leaf, [4, hash] pruned.
import { concatBytes } from '@tamc/base/bytes';
import type { Node } from './tree.ts';

export function writeHashTree({ hash, tree }: Node): Uint8Array {
  switch (tree.kind) {
    case 'empty':
      return Uint8Array.of(0x81, 0);
    case 'fork':
      return concatBytes(Uint8Array.of(0x83, 1), writeHashTree(tree.left), writeHashTree(tree.right));
    case 'labeled':
      return concatBytes(Uint8Array.of(0x83, 2), byteString(tree.label), writeHashTree(tree.below));
    case 'leaf':
      return concatBytes(Uint8Array.of(0x82, 3), byteString(tree.value));
    case 'pruned':
      return concatBytes(Uint8Array.of(0x82, 4), byteString(hash));
  }
}

const byteStringMajor = 0x40;

/** The shortest head, as canonical CBOR wants it; leaves of 4 GiB do not occur. */
function byteString(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length < 24) return concatBytes(Uint8Array.of(byteStringMajor | length), bytes);
  if (length < 0x100) return concatBytes(Uint8Array.of(byteStringMajor | 24, length), bytes);
  if (length < 0x10000) return concatBytes(Uint8Array.of(byteStringMajor | 25, length >>> 8, length), bytes);
  return concatBytes(Uint8Array.of(byteStringMajor | 26, length >>> 24, length >>> 16, length >>> 8, length), bytes);
}
