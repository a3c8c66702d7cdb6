// Shell: what was written down before a canister was asked for, so that a deployment that is killed before it hears the answer
// asks for the same canister again, and not for another one.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PrincipalHex, parsePrincipal, principalToText } from '@tamc/protocol/principal';
import { makeFolder } from '../make-folder.ts';

/** One request, told apart from every other: by the id that it asks for, or by the time and the terms that it names. */
export interface Creation {
  /** Null where the network chooses it. */
  readonly id: PrincipalHex | null;
  readonly subnet: PrincipalHex | null;
  readonly createdNs: bigint;
  readonly cycles: bigint;
}

export interface Creations {
  of(name: string): Creation | null;
  begin(name: string, creation: Creation): void;
  /** Its canister is remembered, or it is certain that there is none. */
  end(name: string): void;
}

/** Principals and numbers as text. */
type Written = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export function creationsInFolder(path: string): Creations {
  const file = join(path, 'creations.json');
  const read = (): Written => readWritten(file);
  const write = (content: Written) => {
    makeFolder(path);
    writeFileSync(`${file}.${process.pid}.unfinished`, `${JSON.stringify(content, null, 2)}\n`);
    renameSync(`${file}.${process.pid}.unfinished`, file);
  };
  return {
    of: (name) => parseCreation(read()[name]),
    begin: (name, creation) => write({ ...read(), [name]: creationToText(creation) }),
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

function creationToText({ id, subnet, createdNs, cycles }: Creation): Written[string] {
  const text = (principal: PrincipalHex | null) => (principal === null ? null : principalToText(principal));
  return { id: text(id), subnet: text(subnet), createdNs: `${createdNs}`, cycles: `${cycles}` };
}

function parseCreation(written: Written[string] | undefined): Creation | null {
  const principal = (text: unknown) => (typeof text === 'string' ? parsePrincipal(text) : null);
  const number = (text: unknown) => (typeof text === 'string' && /^\d{1,30}$/.test(text) ? BigInt(text) : null);
  const [createdNs, cycles] = [number(written?.createdNs), number(written?.cycles)];
  if (createdNs === null || cycles === null) return null;
  return { id: principal(written?.id), subnet: principal(written?.subnet), createdNs, cycles };
}
