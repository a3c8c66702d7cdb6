// A certified map: byte-string labels to leaves or subtrees, with the root hash of the hash tree it stands for. Changing it
// gives a new map that shares all but one path with the old one, so old versions stay valid and cost little; hashes are
// computed when asked for and only for what changed. The shape depends on the labels alone, not on the order of changes.

import { binaryToBytes, bytesToBinary } from '../crypto/sha256.ts';
import { hashOfEmpty, hashOfFork, hashOfLabeled, hashOfLeaf } from './hash-tree.ts';
import { bitAt, firstDifferentBit } from './label-bits.ts';

/** A value, a map below, or a function that computes either; it must give the same each time, and is not kept. */
export type Subtree = Uint8Array | LabelMap | (() => Uint8Array | LabelMap);

export interface LabelMap {
  readonly size: number;
  readonly root: TrieNode | null;
}

export type TrieNode = TrieEntry | TrieFork;

export interface TrieEntry {
  readonly isFork: false;
  /** Binary string: half the memory of a byte array, and it compares like the bytes. */
  readonly label: string;
  readonly subtree: Subtree;
  hash: string | null;
}

export interface TrieFork {
  readonly isFork: true;
  /** The first bit in which the labels on the two sides differ. */
  readonly bit: number;
  readonly left: TrieNode;
  readonly right: TrieNode;
  hash: string | null;
}

export const emptyLabelMap: LabelMap = { size: 0, root: null };

export function isLabelMap(subtree: Uint8Array | LabelMap): subtree is LabelMap {
  return !(subtree instanceof Uint8Array);
}

/** Later entries replace earlier ones of the same label. */
export function labelMapOf(entries: Iterable<readonly [Uint8Array, Subtree]>): LabelMap {
  let map = emptyLabelMap;
  for (const [label, subtree] of entries) map = setLabel(map, label, subtree);
  return map;
}

export function getLabel(map: LabelMap, label: Uint8Array): Subtree | null {
  const key = bytesToBinary(label);
  const entry = map.root === null ? null : nearestEntry(map.root, key);
  return entry?.label === key ? entry.subtree : null;
}

export function setLabel(map: LabelMap, label: Uint8Array, subtree: Subtree): LabelMap {
  const entry: TrieEntry = { isFork: false, label: bytesToBinary(label), subtree, hash: null };
  if (map.root === null) return { size: 1, root: entry };
  const nearest = nearestEntry(map.root, entry.label);
  if (nearest.label === entry.label) {
    const path = pathTo(map.root, entry.label, Number.POSITIVE_INFINITY);
    return { size: map.size, root: rebuild(path.forks, entry.label, entry) };
  }
  const bit = firstDifferentBit(nearest.label, entry.label);
  const { forks, end } = pathTo(map.root, entry.label, bit);
  const isRight = bitAt(entry.label, bit) === 1;
  const added = isRight ? newFork(bit, end, entry) : newFork(bit, entry, end);
  return { size: map.size + 1, root: rebuild(forks, entry.label, added) };
}

/** The same map when the label is not there. */
export function deleteLabel(map: LabelMap, label: Uint8Array): LabelMap {
  const key = bytesToBinary(label);
  if (map.root === null || nearestEntry(map.root, key).label !== key) return map;
  const { forks } = pathTo(map.root, key, Number.POSITIVE_INFINITY);
  const parent = forks.pop();
  if (parent === undefined) return emptyLabelMap;
  const sibling = bitAt(key, parent.bit) === 1 ? parent.left : parent.right;
  return { size: map.size - 1, root: rebuild(forks, key, sibling) };
}

export function rootHash(map: LabelMap): Uint8Array {
  return binaryToBytes(rootHashBinary(map));
}

export function rootHashBinary(map: LabelMap): string {
  return map.root === null ? hashOfEmpty() : hashOfNode(map.root);
}

export function hashOfNode(node: TrieNode): string {
  node.hash ??= node.isFork
    ? hashOfFork(hashOfNode(node.left), hashOfNode(node.right))
    : hashOfLabeled(node.label, hashOfSubtree(node.subtree));
  return node.hash;
}

export function hashOfSubtree(subtree: Subtree): string {
  const resolved = resolveSubtree(subtree);
  return isLabelMap(resolved) ? rootHashBinary(resolved) : hashOfLeaf(resolved);
}

export function resolveSubtree(subtree: Subtree): Uint8Array | LabelMap {
  return typeof subtree === 'function' ? subtree() : subtree;
}

/** In the order of the labels. */
export function* labelMapEntries(map: LabelMap): Generator<[Uint8Array, Subtree]> {
  const stack: TrieNode[] = map.root === null ? [] : [map.root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.isFork) stack.push(node.right, node.left);
    else yield [binaryToBytes(node.label), node.subtree];
  }
}

/** An entry that agrees with the label in every bit the trie looks at: the label's own one if it is there. */
export function nearestEntry(root: TrieNode, label: string): TrieEntry {
  let node = root;
  while (node.isFork) node = bitAt(label, node.bit) === 1 ? node.right : node.left;
  return node;
}

/** The forks above the place where a difference at `bit` belongs, and what is at that place. */
export function pathTo(root: TrieNode, label: string, bit: number): { forks: TrieFork[]; end: TrieNode } {
  const forks: TrieFork[] = [];
  let node = root;
  while (node.isFork && node.bit < bit) {
    forks.push(node);
    node = bitAt(label, node.bit) === 1 ? node.right : node.left;
  }
  return { forks, end: node };
}

function newFork(bit: number, left: TrieNode, right: TrieNode): TrieFork {
  return { isFork: true, bit, left, right, hash: null };
}

/** Copies the forks of a path, from the bottom up, around a new node at its end. */
function rebuild(forks: readonly TrieFork[], label: string, end: TrieNode): TrieNode {
  let node = end;
  for (let i = forks.length - 1; i >= 0; i--) {
    const { bit, left, right } = forks[i]!;
    node = bitAt(label, bit) === 1 ? newFork(bit, left, node) : newFork(bit, node, right);
  }
  return node;
}
