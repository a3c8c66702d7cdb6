// Stable memory, in its 64-bit and its old 32-bit form. Data moves in pieces, so that no copy needs a second buffer of its
// own size, and every page written first is paid for and counted.
import { type EntryPoint, type Execution, Trap } from '../execution/execution.ts';
import { chargeBytes, readHeap, writeHeap } from './heap.ts';
import { instructionsPerNewStablePage, stableAccessPagesMax, stablePagesMax32, wasmPageBytes } from './limits.ts';
import { allocateMemory } from './memory-growth.ts';
import { createTouchedPages, type TouchedPages } from './touched-pages.ts';

const pieceBytes = 1 << 20;
/** Far more pages than there can be; keeps the arithmetic below in whole numbers. */
const pagesAbsurd = 1n << 40n;
/** The replica's own cost of growing, beside the overhead of the call. */
const growInstructions = 100;

export function stable64Size({ stable }: Execution): bigint {
  return BigInt(stable.sizePages());
}

export function stable64Grow(execution: Execution, newPages: bigint): bigint {
  execution.charge(growInstructions);
  return BigInt(grow(execution, newPages < pagesAbsurd ? Number(newPages) : Number(pagesAbsurd)));
}

function grow(execution: Execution, newPages: number): number {
  const { stable } = execution;
  const sizePages = stable.sizePages();
  // Ask first, without keeping it: a size that cannot be had must not cost reserved cycles.
  if (sizePages + newPages > stablePagesMax) return -1;
  if (!allocateMemory(execution, BigInt(newPages) * BigInt(wasmPageBytes))) return -1;
  return stable.grow(newPages);
}

/** 500 GiB. */
const stablePagesMax = (500 * 2 ** 30) / wasmPageBytes;

export function stable64Write(execution: Execution, offset: bigint, src: bigint, size: bigint): void {
  write(execution, Number(offset), Number(src), Number(size));
}

export function stable64Read(execution: Execution, dst: bigint, offset: bigint, size: bigint): void {
  read(execution, Number(dst), Number(offset), Number(size));
}

export function stableSize(execution: Execution): number {
  assertVisible32(execution);
  return execution.stable.sizePages();
}

export function stableGrow(execution: Execution, newPages: number): number {
  execution.charge(growInstructions);
  assertVisible32(execution);
  return execution.stable.sizePages() + newPages > stablePagesMax32 ? -1 : grow(execution, newPages);
}

export function stableWrite(execution: Execution, offset: number, src: number, size: number): void {
  assertVisible32(execution);
  write(execution, offset, src, size);
}

export function stableRead(execution: Execution, dst: number, offset: number, size: number): void {
  assertVisible32(execution);
  read(execution, dst, offset, size);
}

function assertVisible32({ stable }: Execution): void {
  if (stable.sizePages() <= stablePagesMax32) return;
  throw new Trap('wasmTrap', '32 bit stable memory api used on a memory larger than 4GB');
}

function assertInStable({ stable }: Execution, offset: number, size: number): void {
  if (offset + size > stable.sizePages() * wasmPageBytes) throw new Trap('wasmTrap', 'stable memory out of bounds');
}

/** As the main network tells it: a trap of memory, where other functions call it a violation of their contract. */
function assertInHeap({ memory }: Execution, offset: number, size: number): void {
  if (offset + size > memory.sizeBytes()) throw new Trap('wasmTrap', 'heap out of bounds');
}

function write(execution: Execution, offset: number, src: number, size: number): void {
  chargeBytes(execution, size);
  assertInStable(execution, offset, size);
  assertInHeap(execution, src, size);
  touchPages(execution, offset, size);
  for (let done = 0; done < size; done += pieceBytes) {
    const piece = readHeap(execution, src + done, Math.min(pieceBytes, size - done));
    const pagesBefore = execution.stable.newlyWrittenPages();
    execution.stable.write(BigInt(offset + done), piece);
    chargeNewPages(execution, pagesBefore);
  }
}

function read(execution: Execution, dst: number, offset: number, size: number): void {
  chargeBytes(execution, size);
  assertInStable(execution, offset, size);
  assertInHeap(execution, dst, size);
  touchPages(execution, offset, size);
  for (let done = 0; done < size; done += pieceBytes) {
    const piece = execution.stable.read(BigInt(offset + done), Math.min(pieceBytes, size - done));
    writeHeap(execution, dst + done, piece);
  }
}

const touchedBy = new WeakMap<Execution, TouchedPages>();

function touchPages(execution: Execution, offset: number, size: number): void {
  let touched = touchedBy.get(execution);
  if (touched === undefined) {
    touched = createTouchedPages();
    touchedBy.set(execution, touched);
  }
  if (touched.touch(offset, size) > pagesMax(execution)) throw tooManyPages('accessed');
}

function chargeNewPages(execution: Execution, pagesBefore: number): void {
  const pages = execution.stable.newlyWrittenPages();
  if (pages === pagesBefore) return;
  execution.charge((pages - pagesBefore) * instructionsPerNewStablePage);
  if (pages > pagesMax(execution)) throw tooManyPages('modified');
}

const installs: ReadonlySet<EntryPoint> = new Set(['I', 'G', 's']);

function pagesMax({ entryPoint, environment }: Execution): number {
  if (installs.has(entryPoint)) return stableAccessPagesMax.install;
  const query = entryPoint === 'RQ' || !environment.isReplicated;
  return query ? stableAccessPagesMax.query : stableAccessPagesMax.message;
}

function tooManyPages(how: 'accessed' | 'modified'): Trap {
  const { message, install, query } = stableAccessPagesMax;
  return new Trap(
    'memoryAccessLimit',
    `Canister exceeded memory access limits: Exceeded the limit for the number of ${how} pages in the stable memory ` +
      `in a single execution: limit ${message * 4} KB for regular messages, ${install * 4} KB for upgrade messages ` +
      `and ${query * 4} KB for queries.`,
  );
}
