// A throw-away copy of a canister's memory for the executions of one composite query. It shares every page with the
// original and borrows its live instance, so making one costs a copy of page tables only.
import { clearPageTable, copyPageTable } from '../memory/page-table.ts';
import type { Canister } from '../state/canister.ts';
import type { Scheduler } from './scheduler.ts';

export function createScratch(scheduler: Scheduler, canister: Canister): Canister {
  scheduler.engine.settle();
  const code = canister.code!;
  const heap = { ...code.heap, pages: copyPageTable(code.heap.pages), globals: [...code.heap.globals] };
  scheduler.engine.hot.transfer(code.heap, heap);
  return {
    ...canister,
    code: { ...code, heap },
    stable: { sizePages: canister.stable.sizePages, pages: copyPageTable(canister.stable.pages) },
  };
}

export function dropScratch(scheduler: Scheduler, scratch: Canister, original: Canister): void {
  scheduler.engine.settle();
  const { heap } = scratch.code!;
  scheduler.engine.hot.transfer(heap, original.code!.heap);
  scheduler.engine.hot.forget(heap);
  clearPageTable(heap.pages);
  clearPageTable(scratch.stable.pages);
}
