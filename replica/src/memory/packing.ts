// A chunk as it is written to disk. A page is stored as nothing (zero), as "the same as the model's page", as a patch
// of the model's page, or raw, whichever is first to do; canisters of one module differ from their model in few bytes.
// Layout: 256 kind bytes, then per patched or raw page in order: raw 4 KiB, or u16 run count and runs of
// (u16 first word, u16 word count, words). Little endian, like the memory itself.
import { assert } from '@tamc/base/assert';
import { type PagePool, pageBytes, zeroSlot } from './page-pool.ts';
import { type Chunk, chunkPages } from './page-table.ts';

const pageWords = pageBytes / 4;
const kinds = { zero: 0, model: 1, patch: 2, raw: 3 } as const;

export function packChunk(pool: PagePool, chunk: Chunk, model: Chunk | undefined): Uint8Array {
  const parts: Uint8Array[] = [new Uint8Array(chunkPages)];
  for (let i = 0; i < chunkPages; i++) parts[0]![i] = packPage(pool, chunk[i]!, model?.[i] ?? zeroSlot, parts);
  return Buffer.concat(parts);
}

function packPage(pool: PagePool, slot: number, modelSlot: number, parts: Uint8Array[]): number {
  if (slot === modelSlot) return slot === zeroSlot ? kinds.zero : kinds.model;
  if (slot === zeroSlot) return kinds.zero;
  const page = pool.view(slot);
  const patch = packPatch(page, pool.view(modelSlot));
  parts.push(patch ?? Uint8Array.from(page));
  return patch === null ? kinds.raw : kinds.patch;
}

/** Null when the patch would be no shorter than the page. */
function packPatch(page: Buffer, model: Buffer): Uint8Array | null {
  const now = new Uint32Array(page.buffer, page.byteOffset, pageWords);
  const before = new Uint32Array(model.buffer, model.byteOffset, pageWords);
  const patch = new Uint16Array(pageBytes / 2);
  let length = 1;
  for (let word = 0; word < pageWords; word++) {
    if (now[word] === before[word]) continue;
    const first = word;
    while (word < pageWords && now[word] !== before[word]) word++;
    if (length + 2 + 2 * (word - first) >= patch.length) return null;
    patch[length++] = first;
    patch[length++] = word - first;
    for (let i = first; i < word; i++) {
      patch[length++] = now[i]! & 0xffff;
      patch[length++] = now[i]! >>> 16;
    }
    patch[0]!++;
  }
  return new Uint8Array(patch.buffer, 0, length * 2);
}

export function unpackChunk(pool: PagePool, packed: Uint8Array, model: Chunk | undefined): Chunk {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  const chunk = new Int32Array(chunkPages);
  let offset = chunkPages;
  for (let i = 0; i < chunkPages; i++) {
    const modelSlot = model?.[i] ?? zeroSlot;
    if (bytes[i] === kinds.zero) continue;
    if (bytes[i] === kinds.model) {
      pool.retain(modelSlot);
      chunk[i] = modelSlot;
      continue;
    }
    chunk[i] = pool.allocate();
    offset =
      bytes[i] === kinds.raw
        ? unpackRaw(pool, chunk[i]!, bytes, offset)
        : unpackPatch(pool, chunk[i]!, modelSlot, bytes, offset);
  }
  assert(offset === bytes.length, 'a stored chunk is read to its end');
  return chunk;
}

function unpackRaw(pool: PagePool, slot: number, bytes: Buffer, offset: number): number {
  pool.copyFrom(slot, bytes, offset);
  return offset + pageBytes;
}

function unpackPatch(pool: PagePool, slot: number, modelSlot: number, bytes: Buffer, start: number): number {
  const page = pool.view(slot);
  pool.view(modelSlot).copy(page);
  let offset = start + 2;
  for (let run = bytes.readUInt16LE(start); run > 0; run--) {
    const target = bytes.readUInt16LE(offset) * 4;
    const length = bytes.readUInt16LE(offset + 2) * 4;
    bytes.copy(page, target, offset + 4, offset + 4 + length);
    offset += 4 + length;
  }
  return offset;
}
