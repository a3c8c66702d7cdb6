// What this V8 can run of the 64-bit world, found out by validating the smallest modules that need it.

/** `(module (memory i64 0))` */
const memory64 = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 0);
/** `(module (table i64 0 funcref))` */
const table64 = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 4, 4, 1, 0x70, 4, 0);

export interface EngineFeatures {
  readonly memory64: boolean;
  readonly table64: boolean;
}

export function detectFeatures(): EngineFeatures {
  return { memory64: WebAssembly.validate(memory64), table64: WebAssembly.validate(table64) };
}
