// What the rest of the replica knows of a canister module: what it offers, what it needs, and the code our host runs.
// How the rewritten code and the host work together is in README.md of this folder.

export interface PreparedModule {
  /** SHA-256 of the bytes as uploaded. */
  readonly hash: Uint8Array;
  /** The same in hex. */
  readonly key: string;
  /** Bytes of the module as uploaded (the bytes themselves are not kept). */
  readonly uploadedBytes: number;
  /** Deterministic: the same upload always gives the same bytes. */
  readonly rewritten: Uint8Array;
  /** Compiles on the first call and keeps the result. */
  compile(): WebAssembly.Module;
  /** Width of addresses: that of the memory, 32 without one. */
  readonly width: 32 | 64;
  /** Sizes in Wasm pages of 64 KiB as the canister sees them (the dirty map is not counted). */
  readonly memory: { readonly initialWasmPages: number; readonly maximumWasmPages: number } | null;
  readonly methods: ReadonlyMap<string, MethodKind>;
  readonly exports: SystemExports;
  readonly hasStart: boolean;
  /** Whether the module has a function table, so that callbacks can be called at all. */
  readonly hasTable: boolean;
  readonly customSections: readonly CustomSection[];
  readonly mutableGlobals: readonly MutableGlobal[];
  /** To be written once, at install, in this order; all lie inside the initial memory. */
  readonly activeData: readonly ActiveData[];
  /** Names of the ic0 functions it imports, each once. */
  readonly importedFunctions: readonly string[];
  /** For the log and the benchmark. */
  readonly statistics: { readonly functions: number; readonly instructions: number; readonly codeBytes: number };
}

/** All of it that can be written down. */
export type KeptModule = Omit<PreparedModule, 'compile'>;

export type MethodKind = 'update' | 'query' | 'composite_query';

/** Which `canister_…` entry points the module has. */
export interface SystemExports {
  readonly init: boolean;
  readonly inspectMessage: boolean;
  readonly preUpgrade: boolean;
  readonly postUpgrade: boolean;
  readonly heartbeat: boolean;
  readonly onLowWasmMemory: boolean;
  readonly globalTimer: boolean;
}

/** A custom section `icp:public NAME` or `icp:private NAME`. */
export interface CustomSection {
  readonly name: string;
  readonly visibility: 'public' | 'private';
  readonly content: Uint8Array;
}

/**
 * Part of the canister's state. The rewritten module keeps floats and vectors as integers, so that JavaScript sees every
 * bit: `type` is what the host reads and writes; a v128 is two entries, low half first.
 */
export interface MutableGlobal {
  readonly exportName: string;
  readonly type: 'i32' | 'i64';
  /** i32 as a signed number, i64 as a signed bigint. */
  readonly initial: number | bigint;
  /** Type in the uploaded module; `dropped` is the added flag of a passive data segment. */
  readonly declared: 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'dropped';
  readonly exportedByModule: boolean;
}

export interface ActiveData {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A function of the System API as a module may import it. */
export interface ApiSignature {
  readonly params: readonly ('i32' | 'i64')[];
  readonly results: readonly ('i32' | 'i64')[];
  /** Instructions charged for each call, whatever its arguments. */
  readonly overhead: number;
}

/** Null for a name the System API does not have at this width. */
export type ApiSignatures = (name: string, width: 32 | 64) => ApiSignature | null;
