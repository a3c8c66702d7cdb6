// The management canister's numbers. Where the specification leaves one open, DFINITY's configuration is followed.

/** Specification, create_canister. */
export const controllersMax = 10;
export const viewersMax = 10;
export const computeAllocationMax = 100n;
export const wasmMemoryMax = 1n << 48n;
export const logMemoryMin = 4_096n;
export const logMemoryMax = 2_097_152n;
export const nat64Max = (1n << 64n) - 1n;
export const nat128Max = (1n << 128n) - 1n;

/** Implementation-defined: DFINITY's documented limits. Bytes of UTF-8. */
export const environmentVariablesMax = 20;
export const environmentNameBytesMax = 128;
export const environmentValueBytesMax = 128;

/** MAX_WASM_CHUNK and CHUNK_STORE_SIZE: a store holds just the largest module (100 MiB). */
export const chunkBytesMax = 1_048_576;
export const chunkStoreCountMax = 100;
export const chunksInModuleMax = 100;
/** DFINITY counts an upload as this many instructions: hashing and storing. */
export const uploadChunkInstructions = 200_000_000n;

/** The specification guarantees 20; DFINITY keeps no more. */
export const historyLengthMax = 20;

/** DEFAULT_PROVISIONAL_CYCLES_BALANCE. */
export const provisionalCyclesDefault = 100_000_000_000_000n;

/** How long a stop_canister call waits for the canister's open calls. */
export const stopTimeoutNs = 300_000_000_000n;

/** A response of fetch_canister_logs: below what a replicated answer (2 MiB) may hold, with room for Candid. */
export const logsResponseBytesMax = 2_000_000;

export const canistersPerSubnetMax = 100_000;
/** Percent of one core, summed over canisters: of 3 allocatable cores one percent always stays free. */
export const subnetComputeAllocationMax = 299n;

/** What a heap may grow to when `wasm_memory_limit` is 0. */
const heapBytesMax = { 32: 4n << 30n, 64: 6n << 30n } as const;

export function heapBytesLimit(wasmMemoryLimit: bigint, width: 32 | 64): bigint {
  const most = heapBytesMax[width];
  return wasmMemoryLimit === 0n || wasmMemoryLimit > most ? most : wasmMemoryLimit;
}
