export function keptCodePath(bundle: string): string;
export function readKeptCode(bundle: string): Uint8Array | undefined;
