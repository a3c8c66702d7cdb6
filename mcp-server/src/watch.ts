// Shell (timers): who wants to know when a machine changes is told. The events of watched machines are pulled with a cursor at a
// modest pace, only while somebody watches; whatever their number, one query a machine. Told at least once, and never what: whoever is
// told reads again.
import type { EventCursor } from '@tamc/protocol/events';
import { machineEvent } from '@tamc/protocol/machine-events';
import { type PrincipalHex, parsePrincipal } from '@tamc/protocol/principal';
import type { Access, World } from './world.ts';

/** People read what is told; a network of one process answers far more than this beside its work. */
const paceMs = 2_000;
/** Each is a query per pace: sixteen a second at most. */
const machinesMax = 32;
/** A few addresses of each machine, for a few sessions. */
const watchersMax = 256;

/** What proves events is loaded when somebody watches. */
const loadEvents = () => import('@tamc/client/events');

export interface Watcher {
  /** Ends by calling what it returns. Null: the address is not one of a machine, or more is watched than may be. */
  watch(uri: string, changed: () => void): (() => void) | null;
}

interface Watched {
  readonly changed: Set<() => void>;
  /** Null before the first look. */
  cursor: EventCursor | null;
  isLookedAt: boolean;
}

/** `world` is asked to open once for a machine, and never again: looking must not start a network that somebody stopped. */
export function createWatcher(world: Pick<World, 'open'>, last: () => Access | null): Watcher {
  const machines = new Map<PrincipalHex, Watched>();
  let count = 0;
  let timer: NodeJS.Timeout | null = null;

  const arm = () => {
    if (timer !== null || machines.size === 0) return;
    timer = setTimeout(() => {
      timer = null;
      void round().finally(arm);
    }, paceMs);
    timer.unref();
  };
  const round = async () => {
    for (const [id, one] of machines) await look(id, one);
  };
  const look = async (id: PrincipalHex, one: Watched) => {
    const access = last();
    if (access === null || one.isLookedAt) return;
    one.isLookedAt = true;
    const cursor = await lookOnce(access, id, one.cursor);
    one.isLookedAt = false;
    // What cannot be read now is read at the next look.
    if (cursor === null || cursor.next === one.cursor?.next) return;
    one.cursor = cursor;
    for (const changed of one.changed) changed();
  };
  const begin = async (id: PrincipalHex, one: Watched) => {
    if (last() === null) await world.open(() => {});
    await look(id, one);
    arm();
  };
  return {
    watch: (uri, changed) => {
      const id = uriToMachine(uri);
      if (id === null || count >= watchersMax) return null;
      const one = machines.get(id) ?? { changed: new Set(), cursor: null, isLookedAt: false };
      if (!machines.has(id) && machines.size >= machinesMax) return null;
      machines.set(id, one);
      one.changed.add(changed);
      count++;
      void begin(id, one).catch(() => {});
      return () => {
        if (!one.changed.delete(changed)) return;
        count--;
        if (one.changed.size === 0) machines.delete(id);
      };
    },
  };
}

/** Where the log is read to now; null when that is not known. A change that cannot be followed is a change. */
async function lookOnce(
  { connection }: Access,
  id: PrincipalHex,
  cursor: EventCursor | null,
): Promise<EventCursor | null> {
  if (cursor !== null) {
    const pulled = await (await loadEvents()).pullEvents(connection, id, machineEvent, cursor);
    if (pulled.ok) return pulled.value.cursor;
    const { code } = pulled.error;
    if (code !== 'EventUnreadable' && code !== 'EventsDropped') return null;
  }
  const end = await (await loadEvents()).readEventsEnd(connection, id);
  return end.ok ? end.value : null;
}

function uriToMachine(uri: string): PrincipalHex | null {
  const [, id = ''] = /^machine:\/\/([a-z0-9-]{1,63})(?:\/(?:statement|requests))?$/.exec(uri) ?? [];
  return parsePrincipal(id);
}
