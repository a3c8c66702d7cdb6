import { bytesToHex, compareBytes, textToBytes } from '@tamc/base/bytes';
import { createRandom } from '@tamc/base/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fork, type HashTree, labeled, leaf, reconstruct } from './hash-tree.ts';
import {
  deleteLabel,
  emptyLabelMap,
  getLabel,
  type LabelMap,
  labelMapEntries,
  labelMapOf,
  rootHash,
  type Subtree,
  setLabel,
} from './label-map.ts';
import { isWellFormed, lookup, type Path } from './lookup.ts';
import { revealAll, witness } from './witness.ts';

const text = textToBytes;
const label = fc.uint8Array({ maxLength: 3, max: 4 });
const value = fc.uint8Array({ maxLength: 4 });
const entries = fc.array(fc.tuple(label, value), { maxLength: 40 });

function mapOfHex(map: LabelMap): Map<string, Subtree> {
  return new Map([...labelMapEntries(map)].map(([name, subtree]) => [bytesToHex(name), subtree]));
}

describe('a certified map', () => {
  it('holds what a plain map would after any changes', () => {
    const change = fc.oneof(
      fc.tuple(label, value).map(([name, leafValue]) => ({ name, leafValue })),
      label.map((name) => ({ name, leafValue: null })),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        let map = emptyLabelMap;
        const model = new Map<string, Uint8Array>();
        for (const { name, leafValue } of changes) {
          map = leafValue === null ? deleteLabel(map, name) : setLabel(map, name, leafValue);
          if (leafValue === null) model.delete(bytesToHex(name));
          else model.set(bytesToHex(name), leafValue);
        }
        expect(mapOfHex(map)).toEqual(model);
        expect(map.size).toBe(model.size);
        for (const { name } of changes) expect(getLabel(map, name)).toEqual(model.get(bytesToHex(name)) ?? null);
        const names = [...labelMapEntries(map)].map(([name]) => name);
        expect(names).toEqual([...names].sort(compareBytes));
      }),
      { numRuns: 500 },
    );
  });

  it('has a root hash that depends on what it holds and not on how it came about [tree.label-map]', () => {
    fc.assert(
      fc.property(entries, fc.array(label, { maxLength: 10 }), (held, detours) => {
        const names = new Map(held.map(([name, leafValue]) => [bytesToHex(name), [name, leafValue] as const]));
        const direct = labelMapOf(names.values());
        let roundabout = emptyLabelMap;
        for (const name of detours) {
          roundabout = setLabel(roundabout, name, text('detour'));
          rootHash(roundabout);
        }
        for (const [name, leafValue] of [...names.values()].reverse())
          roundabout = setLabel(roundabout, name, leafValue);
        for (const name of detours) if (!names.has(bytesToHex(name))) roundabout = deleteLabel(roundabout, name);
        expect(rootHash(roundabout)).toEqual(rootHash(direct));
        expect(rootHash(direct)).toEqual(reconstruct(revealAll(direct)));
      }),
      { numRuns: 500 },
    );
  });

  it('shows itself as a well-formed tree that answers every path [tree.label-map]', () => {
    fc.assert(
      fc.property(entries, (held) => {
        const tree = revealAll(labelMapOf(held));
        expect(isWellFormed(tree)).toBe(true);
        const last = new Map(held.map(([name, leafValue]) => [bytesToHex(name), leafValue]));
        for (const [name] of held) {
          expect(lookup([name], tree)).toEqual({ kind: 'found', value: last.get(bytesToHex(name)) });
        }
      }),
    );
  });

  it('stays as it was when a newer version is made from it', () => {
    const old = labelMapOf([
      [text('a'), text('1')],
      [text('ab'), text('2')],
    ]);
    const before = rootHash(old);
    const newer = deleteLabel(setLabel(setLabel(old, text('b'), text('3')), text('a'), text('4')), text('ab'));
    expect(rootHash(newer)).not.toEqual(before);
    expect(rootHash(labelMapOf(labelMapEntries(old)))).toEqual(before);
    expect(rootHash(old)).toEqual(before);
    expect(deleteLabel(old, text('zz'))).toBe(old);
  });

  it('has the tree one would draw by hand [tree.label-map]', () => {
    const below = labelMapOf([
      [text('x'), text('hello')],
      [text('y'), text('world')],
    ]);
    const map = labelMapOf([
      [text('a'), below],
      [text('b'), text('good')],
    ]);
    const drawn: HashTree = fork(
      labeled(text('a'), fork(labeled(text('x'), leaf(text('hello'))), labeled(text('y'), leaf(text('world'))))),
      labeled(text('b'), leaf(text('good'))),
    );
    expect(revealAll(map)).toEqual(drawn);
    expect(rootHash(map)).toEqual(reconstruct(drawn));
  });
});

describe('a witness', () => {
  const nested = fc.array(
    fc.tuple(
      label,
      fc.oneof(
        value,
        entries.map(labelMapOf),
        entries.map((held) => () => labelMapOf(held)),
      ),
    ),
    { maxLength: 20 },
  );
  const paths = fc.array(fc.array(label, { maxLength: 3 }), { maxLength: 6 });

  it('has the root hash of the map and gives the answers of the whole tree [tree.witness]', () => {
    fc.assert(
      fc.property(nested, paths, (held, wanted) => {
        const map = labelMapOf(held);
        const whole = revealAll(map);
        const shown = witness(map, wanted);
        expect(reconstruct(shown)).toEqual(rootHash(map));
        expect(isWellFormed(shown)).toBe(true);
        for (const path of wanted) expect(lookup(path, shown)).toEqual(lookup(path, whole));
      }),
      { numRuns: 2000 },
    );
  });

  it('shows nothing that was not asked for [tree.witness]', () => {
    const map = labelMapOf(['a', 'b', 'c', 'd'].map((name) => [text(name), text(`value of ${name}`)] as const));
    const shown = witness(map, [[text('b')]]);
    const answers = ['a', 'b', 'c', 'd'].map((name) => lookup([text(name)], shown).kind);
    expect(answers).toEqual(['unknown', 'found', 'unknown', 'unknown']);
  });

  it('proves an absence with the labels beside it, without their values [tree.witness]', () => {
    const map = labelMapOf(['a', 'c', 'e', 'g'].map((name) => [text(name), text(`value of ${name}`)] as const));
    const shown = witness(map, [[text('d')]]);
    expect(lookup([text('d')], shown)).toEqual({ kind: 'absent' });
    expect(lookup([text('c')], shown)).toEqual({ kind: 'unknown' });
    expect(JSON.stringify(shown)).not.toContain(JSON.stringify(text('value of c')));
    expect(lookup([text('f')], shown)).toEqual({ kind: 'unknown' });
  });

  it('of one request among very many is small and does not compute the others again [tree.witness]', () => {
    const random = createRandom(11);
    let computed = 0;
    const status = (name: Uint8Array) => () => {
      computed++;
      return labelMapOf([[text('status'), name]]);
    };
    const names = Array.from({ length: 20_000 }, () => random.bytes(32));
    const map = labelMapOf(names.map((name) => [name, status(name)] as const));
    rootHash(map);
    expect(computed).toBe(names.length);
    const path: Path = [names[777]!, text('status')];
    const shown = witness(map, [path]);
    expect(computed).toBe(names.length + 1);
    expect(lookup(path, shown)).toEqual({ kind: 'found', value: names[777] });
    expect(countNodes(shown)).toBeLessThan(120);
    rootHash(setLabel(map, random.bytes(32), text('new')));
    expect(computed).toBe(names.length + 1);
  });
});

function countNodes(tree: HashTree): number {
  if (tree.kind === 'fork') return 1 + countNodes(tree.left) + countNodes(tree.right);
  return tree.kind === 'labeled' ? 1 + countNodes(tree.tree) : 1;
}
