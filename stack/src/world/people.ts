// Shell: whose world this is, and who acts in it for them. The owner's key lies sealed under a passphrase, which is kept nowhere; an
// assistant's key lies in the clear for its owner's account on this computer, because what it may do is limited on the network.
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '@tamc/base/assert';
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Ed25519KeyIdentity, SealedKey } from '@tamc/client';
import { createIdentity, identityFromSeed, openIdentity, sealIdentity, seedOf } from '@tamc/client/identity';
import type { Mode } from '@tamc/mcp-server';
import { type PrincipalHex, parsePrincipal, principalToHex, principalToText } from '@tamc/protocol/principal';
import { modeToFile, parseMode } from './mode.ts';
import { createOwnFile, readOwnFile, replaceOwnFile } from './own-files.ts';

export interface OwnerCard {
  readonly id: PrincipalHex;
  readonly key: SealedKey;
}

export interface Assistant {
  readonly name: string;
  readonly identity: Ed25519KeyIdentity;
  /** What it shows over HTTP. */
  readonly token: string;
  /** What a person lets it do at all. Null: nobody said. */
  readonly mode: Mode | null;
}

export interface People {
  /** Null: there is none yet. */
  owner(): OwnerCard | null;
  /** Once: an owner who is there is never replaced. A key that has done something already may be given. */
  createOwner(passphrase: string, made?: Ed25519KeyIdentity): Promise<Ed25519KeyIdentity>;
  /** Refused in words when there is no owner, or the passphrase is wrong. */
  unsealOwner(passphrase: string): Promise<Result<Ed25519KeyIdentity, string>>;
  /** The same key under another passphrase. */
  resealOwner(owner: Ed25519KeyIdentity, passphrase: string): Promise<void>;
  assistants(): readonly string[];
  /** Made when it is missing. */
  assistant(name: string): Assistant;
  /** One that is there, and never made: refused in words when its file is gone or cannot be used. */
  readAssistant(name: string): Result<Assistant, string>;
  /** In place of what was said before; the key and the token stay. Made when it is missing. */
  setMode(name: string, mode: Mode): void;
  /** As it stands in the file of one that is there, without a look at the key; null where nobody said, or it is yet to be made. */
  modeOf(name: string): Result<Mode | null, string>;
  /** Where its token stands, for who is told to read it there. */
  assistantPath(name: string): string;
}

export const defaultAssistant = 'assistant';
const tokenBytes = 32;

/** It is also a file's name. */
export function isAssistantName(name: string): boolean {
  return /^[a-z0-9-]{1,32}$/.test(name);
}

export function openPeople(folder: string): People {
  const ownerPath = join(folder, 'people', 'owner.json');
  const assistantsPath = join(folder, 'people', 'assistants');
  const assistantPath = (name: string) => {
    assert(isAssistantName(name), 'names of assistants are checked where they come in');
    return join(assistantsPath, `${name}.json`);
  };
  const owner = () => readOwnFile(ownerPath, 'the sealed key of an owner', parseOwner);
  const known = (name: string) => readOwnFile(assistantPath(name), wanted, (content) => parseAssistant(name, content));
  const assistant = (name: string): Assistant => {
    const path = assistantPath(name);
    const there = known(name);
    if (there !== null) return there;
    // Another process may do the same at this moment: the first one's stands.
    createOwnFile(path, assistantFile(createIdentity(), bytesToHex(randomBytes(tokenBytes)), null));
    const made = known(name);
    assert(made !== null, 'what was just made can be read');
    return made;
  };
  return {
    owner,
    createOwner: async (passphrase, made = createIdentity()) => {
      const isCreated = createOwnFile(ownerPath, await ownerFile(made, passphrase));
      assert(isCreated, 'an owner is made where there is none');
      return made;
    },
    unsealOwner: async (passphrase) => {
      const card = owner();
      return card === null ? refuse(noOwner) : await unseal(card, passphrase);
    },
    resealOwner: async (identity, passphrase) => replaceOwnFile(ownerPath, await ownerFile(identity, passphrase)),
    assistants: () => namesIn(assistantsPath),
    assistant,
    readAssistant: (name) => {
      const there = inWords(() => known(name));
      if (!there.ok) return there;
      return there.value === null ? refuse(`There is no assistant "${name}".`) : ok(there.value);
    },
    modeOf: (name) => inWords(() => readOwnFile(assistantPath(name), wanted, readMode)?.mode ?? null),
    setMode: (name, mode) => {
      const { identity, token } = assistant(name);
      replaceOwnFile(assistantPath(name), assistantFile(identity, token, mode));
    },
    assistantPath,
  };
}

function assistantFile(identity: Ed25519KeyIdentity, token: string, mode: Mode | null) {
  return { seed: bytesToHex(seedOf(identity)), token, ...(mode === null ? {} : { mode: modeToFile(mode) }) };
}

const wanted = 'the key and token of an assistant';

function inWords<T>(read: () => T): Result<T, string> {
  try {
    return ok(read());
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const noOwner = 'This world has no owner yet: run `npx tamc owner`.';

async function ownerFile(identity: Ed25519KeyIdentity, passphrase: string) {
  const id = principalToText(principalToHex(identity.getPrincipal()));
  return { id, key: await sealIdentity(identity, passphrase) };
}

async function unseal({ id, key }: OwnerCard, passphrase: string): Promise<Result<Ed25519KeyIdentity, string>> {
  const opened = await openIdentity(key, passphrase);
  if (!opened.ok) return opened;
  const isSame = principalToHex(opened.value.getPrincipal()) === id;
  return isSame ? ok(opened.value) : refuse('The key in the file is not that of the owner it names.');
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path)
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .filter(isAssistantName)
      .toSorted();
  } catch {
    return [];
  }
}

function parseOwner(content: unknown): OwnerCard | null {
  const { id, key } = fieldsOf(content);
  const parsed = typeof id === 'string' ? parsePrincipal(id) : null;
  const { form, salt, nonce, sealed } = fieldsOf(key);
  if (parsed === null || form !== 'tamc-sealed-key-1') return null;
  if (typeof salt !== 'string' || typeof nonce !== 'string' || typeof sealed !== 'string') return null;
  return { id: parsed, key: { form, salt, nonce, sealed } };
}

function parseAssistant(name: string, content: unknown): Assistant | null {
  const { seed, token } = fieldsOf(content);
  const bytes = typeof seed === 'string' ? parseHex(seed) : null;
  if (bytes?.length !== 32 || typeof token !== 'string' || !/^[0-9a-f]{64}$/.test(token)) return null;
  const said = readMode(content);
  return said === null ? null : { name, identity: identityFromSeed(bytes), token, mode: said.mode };
}

/** Null: it cannot be read, and might have forbidden something. */
function readMode(content: unknown): Pick<Assistant, 'mode'> | null {
  if (typeof content !== 'object' || content === null) return null;
  const { mode } = fieldsOf(content);
  if (mode === undefined) return { mode: null };
  const parsed = parseMode(mode);
  return parsed === null ? null : { mode: parsed };
}

function fieldsOf(content: unknown): Readonly<Record<string, unknown>> {
  return typeof content === 'object' && content !== null ? { ...content } : {};
}
