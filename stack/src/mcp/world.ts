// Shell: the world of one assistant on the folder of a network. Nothing of it is read or started before the first call; a network that
// was started again meanwhile is found again, wherever it is now.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Access, Keeper, Problem, World } from '@tamc/mcp-server';
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import type { NetworkFolder, Running } from '../deploy/network-folder.ts';
import { attach, notRunning } from '../world/attach.ts';
import { startInBackground } from '../world/background.ts';
import { openPeople } from '../world/people.ts';
import { readPlaces } from '../world/places.ts';
import { createFolderActMemory } from './act-memory.ts';
import { createAudit } from './audit-log.ts';
import { codeKeyOf } from './code-key.ts';

export interface FolderWorldOptions {
  readonly folder: NetworkFolder;
  /** Of the assistant; a new one is made at the first call. */
  readonly name: string;
  readonly keeper?: Keeper;
  /** Starts a network where none runs. Who may only look starts nothing. */
  mayStart?(): boolean;
}

/** Shorter than the minute after which hosts give up on a call; the network goes on starting. */
const startTimeoutMs = 50_000;

const startedNews =
  'No network ran here: this call started one in the background. It goes on when this conversation ends; `npx tamc stop` ends it.';

interface Known {
  readonly running: Running;
  readonly access: Access;
}

export function createFolderWorld({ folder, name, keeper, mayStart = () => true }: FolderWorldOptions): World {
  const people = openPeople(folder.path);
  const identity = once(() => people.assistant(name).identity);
  const caller = once((): PrincipalHex => principalToHex(identity().getPrincipal()));
  let known: Known | null = null;
  let news: string | null = null;
  let opening: Promise<Result<Access, Problem>> | null = null;

  async function openNow(progress: (text: string) => void): Promise<Result<Access, Problem>> {
    const present = folder.running();
    if (present === null && !mayStart()) return refuse(notRunning);
    const started = present === null ? await start(progress) : ok(present);
    if (present === null && (started.ok || started.error.code === 'Starting')) news = startedNews;
    if (!started.ok) return started;
    const connection = await attach(folder, identity());
    if (!connection.ok) return connection;
    const places = readPlaces(folder);
    if (!places.ok)
      return refuse({ code: 'NotDeployed', message: 'the canisters are not there', nextStep: places.error });
    const { registry } = places.value;
    const owner = people.owner()?.id ?? null;
    const { nowNs } = connection.value;
    const codeKey = codeKeyOf(identity());
    const access = { connection: connection.value, registry, owner, name, codeKey, nowNs };
    const { url } = started.value;
    if (known !== null) progress(`the network was started again: attached to it at ${url}`);
    if (present !== null && known !== null) news = 'The network was started again meanwhile.';
    known = { running: started.value, access };
    return ok(access);
  }

  const start = (say: (text: string) => void) => startInBackground(folder, { say, timeoutMs: startTimeoutMs });

  /** Null: another process runs it now, at another place, or nobody does. */
  function stillKnown(): Access | null {
    const running = folder.running();
    if (known === null || running?.pid !== known.running.pid || running.url !== known.running.url) return null;
    // An owner may have come meanwhile.
    const owner = known.access.owner ?? people.owner()?.id ?? null;
    if (owner !== known.access.owner) known = { ...known, access: { ...known.access, owner } };
    return known.access;
  }

  return {
    get caller() {
      return caller();
    },
    open: async (progress) => {
      const access = stillKnown();
      if (access !== null) return ok(access);
      // Calls that come meanwhile wait for the same.
      opening ??= openNow(progress).finally(() => {
        opening = null;
      });
      return await opening;
    },
    takeNews: () => {
      const told = news;
      news = null;
      return told;
    },
    lost: (access) => {
      if (known?.access === access) known = null;
    },
    ...(keeper === undefined ? {} : { keeper }),
    nowMs: Date.now,
    audit: createAudit(folder.path),
    acts: createFolderActMemory({ folderPath: folder.path, name, caller }),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
