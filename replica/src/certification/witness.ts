// The part of a certified map that answers some paths: what is there with its values, what is not there with the labels
// next to it, and hashes for all the rest. Only the paths are walked.

import { binaryToBytes, bytesToBinary } from '../crypto/sha256.ts';
import { emptyTree, fork, type HashTree, labeled, leaf, pruned } from './hash-tree.ts';
import { bitAt, firstDifferentBit } from './label-bits.ts';
import {
  hashOfNode,
  hashOfSubtree,
  isLabelMap,
  type LabelMap,
  nearestEntry,
  pathTo,
  resolveSubtree,
  type Subtree,
  type TrieNode,
} from './label-map.ts';
import type { Path } from './lookup.ts';

/** Labels to show, each with the paths wanted below it (none: only the label itself). Sorted by label. */
type Wanted = readonly (readonly [label: string, paths: readonly Path[]])[];

/** A path that is empty, or ends at a subtree, shows all of it. */
export function witness(map: LabelMap, paths: readonly Path[]): HashTree {
  if (map.root === null) return emptyTree;
  if (paths.some((path) => path.length === 0)) return revealNode(map.root);
  return witnessOfNode(map.root, collectWanted(map.root, paths));
}

/** The whole of a map as a hash tree. */
export function revealAll(map: LabelMap): HashTree {
  return map.root === null ? emptyTree : revealNode(map.root);
}

function collectWanted(root: TrieNode, paths: readonly Path[]): Wanted {
  const wanted = new Map<string, Path[]>();
  for (const [first, ...rest] of paths) {
    const label = bytesToBinary(first!);
    const isThere = nearestEntry(root, label).label === label;
    for (const shown of isThere ? [label] : neighbours(root, label)) {
      const below = wanted.get(shown) ?? [];
      if (isThere) below.push(rest);
      wanted.set(shown, below);
    }
  }
  return [...wanted].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The labels just before and just after one that is not there. */
function neighbours(root: TrieNode, label: string): string[] {
  const bit = firstDifferentBit(nearestEntry(root, label).label, label);
  const { forks, end } = pathTo(root, label, bit);
  const isAfterEnd = bitAt(label, bit) === 1;
  const found = [edgeLabel(end, isAfterEnd)];
  // On the other side the neighbour is over the last fork where the path turned away from it.
  const turn = forks.findLast((node) => (bitAt(label, node.bit) === 1) !== isAfterEnd);
  if (turn !== undefined) found.push(edgeLabel(isAfterEnd ? turn.right : turn.left, !isAfterEnd));
  return found;
}

function edgeLabel(start: TrieNode, isLast: boolean): string {
  let node = start;
  while (node.isFork) node = isLast ? node.right : node.left;
  return node.label;
}

function witnessOfNode(node: TrieNode, wanted: Wanted): HashTree {
  if (wanted.length === 0) return pruned(binaryToBytes(hashOfNode(node)));
  if (!node.isFork) return labeled(binaryToBytes(node.label), witnessOfSubtree(node.subtree, wanted[0]![1]));
  const { bit, left, right } = node;
  const middle = wanted.findIndex(([label]) => bitAt(label, bit) === 1);
  const split = middle === -1 ? wanted.length : middle;
  return fork(witnessOfNode(left, wanted.slice(0, split)), witnessOfNode(right, wanted.slice(split)));
}

function witnessOfSubtree(subtree: Subtree, paths: readonly Path[]): HashTree {
  if (paths.length === 0) return pruned(binaryToBytes(hashOfSubtree(subtree)));
  const resolved = resolveSubtree(subtree);
  // A leaf shows by itself that nothing is below it.
  return isLabelMap(resolved) ? witness(resolved, paths) : leaf(resolved);
}

function revealNode(node: TrieNode): HashTree {
  if (node.isFork) return fork(revealNode(node.left), revealNode(node.right));
  const resolved = resolveSubtree(node.subtree);
  return labeled(binaryToBytes(node.label), isLabelMap(resolved) ? revealAll(resolved) : leaf(resolved));
}
