// The names and places by which the rewritten module and the host meet. Described in README.md of this folder.

/** Module name of the imports that rewriting adds. */
export const hostModule = 'tamc';

/** What the host must supply under `hostModule`, besides the System API under `ic0`. */
export const hostFunctions = {
  /** `() -> ()`, called when the fuel is below zero; must throw. */
  outOfFuel: 'out_of_fuel',
  /** `() -> ()`, called when calls nest too deep; must throw. */
  outOfStack: 'out_of_stack',
  /** `(pages) -> i32`, asked before memory grows: 0 makes `memory.grow` answer -1. May throw. */
  tryGrow: 'try_grow',
} as const;

/** Names no canister export can have: only `canister_…` exports of the upload are kept. */
export const exportNames = {
  memory: 'tamc memory',
  fuel: 'tamc fuel',
  start: 'tamc start',
  /** `(table index, environment) -> ()`: calls a reply, reject or cleanup callback. */
  callback: 'tamc callback',
} as const;

export const globalExportPrefix = 'tamc global ';

export const wasmPageBytes = 65_536;
/** What one byte of the dirty map stands for. */
export const trackedPageBytes = 4096;

/** Where the canister's memory begins: the dirty map of the largest heap stands before it. */
export const heapBaseBytes = { 32: 1_048_576, 64: 1_572_864 } as const;

/** Largest heap in Wasm pages. 32 bits: 4 GiB less the map and one page, so that no clamped offset is ever valid; 64 bits: 6 GiB. */
export const heapPagesMax = { 32: 65_535 - 16, 64: 98_304 } as const;

/**
 * A store may change this many bytes beyond the page it marks, on either side: the host compares that much of the two
 * neighbours of a marked page.
 */
export const spillBytes = 128;
