import { bytesToHex, parseHex, textToBytes } from '@tamc/base/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyTree, fork, type HashTree, labeled, leaf, pruned, reconstruct } from './hash-tree.ts';
import { encodeHashTree, parseHashTree } from './hash-tree-cbor.ts';
import { isWellFormed, lookup, type Path, prune } from './lookup.ts';

const text = textToBytes;
const path = (...labels: string[]): Path => labels.map(text);

// SPEC/certification, section "Example".
const exampleCBOR =
  '8301830183024161830183018302417882034568656c6c6f810083024179820345776f726c6483024162820344676f6f648301830241638100830241648203476d6f726e696e67';
const exampleRoot = 'eb5c5b2195e62d996b84c9bcc8259d19a83786a2f59e0878cec84c811f669aa0';
const prunedCBOR =
  '83018301830241618301820458201b4feff9bef8131788b0c9dc6dbad6e81e524249c879e9f10f71ce3749f5a63883024179820345776f726c6483024162820458207b32ac0c6ba8ce35ac82c255fc7906f7fc130dab2a090f80fe12f9c2cae83ba6830182045820ec8324b8a1f1ac16bd2e806edba78006479c9877fed4eb464a25485465af601d830241648203476d6f726e696e67';

const example = fork(
  fork(
    labeled(
      text('a'),
      fork(fork(labeled(text('x'), leaf(text('hello'))), emptyTree), labeled(text('y'), leaf(text('world')))),
    ),
    labeled(text('b'), leaf(text('good'))),
  ),
  fork(labeled(text('c'), emptyTree), labeled(text('d'), leaf(text('morning')))),
);

function treeOf(hex: string): HashTree {
  const parsed = parseHashTree(parseHex(hex)!);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe('the worked example', () => {
  it('has the CBOR printed, both ways [tree.example]', () => {
    expect(bytesToHex(encodeHashTree(example))).toBe(exampleCBOR);
    expect(treeOf(exampleCBOR)).toEqual(example);
  });

  it('has the root hash printed, whole and pruned [tree.example]', () => {
    expect(bytesToHex(reconstruct(example))).toBe(exampleRoot);
    expect(bytesToHex(reconstruct(treeOf(prunedCBOR)))).toBe(exampleRoot);
  });

  it('pruned to the paths named gives the CBOR printed [tree.prune]', () => {
    const kept = prune(example, [path('a', 'y'), path('ax'), path('d')]);
    expect(bytesToHex(encodeHashTree(kept))).toBe(prunedCBOR);
  });

  it.each([
    [['a', 'a'], 'unknown', null],
    [['a', 'y'], 'found', 'world'],
    [['aa'], 'absent', null],
    [['ax'], 'absent', null],
    [['b'], 'unknown', null],
    [['bb'], 'unknown', null],
    [['d'], 'found', 'morning'],
    [['e'], 'absent', null],
  ])('answers %j with %s in the pruned tree [tree.lookup]', (labels, kind, value) => {
    const answer = lookup(path(...labels), treeOf(prunedCBOR));
    expect(answer).toEqual(value === null ? { kind } : { kind, value: text(value) });
  });

  it.each([
    [[], 'error'],
    [['a'], 'error'],
    [['c'], 'absent'],
    [['c', 'x'], 'absent'],
    [['b', 'x'], 'absent'],
    [[''], 'absent'],
  ])('answers %j with %s in the whole tree [tree.lookup]', (labels, kind) => {
    expect(lookup(path(...labels), example)).toEqual({ kind });
  });
});

describe('lookup', () => {
  it('finds nothing certain beside a pruned part [tree.lookup]', () => {
    const hidden = pruned(new Uint8Array(32));
    const tree = fork(labeled(text('b'), leaf(text('1'))), fork(hidden, labeled(text('m'), leaf(text('2')))));
    expect(lookup(path('a'), tree)).toEqual({ kind: 'absent' });
    expect(lookup(path('c'), tree)).toEqual({ kind: 'unknown' });
    expect(lookup(path('z'), tree)).toEqual({ kind: 'absent' });
    expect(lookup(path('b'), tree)).toEqual({ kind: 'found', value: text('1') });
  });

  it('distinguishes the ends of a path [tree.lookup]', () => {
    expect(lookup([], emptyTree)).toEqual({ kind: 'absent' });
    expect(lookup([], leaf(text('v')))).toEqual({ kind: 'found', value: text('v') });
    expect(lookup([], pruned(new Uint8Array(32)))).toEqual({ kind: 'unknown' });
    expect(lookup([], labeled(text('l'), emptyTree))).toEqual({ kind: 'error' });
    expect(lookup(path('l'), leaf(text('v')))).toEqual({ kind: 'absent' });
    expect(lookup(path('l'), pruned(new Uint8Array(32)))).toEqual({ kind: 'unknown' });
  });
});

describe('well-formedness', () => {
  it.each<[string, HashTree, boolean]>([
    ['the example', example, true],
    ['a leaf', leaf(text('v')), true],
    ['equal labels', fork(labeled(text('a'), emptyTree), labeled(text('a'), emptyTree)), false],
    ['labels out of order', fork(labeled(text('b'), emptyTree), labeled(text('a'), emptyTree)), false],
    ['a leaf beside a label', fork(labeled(text('a'), emptyTree), leaf(text('v'))), false],
    ['a fork of leaves', fork(leaf(text('v')), emptyTree), false],
    ['disorder below a label', labeled(text('z'), fork(leaf(text('1')), leaf(text('2')))), false],
  ])('of %s is decided as the clause says [tree.well-formed]', (_, tree, expected) => {
    expect(isWellFormed(tree)).toBe(expected);
  });
});

describe('the CBOR of a tree', () => {
  it.each(['80', '8101', '820500', '83024161', '8203', '82045800', '8204410a', '83018100', '00', 'a0', '8200f6'])(
    '%s is refused [tree.encoding]',
    (hex) => {
      expect(parseHashTree(parseHex(hex)!).ok).toBe(false);
    },
  );

  it('leads back to the tree [tree.encoding]', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        expect(treeOf(bytesToHex(encodeHashTree(tree)))).toEqual(tree);
      }),
    );
  });

  it('nested too deeply is refused, not crashed on [tree.encoding]', () => {
    const deep = parseHex(`${'830241618301'.repeat(100_000)}8100`)!;
    expect(parseHashTree(deep)).toMatchObject({ ok: false });
  });
});

const label = fc.uint8Array({ maxLength: 2, max: 3 });
const { tree: trees } = fc.letrec<{ tree: HashTree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(emptyTree),
    fc.uint8Array({ maxLength: 5 }).map(leaf),
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map(pruned),
    fc.tuple(tie('tree'), tie('tree')).map(([left, right]) => fork(left, right)),
    fc.tuple(label, tie('tree')).map(([name, tree]) => labeled(name, tree)),
  ),
}));
const paths = fc.array(fc.array(label, { maxLength: 3 }), { maxLength: 4 });

describe('pruning', () => {
  it('keeps the root hash, whatever the tree and the paths [tree.prune]', () => {
    fc.assert(
      fc.property(trees, paths, (tree, wanted) => {
        expect(reconstruct(prune(tree, wanted))).toEqual(reconstruct(tree));
      }),
    );
  });

  it('keeps the answer to every path asked for, in well-formed trees [tree.prune]', () => {
    fc.assert(
      fc.property(trees.filter(isWellFormed), paths, (tree, wanted) => {
        const kept = prune(tree, wanted);
        for (const one of wanted) expect(lookup(one, kept)).toEqual(lookup(one, tree));
      }),
      { numRuns: 2000 },
    );
  });
});
