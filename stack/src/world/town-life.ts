// Shell: the simulated town of a running network, living beside everything else. What happens in it goes to a file. It ends at once: an
// act that is under way is waited for by nobody, because every act is known by its id and goes on at the next start.
import { join } from 'node:path';
import { type Result, refuse } from '@tamc/base/result';
import type { CallError, Connection, Ed25519KeyIdentity } from '@tamc/client';
import { createTown, type Happening, realTimeNetwork } from '../town/index.ts';
import { appendLine } from './log-file.ts';
import type { Places } from './places.ts';

export interface TownLife {
  /** Machines are born, enrolled and priced: from here on it is used. Refused with a sentence. */
  readonly settled: Promise<string | null>;
  isEnding(): boolean;
  /** Resolves when it begins nothing any more. */
  end(): Promise<void>;
}

export interface TownLifeOptions {
  readonly folderPath: string;
  /** Its own: everybody in the town speaks through it. */
  readonly connection: Connection;
  readonly places: Places;
  readonly minter: Ed25519KeyIdentity;
}

/** The same in every checkout: who is started again goes on. */
const seed = 'tamc start';
/** A day of the town is an hour and a half: enough to watch, and little work for the computer. */
const faster = 16;
const minutesPerTick = 10;
const logBytesMax = 4 * 1_048_576;

export function liveInTown({ folderPath, connection, places, minter }: TownLifeOptions): TownLife {
  const ending = new AbortController();
  const { registry, ledger } = places;
  const network = realTimeNetwork(untilEnded(connection, ending.signal));
  const town = createTown({ network, registry, ledger, seed, minter, faster, minutesPerTick });
  const say = (what: unknown) => {
    const line = JSON.stringify({ at: new Date().toISOString(), ...toRecord(what) }, bigintAsText);
    appendLine(join(folderPath, 'town.jsonl'), line, logBytesMax);
  };
  const watch = (happening: Happening) => {
    if (!ending.signal.aborted) say(happening);
  };
  // A fault of the town is told as one: it ends nobody else.
  const settled = town.settle().then((done) => (done.ok ? null : done.error.message), messageOf);
  const lived = settled.then(async (problem) => {
    if (problem !== null) say({ kind: 'not settled', problem });
    // What hindered it may pass: it settles as the first thing of each look.
    const ended = await town.live(ending.signal, watch);
    if (!ended.ok) say({ kind: 'ended', error: ended.error });
  });
  const over = lived.catch((error: unknown) => say({ kind: 'broken', error: messageOf(error) })).catch(() => {});
  return {
    settled,
    isEnding: () => ending.signal.aborted,
    end: async () => {
      ending.abort();
      await over;
    },
  };
}

/** After the end no act begins, and the answer of one that is under way is not waited for. */
function untilEnded(connection: Connection, signal: AbortSignal): Connection {
  const end = new Promise<Result<never, CallError>>((resolve) => {
    signal.addEventListener('abort', () => resolve(refuse(ended)), { once: true });
  });
  return {
    ...connection,
    call: async (...call) => (signal.aborted ? refuse(ended) : await Promise.race([connection.call(...call), end])),
    read: async (...read) => (signal.aborted ? refuse(ended) : await Promise.race([connection.read(...read), end])),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const ended: CallError = {
  kind: 'unreachable',
  code: 'TownEnded',
  message: 'the town ends',
  nextStep: 'It goes on at the next start.',
  rejectCode: null,
};

function toRecord(what: unknown): object {
  return typeof what === 'object' && what !== null ? what : { what };
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
