export function writeKeptInputs(
  manifestPath: string,
  root: string,
  paths: readonly string[],
  details?: Readonly<Record<string, string>>,
): void;
export function readKeptInputs(manifestPath: string, root: string): Record<string, string> | null;
export function toDisk(path: string): void;
export function writeWhole(path: string, content: string | Uint8Array): void;
