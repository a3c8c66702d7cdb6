// Ingress requests in the store, in blocks by order of arrival: a checkpoint rewrites the blocks in which something
// changed, and old blocks vanish as a whole.
import { encodeRecord } from '../codec/record.ts';
import type { RequestId } from '../state/message.ts';
import type { ReplicaState, RequestRecord } from '../state/replica-state.ts';
import type { Change } from './memory-store.ts';

const requestsPerBlock = 256;

export interface RequestBlocks {
  note(id: RequestId): void;
  /** A request that is stored already. */
  know(id: RequestId, record: RequestRecord): void;
  takeChanges(state: ReplicaState): Change[];
}

export function createRequestBlocks(): RequestBlocks {
  const noted = new Set<RequestId>();
  /** Where requests stand that are stored: needed once they are forgotten. */
  const blockOf = new Map<RequestId, number>();
  return {
    note: (id) => noted.add(id),
    know: (id, record) => blockOf.set(id, blockNumber(record)),
    takeChanges: (state) => {
      const changed = new Set<number>();
      for (const id of noted) {
        const record = state.requests.get(id);
        const block = record === undefined ? blockOf.get(id) : blockNumber(record);
        if (block === undefined) continue;
        changed.add(block);
        if (record === undefined) blockOf.delete(id);
        else blockOf.set(id, block);
      }
      noted.clear();
      return changed.size === 0 ? [] : encodeBlocks(state, changed);
    },
  };
}

function blockNumber(record: RequestRecord): number {
  return Math.floor(record.sequence / requestsPerBlock);
}

function encodeBlocks(state: ReplicaState, changed: ReadonlySet<number>): Change[] {
  const blocks = new Map<number, [RequestId, RequestRecord][]>([...changed].map((block) => [block, []]));
  for (const [id, record] of state.requests) blocks.get(blockNumber(record))?.push([id, record]);
  return [...blocks].map(([block, entries]) => ({
    key: `requests/${String(block).padStart(10, '0')}`,
    value: entries.length === 0 ? null : encodeRecord(entries),
  }));
}
