// When the hook on_low_wasm_memory is due: the heap has come nearer to its limit than the threshold allows.
import type { Canister } from '../state/canister.ts';
import type { World } from '../state/world.ts';
import { heapBytesLimit } from './limits.ts';

const wasmPageBytes = 65_536n;

/** Specification, "Scheduling on low wasm memory hook": after every execution and every management call. */
export function updateLowMemoryHook(world: World, canister: Canister): void {
  if (!isLow(world, canister)) canister.lowMemoryHook = 'notNeeded';
  else if (canister.lowMemoryHook === 'notNeeded') canister.lowMemoryHook = 'ready';
}

function isLow(world: World, { code, settings }: Canister): boolean {
  // Threshold 0 never schedules the hook, and an empty canister has no heap to run out of.
  if (code === null || settings.wasmMemoryThreshold === 0n) return false;
  const used = BigInt(code.heap.sizePages) * wasmPageBytes;
  const limit = heapBytesLimit(settings.wasmMemoryLimit, world.modules.get(code.moduleHash).width);
  return limit < used + settings.wasmMemoryThreshold;
}
