// Reading a hash tree: the lookup algorithm and the well-formedness rule as SPEC/certification prints them, and pruning.

import { bytesEqual, compareBytes } from '@tamc/base/bytes';
import { fork, type HashTree, type LabeledTree, labeled, pruned, reconstruct } from './hash-tree.ts';

export type Path = readonly Uint8Array[];

export type Lookup =
  | { readonly kind: 'found'; readonly value: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'error' };

export type SubtreeLookup =
  | { readonly kind: 'found'; readonly tree: HashTree }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown' };

const absent = { kind: 'absent' } as const;
const unknown = { kind: 'unknown' } as const;

export function lookup(path: Path, tree: HashTree): Lookup {
  const subtree = lookupSubtree(path, tree);
  if (subtree.kind !== 'found') return subtree;
  switch (subtree.tree.kind) {
    case 'empty':
      return absent;
    case 'leaf':
      return { kind: 'found', value: subtree.tree.value };
    case 'pruned':
      return unknown;
    default:
      return { kind: 'error' };
  }
}

/** What stands at the path, whatever it is. */
export function lookupSubtree(path: Path, tree: HashTree): SubtreeLookup {
  let current: HashTree = tree;
  for (const label of path) {
    const step = findLabel(label, flattenForks(current));
    if (step.kind !== 'found') return step;
    current = step.tree;
  }
  return { kind: 'found', tree: current };
}

export function flattenForks(tree: HashTree): HashTree[] {
  const flat: HashTree[] = [];
  collect(tree, flat);
  return flat;
}

function collect(tree: HashTree, flat: HashTree[]): void {
  if (tree.kind === 'fork') {
    collect(tree.left, flat);
    collect(tree.right, flat);
  } else if (tree.kind !== 'empty') {
    flat.push(tree);
  }
}

function findLabel(label: Uint8Array, trees: readonly HashTree[]): SubtreeLookup {
  const same = trees.find((tree) => tree.kind === 'labeled' && bytesEqual(tree.label, label));
  if (same?.kind === 'labeled') return { kind: 'found', tree: same.tree };
  if (trees.length === 0) return absent;
  if (trees.length === 1 && trees[0]!.kind === 'leaf') return absent;
  return isBetweenNeighbours(label, trees) ? absent : unknown;
}

/** Two labels side by side with this one between them, or this one before the first or after the last. */
function isBetweenNeighbours(label: Uint8Array, trees: readonly HashTree[]): boolean {
  const order = trees.map((tree) => (tree.kind === 'labeled' ? Math.sign(compareBytes(tree.label, label)) : null));
  if (order[0] === 1 || order.at(-1) === -1) return true;
  return order.some((sign, i) => sign === -1 && order[i + 1] === 1);
}

export function isWellFormed(tree: HashTree): boolean {
  return tree.kind === 'leaf' || isWellFormedForest(flattenForks(tree));
}

function isWellFormedForest(trees: readonly HashTree[]): boolean {
  let previous: Uint8Array | null = null;
  for (const tree of trees) {
    if (tree.kind === 'leaf') return false;
    if (tree.kind !== 'labeled') continue;
    if (previous !== null && compareBytes(previous, tree.label) >= 0) return false;
    if (!isWellFormed(tree.tree)) return false;
    previous = tree.label;
  }
  return true;
}

/**
 * The same tree with everything replaced by its hash that the paths do not need: what stands at a path is kept whole,
 * and where a path leads nowhere the neighbouring labels are kept to prove it. The root hash stays.
 */
export function prune(tree: HashTree, paths: readonly Path[]): HashTree {
  if (paths.length === 0) return hide(tree);
  if (paths.some((path) => path.length === 0)) return tree;
  const forest = flattenForks(tree);
  // A leaf or an empty tree shows by itself that nothing is below it.
  if (forest.every((item) => item.kind === 'leaf')) return tree;
  const labels = forest.filter((item) => item.kind === 'labeled');
  const kept = new Map<LabeledTree, Path[]>();
  for (const path of paths) keepForPath(path, labels, kept);
  return rebuild(tree, kept) ?? hide(tree);
}

function keepForPath([label, ...rest]: Path, labels: readonly LabeledTree[], kept: Map<LabeledTree, Path[]>): void {
  const next = labels.findIndex((item) => compareBytes(item.label, label!) >= 0);
  const candidate = labels[next];
  if (candidate !== undefined && bytesEqual(candidate.label, label!)) {
    kept.set(candidate, [...(kept.get(candidate) ?? []), rest]);
    return;
  }
  const neighbours = [labels.at(next === -1 ? -1 : next - 1), candidate];
  for (const neighbour of next === 0 ? [candidate] : neighbours) {
    if (neighbour !== undefined && !kept.has(neighbour)) kept.set(neighbour, []);
  }
}

/** Null when nothing below is kept, so that the largest possible part is hidden behind one hash. */
function rebuild(tree: HashTree, kept: ReadonlyMap<LabeledTree, readonly Path[]>): HashTree | null {
  if (tree.kind === 'fork') {
    const left = rebuild(tree.left, kept);
    const right = rebuild(tree.right, kept);
    return left === null && right === null ? null : fork(left ?? hide(tree.left), right ?? hide(tree.right));
  }
  const paths = tree.kind === 'labeled' ? kept.get(tree) : undefined;
  return tree.kind === 'labeled' && paths !== undefined ? labeled(tree.label, prune(tree.tree, paths)) : null;
}

/** Parts without any content stay: a hash in their place could be anything, and would spoil a proof of absence. */
function hide(tree: HashTree): HashTree {
  return flattenForks(tree).length === 0 ? tree : pruned(reconstruct(tree));
}
