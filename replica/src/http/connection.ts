// Shell (sockets): what the server remembers about one connection. Requests of a connection are worked on one after the other, each only
// once the answer before it has been taken, so that one connection can never hold more than one answer in memory.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Lane } from './work-queue.ts';

/** Requests sent ahead on one connection. No agent sends ahead at all, load generators some ten. */
const pipelinedCountMax = 64;

/** After so many refusals more than successes a connection waits behind the others; so many successes later it no longer does. */
const suspectScoreMin = 3;
const suspectScoreMax = 8;

export interface Connection {
  readonly lane: Lane;
  /** Runs `work`, which must not reject, after all work before it. False when too much is waiting: the connection is to be dropped. */
  enqueue(work: () => Promise<void>): boolean;
  noteStatus(status: number): void;
}

const connectionOfSocket = new WeakMap<Socket, Connection>();

export function connectionOf(request: IncomingMessage): Connection {
  const known = connectionOfSocket.get(request.socket);
  if (known !== undefined) return known;
  const connection = createConnection();
  connectionOfSocket.set(request.socket, connection);
  return connection;
}

export function createConnection(): Connection {
  let waitingCount = 0;
  let last: Promise<void> = Promise.resolve();
  let score = 0;
  return {
    get lane() {
      return score >= suspectScoreMin ? 'suspect' : 'good';
    },
    enqueue: (work) => {
      if (waitingCount >= pipelinedCountMax) return false;
      waitingCount++;
      last = last.then(work).then(() => {
        waitingCount--;
      });
      return true;
    },
    noteStatus: (status) => {
      const isRefusal = status >= 400 && status < 500;
      score = isRefusal ? Math.min(score + 1, suspectScoreMax) : Math.max(score - 1, 0);
    },
  };
}
