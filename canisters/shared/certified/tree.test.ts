// Against two independent readers of hash trees: the replica's and the agent library's.
import { Cbor, type HashTree, LookupPathStatus, lookup_path, reconstruct } from '@dfinity/agent';
import { textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reconstruct as replicaReconstruct } from '../../../replica/src/certification/hash-tree.ts';
import { parseHashTree } from '../../../replica/src/certification/hash-tree-cbor.ts';
import { lookup } from '../../../replica/src/certification/lookup.ts';
import { createCertifiedTree } from './tree.ts';

const label = fc.oneof(
  fc.constantFrom('last_block_index', 'last_block_hash', 'last_event_hash'),
  fc.string({ minLength: 1, maxLength: 8 }),
);
const value = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.integer({ min: 250, max: 300 }).map((length) => new Uint8Array(length)),
);
const leaves = fc.dictionary(label, value, { maxKeys: 8, noNullPrototype: true });

const parsed = (witness: Uint8Array) => {
  const tree = parseHashTree(witness);
  if (!tree.ok) throw new Error(tree.error);
  return tree.value;
};

describe('a certified tree', () => {
  it('has one root hash, whatever its witness shows', () => {
    fc.assert(
      fc.property(leaves, fc.array(label), (given, shown) => {
        const tree = createCertifiedTree(given);
        expect(replicaReconstruct(parsed(tree.witness(shown)))).toEqual(tree.rootHash());
      }),
    );
  });

  it('shows the labels asked for, and of others nothing', () => {
    fc.assert(
      fc.property(leaves, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (given, picks) => {
        const names = Object.keys(given);
        const shown = names.filter((_, i) => picks[i]);
        const tree = parsed(createCertifiedTree(given).witness(shown));
        for (const name of names) {
          const found = lookup([textToBytes(name)], tree);
          if (shown.includes(name)) expect(found).toEqual({ kind: 'found', value: given[name] });
          else expect(found.kind).toBe('unknown');
        }
      }),
    );
  });

  it('proves of a label that is not there that it is not, and shows nothing else', () => {
    fc.assert(
      fc.property(leaves, label, (given, missing) => {
        const { [missing]: _, ...others } = given;
        const tree = parsed(createCertifiedTree(others).witness([missing]));
        expect(lookup([textToBytes(missing)], tree)).toEqual({ kind: 'absent' });
        for (const name of Object.keys(others)) expect(lookup([textToBytes(name)], tree).kind).toBe('unknown');
      }),
    );
  });

  it('is read by the agent library', async () => {
    const given = {
      last_block_hash: new Uint8Array(32).fill(7),
      last_block_index: Uint8Array.of(0xe5, 0x8e, 0x26),
      other: new Uint8Array(300),
    };
    const tree = createCertifiedTree(given);
    const decoded = Cbor.decode<HashTree>(tree.witness(['last_block_index', 'last_block_hash']));
    expect(await reconstruct(decoded)).toEqual(tree.rootHash());
    const found = lookup_path([textToBytes('last_block_index')], decoded);
    expect(found.status).toBe(LookupPathStatus.Found);
    expect('value' in found && found.value).toEqual(given.last_block_index);
  });
});
