// Against the reader of the replica, which follows the specification's own text, on trees that a canister of ours and a liar would show.
import { Cbor, type HashTree, type NodeHash, NodeType, reconstruct } from '@dfinity/agent';
import { textToBytes } from '@tamc/base/bytes';
import { ok } from '@tamc/base/result';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCertifiedTree } from '../../canisters/shared/certified/tree.ts';
import { parseHashTree } from '../../replica/src/certification/hash-tree-cbor.ts';
import { lookup } from '../../replica/src/certification/lookup.ts';
import { lookUp } from './hash-tree.ts';

const labels = ['last_block_hash', 'last_block_index', 'last_event_hash', 'last_event_index', 'machine'];
const label = fc.oneof(fc.constantFrom(...labels), fc.string({ minLength: 1, maxLength: 3 }));
const leaves = fc.dictionary(label, fc.uint8Array({ maxLength: 3 }), { maxKeys: 8, noNullPrototype: true });

function treeOf(given: Readonly<Record<string, Uint8Array>>): HashTree {
  return Cbor.decode<HashTree>(createCertifiedTree(given).witness(Object.keys(given)));
}

/** Hides parts of a tree behind their hash, as a liar may: the root hash stays. */
async function hide(tree: HashTree, isHidden: () => boolean): Promise<HashTree> {
  if (isHidden()) return [NodeType.Pruned, (await reconstruct(tree)) as NodeHash];
  if (tree[0] !== NodeType.Fork) return tree;
  return [NodeType.Fork, await hide(tree[1], isHidden), await hide(tree[2], isHidden)];
}

describe('what a tree shows', () => {
  it('is read as the specification says, whatever is hidden in it', async () => {
    const hidings = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(leaves, hidings, label, async (given, hiding, asked) => {
        let part = 0;
        const tree = await hide(treeOf(given), () => hiding[part++ % hiding.length]!);
        const parsed = parseHashTree(Cbor.encode(tree));
        if (!parsed.ok) throw new Error(parsed.error);
        const theirs = lookup([textToBytes(asked)], parsed.value);
        const ours = lookUp([textToBytes(asked)], tree);
        if (theirs.kind === 'unknown') expect(ours.ok).toBe(false);
        else expect(ours).toEqual(ok(theirs.kind === 'found' ? theirs.value : null));
      }),
    );
  });

  it('is never that a label is absent which is hidden', async () => {
    await fc.assert(
      fc.asyncProperty(leaves, fc.array(fc.boolean(), { minLength: 1 }), async (given, hiding) => {
        let part = 0;
        const tree = await hide(treeOf(given), () => hiding[part++ % hiding.length]!);
        for (const [name, value] of Object.entries(given)) {
          const found = lookUp([textToBytes(name)], tree);
          if (found.ok) expect(found.value).toEqual(value);
        }
      }),
    );
  });

  it('is nothing where a whole tree is hidden, and absence where it is empty', async () => {
    const asked = [textToBytes('last_event_hash')];
    expect(lookUp(asked, await hide(treeOf({ last_event_hash: Uint8Array.of(1) }), () => true))).toMatchObject({
      ok: false,
    });
    expect(lookUp(asked, [NodeType.Empty])).toEqual(ok(null));
  });
});
