// The one certified tree of a canister: a few labels, each with its bytes. Its root hash is the canister's certified data, and a
// witness shows some of the labels to a client. Hashes and form: IC specification, certification.
import { compareBytes, textToBytes } from '@tamc/base/bytes';
import { sha256 } from '../icrc/sha256.ts';
import { writeHashTree } from './witness.ts';

export type HashTree =
  | { readonly kind: 'empty' }
  | { readonly kind: 'fork'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'labeled'; readonly label: Uint8Array; readonly below: Node }
  | { readonly kind: 'leaf'; readonly value: Uint8Array }
  | { readonly kind: 'pruned' };

export interface Node {
  readonly hash: Uint8Array;
  readonly tree: HashTree;
}

export interface CertifiedTree {
  rootHash(): Uint8Array;
  /** The tree as CBOR, with everything but these labels pruned. */
  witness(labels: readonly string[]): Uint8Array;
}

export function createCertifiedTree(leaves: Readonly<Record<string, Uint8Array>>): CertifiedTree {
  const labels = Object.keys(leaves).map((name) => [name, textToBytes(name)] as const);
  const sorted = labels.sort(([, a], [, b]) => compareBytes(a, b));
  const nodes = sorted.map(([name, label]) => ({ names: [name], node: labeled(label, leaf(leaves[name]!)) }));
  const root = joined(nodes);
  return {
    rootHash: () => root.node.hash,
    witness: (shown) => writeHashTree(pruned(root, new Set(shown))),
  };
}

/** A node and the labels below it: what a witness needs to know where to prune. */
interface Branch {
  readonly names: readonly string[];
  readonly node: Node;
  readonly halves?: readonly [Branch, Branch];
}

function joined(branches: readonly Branch[]): Branch {
  if (branches.length === 0) return { names: [], node: empty };
  if (branches.length === 1) return branches[0]!;
  const half = branches.length >>> 1;
  const [left, right] = [joined(branches.slice(0, half)), joined(branches.slice(half))];
  return { names: [...left.names, ...right.names], node: fork(left.node, right.node), halves: [left, right] };
}

function pruned(branch: Branch, shown: ReadonlySet<string>): Node {
  const { node, names, halves } = branch;
  if (!names.some((name) => shown.has(name))) return { hash: node.hash, tree: { kind: 'pruned' } };
  if (halves === undefined) return node;
  return { hash: node.hash, tree: { kind: 'fork', left: pruned(halves[0], shown), right: pruned(halves[1], shown) } };
}

function domain(name: string): Uint8Array {
  const bytes = textToBytes(name);
  return Uint8Array.from([bytes.length, ...bytes]);
}

const emptyDomain = domain('ic-hashtree-empty');
const forkDomain = domain('ic-hashtree-fork');
const labeledDomain = domain('ic-hashtree-labeled');
const leafDomain = domain('ic-hashtree-leaf');

const empty: Node = { hash: sha256(emptyDomain), tree: { kind: 'empty' } };

function fork(left: Node, right: Node): Node {
  return { hash: sha256(forkDomain, left.hash, right.hash), tree: { kind: 'fork', left, right } };
}

function labeled(label: Uint8Array, below: Node): Node {
  return { hash: sha256(labeledDomain, label, below.hash), tree: { kind: 'labeled', label, below } };
}

function leaf(value: Uint8Array): Node {
  return { hash: sha256(leafDomain, value), tree: { kind: 'leaf', value } };
}
