// Looks a value up in a hash tree that somebody showed, as the specification prints it: a value, the proof that there is none, or
// neither. (The library's own search compares labels byte by byte for any greater one, and so takes some pruned trees for proofs of
// absence.)
import { flatten_forks, type HashTree, NodeType } from '@dfinity/agent';
import { bytesEqual, compareBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';

/** Null where the tree proves that there is none. Its root hash has been checked. */
export function lookUp(path: readonly Uint8Array[], tree: HashTree): Result<Uint8Array | null, string> {
  const [label, ...rest] = path;
  if (label === undefined) return valueHere(tree);
  const trees = flatten_forks(tree);
  for (const one of trees) if (one[0] === NodeType.Labeled && bytesEqual(one[1], label)) return lookUp(rest, one[2]);
  return isAbsent(label, trees) ? ok(null) : refuse(notShown);
}

const notShown = 'the tree shows neither the value nor that there is none';

function valueHere(tree: HashTree): Result<Uint8Array | null, string> {
  if (tree[0] === NodeType.Leaf) return ok(Uint8Array.from(tree[1]));
  return tree[0] === NodeType.Empty ? ok(null) : refuse(notShown);
}

/** Labels stand in order: this one would be before the first, after the last, or between two that are side by side. */
function isAbsent(label: Uint8Array, trees: readonly HashTree[]): boolean {
  if (trees.length <= 1 && trees.every(([kind]) => kind === NodeType.Leaf)) return true;
  const orders = trees.map((one) => (one[0] === NodeType.Labeled ? Math.sign(compareBytes(one[1], label)) : null));
  if (orders[0] === 1 || orders.at(-1) === -1) return true;
  return orders.some((order, i) => order === -1 && orders[i + 1] === 1);
}
