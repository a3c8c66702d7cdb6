// Shell: what was written down before a canister was asked for, so that a deployment that is killed before it hears the answer
// asks for the same canister again, and not for another one.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PrincipalHex, parsePrincipal, principalToText } from '@tamc/protocol/principal';

/** One request, told apart from every other: by the id that it asks for, or by the time and the terms that it names. */
export interface Creation {
  readonly id: PrincipalHex;
  readonly createdNs: bigint;
  readonly cycles: bigint;
}

export interface Creations {
  of(name: string): Creation | null;
  begin(name: string, creation: Creation): void;
  /** Its canister is remembered, or it is certain that there is none. */
  end(name: string): void;
}

type Written = Record<string, { readonly id: string; readonly createdNs: string; readonly cycles: string }>;

export function creationsInFolder(path: string): Creations {
  const file = join(path, 'creations.json');
  const read = (): Written => readWritten(file);
  const write = (content: Written) => {
    mkdirSync(path, { recursive: true });
    writeFileSync(`${file}.${process.pid}.unfinished`, `${JSON.stringify(content, null, 2)}\n`);
    renameSync(`${file}.${process.pid}.unfinished`, file);
  };
  return {
    of: (name) => parseCreation(read()[name]),
    begin: (name, { id, createdNs, cycles }) =>
      write({ ...read(), [name]: { id: principalToText(id), createdNs: `${createdNs}`, cycles: `${cycles}` } }),
    end: (name) => {
      const { [name]: ended, ...others } = read();
      if (ended !== undefined) write(others);
    },
  };
}

/** A file that cannot be read says nothing: then a canister is asked for anew. */
function readWritten(file: string): Written {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof content === 'object' && content !== null ? { ...(content as Written) } : {};
  } catch {
    return {};
  }
}

function parseCreation(written: Written[string] | undefined): Creation | null {
  const id = parsePrincipal(String(written?.id));
  const numbers = [written?.createdNs, written?.cycles].map((text) =>
    /^\d{1,30}$/.test(String(text)) ? BigInt(text!) : null,
  );
  const [createdNs, cycles] = numbers;
  return id === null || createdNs == null || cycles == null ? null : { id, createdNs, cycles };
}
