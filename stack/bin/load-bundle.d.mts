export function keptCodePath(bundle: string): string;
