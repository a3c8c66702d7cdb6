// Why a module is refused, in DFINITY's words where they exist (rs/types/wasm_types/src/errors.rs), because clients
// match them. Inside this folder a refusal is thrown; `prepareModule` is the one door that turns it into a value.

export interface ModuleRefusal {
  /** Begins `Canister's Wasm module is not valid: ` or `Could not instrument wasm module of canister: `. */
  readonly message: string;
  /** What to do about it; may be empty. DFINITY puts it on a line of its own after the message. */
  readonly help: string;
}

export class Refused {
  readonly refusal: ModuleRefusal;

  constructor(refusal: ModuleRefusal) {
    this.refusal = refusal;
  }
}

const toolchainHelp =
  'If you are running this canister in a test environment (e.g., dfx), make sure the test environment is up to date. ' +
  'Otherwise, this is likely an error with the compiler/CDK toolchain being used to build the canister. ' +
  'Please report the error to IC devs on the forum: https://forum.dfinity.org and include which language/CDK was used ' +
  'to create the canister.';

export function refuseModule(reason: string, help: string = toolchainHelp): never {
  throw new Refused({ message: `Canister's Wasm module is not valid: ${reason}`, help });
}

/** The module can be valid, but not run as it stands. */
export function refuseInstrumentation(reason: string): never {
  throw new Refused({ message: `Could not instrument wasm module of canister: ${reason}`, help: toolchainHelp });
}

/** Not WebAssembly, or WebAssembly with a feature the Internet Computer does not have. */
export function refuseInvalid(reason: string, offset?: number): never {
  const place = offset === undefined ? '' : ` (at offset 0x${offset.toString(16)})`;
  refuseModule(`Wasmtime failed to validate wasm module wasmtime::Module::validate() failed with ${reason}${place}`);
}

export function refuseDecoding(reason: string): never {
  refuseModule(`Failed to decode wasm module: ${reason}`);
}

type Section = 'import' | 'export' | 'data' | 'custom' | 'global';

export function refuseSection(section: Section, reason: string): never {
  refuseModule(`Wasm module has an invalid ${section} section. ${reason}`);
}

export function refuseSignature(reason: string): never {
  refuseModule(`Wasm module has an invalid function signature. ${reason}`);
}

export function refuseTooMany(
  what: 'globals' | 'functions' | 'custom sections',
  defined: number,
  allowed: number,
): never {
  const help = {
    globals: adviceFor(
      'Try collecting multiple globals into a single structured which can be stored on the heap.',
      'wasm-module-too-many-globals',
    ),
    functions: adviceFor('Try spliting this canister into multiple canisters.', 'wasm-module-too-many-functions'),
    'custom sections': toolchainHelp,
  }[what];
  refuseModule(`Wasm module defined ${defined} ${what} which exceeds the maximum number allowed ${allowed}.`, help);
}

export function adviceFor(advice: string, anchor: string): string {
  const link = `http://internetcomputer.org/docs/current/references/execution-errors#${anchor}`;
  return `${advice} See documentation: ${link}`;
}
