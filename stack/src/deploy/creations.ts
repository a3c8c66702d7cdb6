// Shell: what was written down before a canister was asked for, so that a deployment that is killed before it hears the answer
// asks for the same canister again, and not for another one.
import { join } from 'node:path';
import { type PrincipalHex, parsePrincipal, principalToText } from '@tamc/protocol/principal';
import { readOwnFile, replaceFile } from '../world/own-files.ts';

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
type Written = Readonly<Record<string, unknown>>;

export function creationsInFolder(path: string): Creations {
  const file = join(path, 'creations.json');
  const read = () => readOwnFile(file, 'a list of the canisters that were asked for', parseCreations) ?? {};
  const write = (content: Readonly<Record<string, Creation>>) => {
    const written = Object.entries(content).map(([name, creation]) => [name, creationToText(creation)]);
    replaceFile(file, Object.fromEntries(written), 0o644);
  };
  return {
    of: (name) => read()[name] ?? null,
    begin: (name, creation) => write({ ...read(), [name]: creation }),
    end: (name) => {
      const { [name]: ended, ...others } = read();
      if (ended !== undefined) write(others);
    },
  };
}

/** Null for anything else: a canister that was asked for and is forgotten would be asked for, and paid, again. */
function parseCreations(content: unknown): Readonly<Record<string, Creation>> | null {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return null;
  const creations: Record<string, Creation> = {};
  for (const [name, written] of Object.entries(content)) {
    const creation = parseCreation(written);
    if (creation === null) return null;
    creations[name] = creation;
  }
  return creations;
}

function creationToText({ id, subnet, createdNs, cycles }: Creation): Written {
  const text = (principal: PrincipalHex | null) => (principal === null ? null : principalToText(principal));
  return { id: text(id), subnet: text(subnet), createdNs: `${createdNs}`, cycles: `${cycles}` };
}

function parseCreation(content: unknown): Creation | null {
  const written: Written = typeof content === 'object' && content !== null ? { ...content } : {};
  const principal = (text: unknown) => (typeof text === 'string' ? parsePrincipal(text) : null);
  const number = (text: unknown) => (typeof text === 'string' && /^\d{1,30}$/.test(text) ? BigInt(text) : null);
  const [id, subnet] = [principal(written.id), principal(written.subnet)];
  const [createdNs, cycles] = [number(written.createdNs), number(written.cycles)];
  const isWhole = (id === null) === (written.id === null) && (subnet === null) === (written.subnet === null);
  return isWhole && createdNs !== null && cycles !== null ? { id, subnet, createdNs, cycles } : null;
}
