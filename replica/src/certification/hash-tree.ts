// Hash trees (SPEC/certification): a tree of labels with values in the leaves, where any part may be replaced by its hash.

import { concatBytes } from '@tamc/base/bytes';
import { domainSeparator } from '../crypto/domain.ts';
import { binaryToBytes, bytesToBinary, sha256Binary } from '../crypto/sha256.ts';

export type HashTree = EmptyTree | ForkTree | LabeledTree | LeafTree | PrunedTree;

export interface EmptyTree {
  readonly kind: 'empty';
}
export interface ForkTree {
  readonly kind: 'fork';
  readonly left: HashTree;
  readonly right: HashTree;
}
export interface LabeledTree {
  readonly kind: 'labeled';
  readonly label: Uint8Array;
  readonly tree: HashTree;
}
export interface LeafTree {
  readonly kind: 'leaf';
  readonly value: Uint8Array;
}
export interface PrunedTree {
  readonly kind: 'pruned';
  readonly hash: Uint8Array;
}

export const emptyTree: EmptyTree = { kind: 'empty' };

export function fork(left: HashTree, right: HashTree): ForkTree {
  return { kind: 'fork', left, right };
}

export function labeled(label: Uint8Array, tree: HashTree): LabeledTree {
  return { kind: 'labeled', label, tree };
}

export function leaf(value: Uint8Array): LeafTree {
  return { kind: 'leaf', value };
}

export function pruned(hash: Uint8Array): PrunedTree {
  return { kind: 'pruned', hash };
}

const leafDomain = domainSeparator('ic-hashtree-leaf');
const forkDomain = domainSeparator('ic-hashtree-fork');
const labeledDomain = bytesToBinary(domainSeparator('ic-hashtree-labeled'));
const emptyHash = sha256Binary(domainSeparator('ic-hashtree-empty'));

// Hashes between nodes are binary strings: half the memory of byte arrays, and what the hash function gives fastest.
export function hashOfEmpty(): string {
  return emptyHash;
}

export function hashOfLeaf(value: Uint8Array): string {
  return sha256Binary(concatBytes(leafDomain, value));
}

const forkScratch = Buffer.alloc(forkDomain.length + 64);
forkScratch.set(forkDomain);

export function hashOfFork(left: string, right: string): string {
  forkScratch.write(left, forkDomain.length, 'latin1');
  forkScratch.write(right, forkDomain.length + 32, 'latin1');
  return sha256Binary(forkScratch);
}

/** The label as a binary string. */
export function hashOfLabeled(label: string, tree: string): string {
  return sha256Binary(Buffer.from(labeledDomain + label + tree, 'latin1'));
}

/** The root hash. */
export function reconstruct(tree: HashTree): Uint8Array {
  return tree.kind === 'pruned' ? tree.hash : binaryToBytes(reconstructBinary(tree));
}

export function reconstructBinary(tree: HashTree): string {
  switch (tree.kind) {
    case 'empty':
      return emptyHash;
    case 'leaf':
      return hashOfLeaf(tree.value);
    case 'pruned':
      return bytesToBinary(tree.hash);
    case 'labeled':
      return hashOfLabeled(bytesToBinary(tree.label), reconstructBinary(tree.tree));
    case 'fork':
      return hashOfFork(reconstructBinary(tree.left), reconstructBinary(tree.right));
  }
}
