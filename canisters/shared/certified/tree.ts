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
  /** The tree as CBOR, with everything but these labels pruned; of a label that is not there it shows that it is not. */
  witness(labels: readonly string[]): Uint8Array;
}

export function createCertifiedTree(leaves: Readonly<Record<string, Uint8Array>>): CertifiedTree {
  const labels = Object.keys(leaves).map((name) => [name, textToBytes(name)] as const);
  const sorted = labels.sort(([, a], [, b]) => compareBytes(a, b));
  const nodes = sorted.map(([name, label]) => ({ names: [name], node: labeled(label, leaf(leaves[name]!)) }));
  const root = joined(nodes);
  return {
    rootHash: () => root.node.hash,
    witness: (shown) => {
      const names = sorted.map(([name]) => name);
      const beside = shown
        .filter((name) => !names.includes(name))
        .flatMap((name) => neighbours(sorted, textToBytes(name)));
      return writeHashTree(pruned(root, { whole: new Set(shown), named: new Set(beside) }));
    },
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

interface Shown {
  readonly whole: ReadonlySet<string>;
  /** Only that there is such a label. */
  readonly named: ReadonlySet<string>;
}

function pruned(branch: Branch, shown: Shown): Node {
  const { node, names, halves } = branch;
  if (node.tree.kind === 'empty') return node;
  if (!names.some((name) => shown.whole.has(name) || shown.named.has(name))) return prunedNode(node);
  if (halves !== undefined) {
    return { hash: node.hash, tree: { kind: 'fork', left: pruned(halves[0], shown), right: pruned(halves[1], shown) } };
  }
  if (shown.whole.has(names[0]!) || node.tree.kind !== 'labeled') return node;
  return { hash: node.hash, tree: { ...node.tree, below: prunedNode(node.tree.below) } };
}

function prunedNode({ hash }: Node): Node {
  return { hash, tree: { kind: 'pruned' } };
}

/** The labels before and after: seen side by side they leave no place for one between. */
function neighbours(sorted: readonly (readonly [string, Uint8Array])[], label: Uint8Array): string[] {
  const at = sorted.filter(([, other]) => compareBytes(other, label) < 0).length;
  return [sorted[at - 1], sorted[at]].flatMap((entry) => (entry === undefined ? [] : [entry[0]]));
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
