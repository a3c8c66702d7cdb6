import { describe, expect, it } from 'vitest';
import { approveCode, type CodeArgs, codeAnswer, newestCode, retireCode } from './code.ts';
import {
  approve,
  ChunksType,
  chunk,
  codeOf,
  createReadyRegistry,
  createTestRegistry,
  firstHash,
  governor,
  rejected,
  secondHash,
  storedChunks,
  stranger,
  unknown,
} from './test-registry.ts';

describe('a module', () => {
  it('is approved when its chunks are there', () => {
    const registry = createTestRegistry();
    expect(registry.act(governor, approveCode, codeOf(firstHash))).toEqual({ reply: firstHash });
    expect(newestCode(registry.tables, 'machine')).toBeNull();
    const [call] = registry.calls();
    expect(call).toMatchObject({ method: 'stored_chunks', isRepeatable: true });
    registry.reply(call!.id, ChunksType, storedChunks('ab'.repeat(32), chunk));
    expect(newestCode(registry.tables, 'machine')?.moduleHash).toBe(firstHash);
    expect(registry.act(governor, approveCode, codeOf(firstHash))).toEqual({ refused: 'CodeKnown' });
  });

  it.each([
    ['a chunk is missing', { kind: 'replied', bytes: new Uint8Array([68, 73, 68, 76, 0, 0]) } as const],
    ['the store cannot be read', rejected()],
    ['nobody answers', unknown],
  ])('is not approved when %s, and may be proposed again', (_, outcome) => {
    const registry = createTestRegistry();
    registry.act(governor, approveCode, codeOf(firstHash));
    registry.answer(registry.calls()[0]!.id, outcome);
    expect(registry.tables.codes.get(firstHash)?.standing).toBe('refused');
    expect(codeAnswer(registry.tables, firstHash, String)).toMatchObject({ Err: { code: 'ChunksMissing' } });
    approve(registry, codeOf(firstHash));
    expect(registry.tables.codes.get(firstHash)?.standing).toBe('approved');
    expect(registry.tables.codeOrder.end()).toBe(1);
  });

  it('is refused when something about it is wrong', () => {
    const { act } = createTestRegistry();
    expect(act(stranger, approveCode, codeOf(firstHash))).toEqual({ refused: 'NotGovernor' });
    const wrong = (changes: object) => act(governor, approveCode, codeOf(firstHash, changes));
    for (const changes of [
      { codeKind: 'Machine!' },
      { version: '' },
      { moduleHash: 'ff' },
      { chunkHashes: [] },
      { chunkHashes: ['ff'] },
      { chunkHashes: Array.from({ length: 101 }, () => chunk) },
      { candid: ' '.repeat(262_145) },
      { layout: ' '.repeat(262_145) },
    ])
      expect(wrong(changes)).toEqual({ refused: 'FieldInvalid' });
    expect(wrong({ candid: 'service : { a : () -> (Nowhere) }' })).toEqual({ refused: 'CandidInvalid' });
    for (const layout of [
      '{}',
      '[1]',
      '[{"number":1}]',
      '[{"number":1,"name":"a","kind":"table","key":null,"value":{"list":7}}]',
    ])
      expect(wrong({ layout })).toEqual({ refused: 'LayoutInvalid' });
  });

  it('that has retired may come again, with its chunks in another order', () => {
    const registry = createTestRegistry();
    const again = (code: CodeArgs) => registry.act(governor, approveCode, code);
    approve(registry, codeOf(firstHash));
    expect(again(codeOf(firstHash))).toEqual({ refused: 'CodeKnown' });
    registry.act(governor, retireCode, { moduleHash: firstHash });
    approve(registry, codeOf(firstHash, { chunkHashes: [chunk, chunk] }));
    expect(newestCode(registry.tables, 'machine')).toMatchObject({ chunkHashes: [chunk, chunk] });
  });

  it('of a machine takes what the registry installs machines with, or is refused before anything is born with it', () => {
    const registry = createTestRegistry();
    const withInit = (init: string) => codeOf(firstHash, { candid: `service : (${init}) -> {}` });
    expect(registry.act(governor, approveCode, withInit('record { kind : text; colour : text }'))).toEqual({
      refused: 'CandidInvalid',
    });
    expect(registry.act(governor, approveCode, withInit('record { kind : nat }'))).toEqual({
      refused: 'CandidInvalid',
    });
    const other = { ...withInit('record { colour : text }'), codeKind: 'ledger', moduleHash: secondHash };
    approve(registry, other);
    approve(registry, withInit('record { kind : text; colour : opt text }'));
  });

  it('is the newest approved one of its kind, until it retires', () => {
    const registry = createReadyRegistry();
    approve(registry, codeOf(secondHash));
    expect(newestCode(registry.tables, 'machine')?.moduleHash).toBe(secondHash);
    expect(registry.act(stranger, retireCode, { moduleHash: secondHash })).toEqual({ refused: 'NotGovernor' });
    expect(registry.act(governor, retireCode, { moduleHash: secondHash })).toEqual({ reply: null });
    expect(registry.act(governor, retireCode, { moduleHash: secondHash })).toEqual({ refused: 'CodeUnknown' });
    expect(newestCode(registry.tables, 'machine')?.moduleHash).toBe(firstHash);
  });

  it('may be approved again after it has retired, at its place in the order', () => {
    const registry = createReadyRegistry();
    approve(registry, codeOf(secondHash));
    registry.act(governor, retireCode, { moduleHash: firstHash });
    approve(registry, codeOf(firstHash));
    expect(registry.tables.codes.get(firstHash)?.standing).toBe('approved');
    expect(newestCode(registry.tables, 'machine')?.moduleHash).toBe(secondHash);
    expect(registry.tables.codeOrder.end()).toBe(2);
  });

  it('has no more than 200 companions', () => {
    const registry = createTestRegistry();
    for (let i = 0; i < 200; i++) approve(registry, codeOf(i.toString(16).padStart(64, '0')));
    expect(registry.act(governor, approveCode, codeOf('ff'.repeat(32)))).toEqual({ refused: 'TooManyCodes' });
    registry.act(governor, retireCode, { moduleHash: '0'.repeat(64) });
    approve(registry, codeOf('0'.repeat(64)));
    expect(registry.tables.codes.get('0'.repeat(64))?.standing).toBe('approved');
  });

  it('makes room among 200 when it is the oldest and has retired, and may come back as the newest', () => {
    const registry = createTestRegistry();
    const hashes = Array.from({ length: 201 }, (_, i) => i.toString(16).padStart(64, '0'));
    for (const hash of hashes.slice(0, 200)) approve(registry, codeOf(hash));
    const { codeOrder, codes } = registry.tables;
    const length = () => codeOrder.end() - codeOrder.first();
    registry.act(governor, retireCode, { moduleHash: hashes[0]! });
    approve(registry, codeOf(hashes[200]!));
    expect(length()).toBe(200);
    expect(newestCode(registry.tables, 'machine')?.moduleHash).toBe(hashes[200]);
    // Machines may still run it.
    expect(codes.get(hashes[0]!)?.standing).toBe('retired');
    expect(registry.act(governor, approveCode, codeOf(hashes[0]!))).toEqual({ refused: 'TooManyCodes' });
    registry.act(governor, retireCode, { moduleHash: hashes[1]! });
    approve(registry, codeOf(hashes[0]!));
    expect(length()).toBe(200);
    expect(newestCode(registry.tables, 'machine')?.moduleHash).toBe(hashes[0]);
  });
});
