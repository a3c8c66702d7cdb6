// Shell: the simulated town of a running network, living beside everything else. What happens in it goes to a file, and it is ended
// between two of its acts.
import { join } from 'node:path';
import { refuse } from '@tamc/base/result';
import type { CallError, Connection, Ed25519KeyIdentity } from '@tamc/client';
import { createTown, type Happening, realTimeNetwork } from '../town/index.ts';
import { appendLine } from './log-file.ts';
import type { Places } from './places.ts';

export interface TownLife {
  /** Machines are born, enrolled and priced: from here on it is used. Refused with a sentence. */
  readonly settled: Promise<string | null>;
  isEnding(): boolean;
  /** Resolves when nothing of it is under way. */
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
  const settled = town.settle().then((done) => (done.ok ? null : done.error.message));
  const lived = settled.then(async (problem) => {
    if (problem !== null) say({ kind: 'not settled', problem });
    // What hindered it may pass: it settles as the first thing of each look.
    const ended = await town.live(ending.signal, watch);
    if (!ended.ok) say({ kind: 'ended', error: ended.error });
  });
  return {
    settled,
    isEnding: () => ending.signal.aborted,
    end: async () => {
      ending.abort();
      await lived;
    },
  };
}

/** After the end no act begins; one that is under way is finished. */
function untilEnded(connection: Connection, signal: AbortSignal): Connection {
  return {
    ...connection,
    call: async (...call) => (signal.aborted ? refuse(ended) : await connection.call(...call)),
    read: async (...read) => (signal.aborted ? refuse(ended) : await connection.read(...read)),
  };
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
