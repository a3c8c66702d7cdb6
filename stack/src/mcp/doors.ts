// Shell: who may come in over HTTP: every assistant that has a file in the folder, by its token, each with a world of its own on the
// network of this process. One whose file cannot be used is left out, and the others come in; a token whose file is gone, or has
// another by now, opens nothing any more; and what a file no longer allows, nobody can do who came in before.
import { createHash } from 'node:crypto';
import { ok } from '@tamc/base/result';
import type { Connection, Ed25519KeyIdentity } from '@tamc/client';
import type { Access, FindFactory, Keeper, McpServerFactory, Mode, World } from '@tamc/mcp-server';
import { principalToHex } from '@tamc/protocol/principal';
import { defaultMode } from '../world/mode.ts';
import type { Assistant, People } from '../world/people.ts';
import type { Places } from '../world/places.ts';
import { createFolderActMemory } from './act-memory.ts';
import { createAssistantServer } from './assistant-server.ts';
import { codeKeyOf } from './code-key.ts';

export interface DoorSettings {
  /** Of the network. */
  readonly folderPath: string;
  readonly people: People;
  readonly places: Places;
  readonly keeper?: Keeper;
  /** To the network of this process. */
  connectAs(identity: Ed25519KeyIdentity): Promise<Connection>;
  readonly audit: World['audit'];
  readonly inTerminal?: (words: string) => string;
  onFault(error: unknown): void;
}

/** Of whom no file says anything any more. */
const nothing: Mode = { toolsets: new Set(), isReadOnly: true, isSimulated: false };

/** Files are looked at so often at most: a flood of requests reads no faster, and a token that was taken away is refused by then. */
const lookMs = 100;

export function createDoors(settings: DoorSettings): FindFactory {
  /** By the hash of the token. One that is asked for again is the same, with its limits, plans and sessions. */
  let admitted: ReadonlyMap<string, Admitted> = new Map();
  const told = new Set<string>();
  /** Once each: a file may be mended while this runs, and is looked at again. */
  const tell = (problem: string) => {
    if (told.has(problem)) return;
    told.add(problem);
    settings.onFault(`an assistant is left out: ${problem}`);
  };
  let lookedMs = -lookMs;
  const look = () => {
    if (performance.now() - lookedMs < lookMs) return;
    lookedMs = performance.now();
    const found = new Map<string, Admitted>();
    for (const name of settings.people.assistants()) {
      const assistant = settings.people.readAssistant(name);
      if (!assistant.ok) {
        tell(assistant.error);
        continue;
      }
      const hash = hashOf(assistant.value.token);
      const mode = assistant.value.mode ?? defaultMode;
      const factory = admitted.get(hash)?.factory ?? factoryFor(settings, assistant.value, () => modeNow(hash));
      found.set(hash, { mode, factory });
    }
    admitted = found;
  };
  const modeNow = (hash: string): Mode => {
    look();
    return admitted.get(hash)?.mode ?? nothing;
  };
  return (token) => {
    look();
    return admitted.get(hashOf(token))?.factory ?? null;
  };
}

/** With another mode it is who it was: what is open to it goes on, with what it still may do. */
interface Admitted {
  readonly mode: Mode;
  readonly factory: McpServerFactory;
}

function factoryFor(settings: DoorSettings, assistant: Assistant, modeNow: () => Mode): McpServerFactory {
  const { onFault, inTerminal } = settings;
  const words = inTerminal === undefined ? {} : { inTerminal };
  return createAssistantServer({
    modeNow,
    ...words,
    world: worldOf(settings, assistant),
    onFault,
  });
}

function worldOf(
  { folderPath, people, places, keeper, connectAs, audit }: DoorSettings,
  { identity, name }: Assistant,
): World {
  let access: Access | null = null;
  const caller = principalToHex(identity.getPrincipal());
  return {
    caller,
    open: async () => {
      // An owner may have come meanwhile.
      const owner = people.owner()?.id ?? null;
      if (access === null || access.owner !== owner) {
        const connection = access?.connection ?? (await connectAs(identity));
        const { registry } = places;
        access = { connection, registry, owner, name, codeKey: codeKeyOf(identity), nowNs: connection.nowNs };
      }
      return ok(access);
    },
    ...(keeper === undefined ? {} : { keeper }),
    nowMs: Date.now,
    audit,
    acts: createFolderActMemory({ folderPath, name, caller: () => caller }),
  };
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');
