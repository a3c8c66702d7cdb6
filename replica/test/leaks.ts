// Whether every reference to a page of memory is held by somebody whom the network knows.
import { zeroSlot } from '../src/memory/page-pool.ts';
import type { PageTable } from '../src/memory/page-table.ts';
import type { Network } from '../src/runtime/network.ts';

/** References to pages that nobody holds; to be asked between rounds, when no checkpoint is being written. */
export function lostReferences({ state, modules, scheduler }: Network): number {
  const tables: PageTable[] = [];
  for (const { code, stable } of state.canisters.values()) {
    tables.push(stable.pages);
    if (code !== null) tables.push(code.heap.pages);
  }
  for (const hash of modules.hashes()) {
    const model = modules.model(hash);
    if (model !== null) tables.push(model.heap, model.stable);
  }
  const held = tables.reduce((sum, table) => sum + referencesOf(table), 0);
  return scheduler.world.pool.countReferences() - held;
}

function referencesOf({ chunks }: PageTable): number {
  let count = 0;
  for (const chunk of chunks) for (const slot of chunk ?? []) if (slot !== zeroSlot) count++;
  return count;
}
