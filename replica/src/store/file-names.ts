// The names of the store's files. Whatever else lies in the directory is left alone.

const digits = 9;

export const journalName = (segment: number): string => `journal-${numberText(segment)}`;
export const stateName = (generation: number): string => `state-${numberText(generation)}`;
export const blobName = (hash: string): string => `blob-${hash}`;
/** A file that becomes `name` by a rename once it is complete; a left-over one is removed at open. */
export const unfinishedName = (name: string): string => `${name}.new`;

export interface StoreFiles {
  /** Ascending. */
  readonly segments: readonly number[];
  /** Ascending; normally one. */
  readonly states: readonly number[];
  readonly blobs: ReadonlySet<string>;
  readonly unfinished: readonly string[];
}

export function parseFileNames(names: readonly string[]): StoreFiles {
  return {
    segments: numbersOf(names, 'journal'),
    states: numbersOf(names, 'state'),
    blobs: new Set(names.filter((name) => /^blob-[0-9a-f]{64}$/.test(name)).map((name) => name.slice(5))),
    unfinished: names.filter((name) => /^((journal|state)-\d{9}|blob-[0-9a-f]{64})\.new$/.test(name)),
  };
}

function numbersOf(names: readonly string[], kind: string): number[] {
  const pattern = new RegExp(`^${kind}-(\\d{${digits}})$`);
  const numbers = names.map((name) => pattern.exec(name)).filter((match) => match !== null);
  return numbers.map((match) => Number(match[1])).sort((a, b) => a - b);
}

function numberText(value: number): string {
  return String(value).padStart(digits, '0');
}
