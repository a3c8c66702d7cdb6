// The hash of everything the network is between two rounds: two runs of the same inputs must agree on it, whatever was
// in memory, on disk, live or cold in either.
import { createHash } from 'node:crypto';
import { bytesToHex } from '@tamc/base/bytes';
import { encodeRecord } from '../codec/record.ts';
import type { PageTable } from '../memory/page-table.ts';
import { usedPages } from '../memory/page-table.ts';
import type { Canister } from '../state/canister.ts';
import type { ReplicaState } from '../state/replica-state.ts';

export function hashState(state: ReplicaState): string {
  const hash = createHash('sha256');
  const { canisters, requests, ...scalars } = state;
  hash.update(encodeRecord(scalars));
  hash.update(encodeRecord([...requests]));
  for (const id of [...canisters.keys()].sort()) hash.update(hashCanister(canisters.get(id)!));
  return bytesToHex(hash.digest());
}

export function hashCanister(canister: Canister): Uint8Array {
  const hash = createHash('sha256');
  const { code, stable, ...rest } = canister;
  hash.update(encodeRecord(rest));
  hashMemory(hash, stable.sizePages, stable.pages);
  if (code === null) return hash.digest();
  const { heap, ...installed } = code;
  const { pages, ...registers } = heap;
  hash.update(encodeRecord({ installed, registers }));
  hashMemory(hash, heap.sizePages, pages);
  return hash.digest();
}

function hashMemory(hash: ReturnType<typeof createHash>, sizePages: number, table: PageTable): void {
  hash.update(encodeRecord([sizePages]));
  for (const [page, slot] of usedPages(table)) {
    const content = table.pool.view(slot);
    // A page that was written and is zero again is the same memory as one that was never written.
    if (isZero(content)) continue;
    hash.update(encodeRecord([page]));
    hash.update(content);
  }
}

const zeroPage = Buffer.alloc(4096);

function isZero(page: Buffer): boolean {
  return page.equals(zeroPage);
}
