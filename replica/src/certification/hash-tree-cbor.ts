// Hash trees as CBOR: [0] empty, [1, left, right] fork, [2, label, tree] labeled, [3, value] leaf, [4, hash] pruned.

import type { Result } from '@tamc/base/result';
import { type ByteWriter, createByteWriter, putByte, writtenBytes } from '../codec/byte-writer.ts';
import { type CborValue, isCborArray, major, parseCBOR, writeBytes, writeHead } from '../codec/cbor.ts';
import { malformed, refuseMalformed } from '../codec/malformed.ts';
import { sha256ByteCount } from '../crypto/sha256.ts';
import { emptyTree, fork, type HashTree, labeled, leaf, pruned } from './hash-tree.ts';

export function encodeHashTree(tree: HashTree): Uint8Array {
  const writer = createByteWriter(1024);
  writeHashTree(writer, tree);
  return writtenBytes(writer);
}

export function parseHashTree(bytes: Uint8Array): Result<HashTree, string> {
  const parsed = parseCBOR(bytes);
  return parsed.ok ? cborToHashTree(parsed.value) : parsed;
}

export function writeHashTree(writer: ByteWriter, tree: HashTree): void {
  switch (tree.kind) {
    case 'empty':
      writeHead(writer, major.array, 1);
      putByte(writer, 0);
      break;
    case 'fork':
      writeHead(writer, major.array, 3);
      putByte(writer, 1);
      writeHashTree(writer, tree.left);
      writeHashTree(writer, tree.right);
      break;
    case 'labeled':
      writeHead(writer, major.array, 3);
      putByte(writer, 2);
      writeBytes(writer, tree.label);
      writeHashTree(writer, tree.tree);
      break;
    case 'leaf':
      writeHead(writer, major.array, 2);
      putByte(writer, 3);
      writeBytes(writer, tree.value);
      break;
    case 'pruned':
      writeHead(writer, major.array, 2);
      putByte(writer, 4);
      writeBytes(writer, tree.hash);
  }
}

export function cborToHashTree(value: CborValue): Result<HashTree, string> {
  return refuseMalformed(() => toTree(value));
}

function toTree(value: CborValue): HashTree {
  if (!isCborArray(value)) malformed('hash tree node is not an array');
  const [tag, first, second] = value;
  if (tag === 0 && value.length === 1) return emptyTree;
  if (tag === 1 && value.length === 3) return fork(toTree(first!), toTree(second!));
  if (!(first instanceof Uint8Array)) malformed('bad hash tree node');
  if (tag === 2 && value.length === 3) return labeled(first, toTree(second!));
  if (tag === 3 && value.length === 2) return leaf(first);
  if (tag === 4 && value.length === 2 && first.length === sha256ByteCount) return pruned(first);
  return malformed('bad hash tree node');
}
