import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packChunk, unpackChunk } from './packing.ts';
import { createPagePool, pageBytes, zeroSlot } from './page-pool.ts';
import {
  clearPageTable,
  copyPageTable,
  createPageTable,
  sharePages,
  slotAt,
  unloadCleanChunks,
  usedPages,
  writePage,
} from './page-table.ts';

const filled = (byte: number) => Buffer.alloc(pageBytes, byte);

describe('the page pool', () => {
  it('[memory.pages] gives every page back when the last reference goes, and never twice', () => {
    const pool = createPagePool();
    const slot = pool.allocate();
    pool.retain(slot);
    pool.release(slot);
    expect(pool.usedPages()).toBe(1);
    pool.release(slot);
    expect(pool.usedPages()).toBe(0);
    expect(() => pool.release(slot)).toThrow('released twice');
  });

  it('[memory.pages] grows past one slab without moving what it holds', () => {
    const pool = createPagePool();
    const slots = Array.from({ length: 5000 }, () => pool.allocate());
    for (const [i, slot] of slots.entries()) pool.copyFrom(slot, filled(i & 0xff), 0);
    for (const [i, slot] of slots.entries()) expect(pool.equals(slot, filled(i & 0xff), 0)).toBe(true);
  });
});

describe('a page table', () => {
  it('[memory.pages] reads as a plain byte array would, whatever is written, copied and cleared', () => {
    const step = fc.record({ page: fc.nat(600), byte: fc.nat(3), copy: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pool = createPagePool();
        let table = createPageTable(pool);
        const model = new Map<number, number>();
        const copies = [];
        for (const { page, byte, copy } of steps) {
          if (copy) copies.push({ table: copyPageTable(table), model: new Map(model) });
          writePage(table, page, filled(byte), 0);
          model.set(page, byte);
        }
        for (const each of [{ table, model }, ...copies]) {
          for (const [page, byte] of each.model)
            expect(pool.equals(slotAt(each.table, page), filled(byte), 0)).toBe(true);
        }
        for (const each of [{ table }, ...copies]) clearPageTable(each.table);
        table = createPageTable(pool);
        expect(pool.usedPages()).toBe(0);
      }),
    );
  });

  it('[memory.sharing] shares pages that equal the model, and only those', () => {
    const pool = createPagePool();
    const model = createPageTable(pool);
    const other = createPageTable(pool);
    for (const page of [0, 1, 300]) writePage(model, page, filled(page + 1), 0);
    for (const page of [0, 300]) writePage(other, page, filled(page + 1), 0);
    writePage(other, 1, filled(9), 0);
    expect(pool.usedPages()).toBe(6);
    sharePages(other, model);
    expect(pool.usedPages()).toBe(4);
    writePage(other, 0, filled(7), 0);
    expect(pool.equals(slotAt(model, 0), filled(1), 0)).toBe(true);
  });
});

describe('a packed chunk', () => {
  const edits = fc.array(fc.record({ page: fc.nat(255), at: fc.nat(pageBytes - 1), byte: fc.nat(255) }), {
    maxLength: 80,
  });

  it('[durable.chunks] unpacks to what was packed, beside the same model', () => {
    fc.assert(
      fc.property(edits, edits, (modelEdits, ownEdits) => {
        const pool = createPagePool();
        const model = createPageTable(pool);
        const table = createPageTable(pool);
        const edit = (target: typeof table, page: number, at: number, byte: number) => {
          const bytes = Buffer.from(pool.view(slotAt(target, page)));
          bytes[at] = byte;
          writePage(target, page, bytes, 0);
        };
        edit(model, 0, 0, 1);
        for (const { page, at, byte } of modelEdits) for (const each of [model, table]) edit(each, page, at, byte);
        edit(table, 0, 1, 2);
        for (const { page, at, byte } of ownEdits) edit(table, page, at, byte);
        sharePages(table, model);
        const packed = packChunk(pool, table.chunks[0]!, model.chunks[0]);
        const unpacked = unpackChunk(pool, packed, model.chunks[0]);
        for (let i = 0; i < 256; i++)
          expect(pool.view(unpacked[i]!).equals(pool.view(table.chunks[0]![i]!))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('[durable.chunks] is raw where nothing resembles the model, and small where little differs', () => {
    const pool = createPagePool();
    const model = createPageTable(pool);
    const table = createPageTable(pool);
    writePage(model, 0, Buffer.alloc(pageBytes, 1), 0);
    writePage(table, 0, Buffer.alloc(pageBytes, 2), 0);
    writePage(model, 1, Buffer.alloc(pageBytes, 1), 0);
    writePage(table, 1, Buffer.concat([Buffer.from([9]), Buffer.alloc(pageBytes - 1, 1)]), 0);
    expect(packChunk(pool, table.chunks[0]!, model.chunks[0]).length).toBe(256 + pageBytes + 2 + 4 + 4);
  });

  it('[memory.eviction] comes back when it is touched after having been unloaded', () => {
    const pool = createPagePool();
    const table = createPageTable(pool);
    writePage(table, 3, filled(5), 0);
    const stored = packChunk(pool, table.chunks[0]!, undefined);
    table.load = () => unpackChunk(pool, stored, undefined);
    unloadCleanChunks(table);
    expect(pool.usedPages()).toBe(1);
    table.dirtyChunks.clear();
    unloadCleanChunks(table);
    expect(pool.usedPages()).toBe(0);
    expect(pool.equals(slotAt(table, 3), filled(5), 0)).toBe(true);
    expect([...usedPages(table)].map(([page]) => page)).toEqual([3]);
    expect(slotAt(table, 4)).toBe(zeroSlot);
  });
});
