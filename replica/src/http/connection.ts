// Shell (sockets): what the server remembers about one connection. Requests of a connection are worked on one after the
// other, each only once the answer before it has been taken, so that one connection can never hold more than one answer
// in memory.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { endSocket } from './broken-request.ts';
import type { Lane } from './work-queue.ts';

/** Requests sent ahead on one connection. No agent sends ahead at all, load generators some ten. */
const pipelinedCountMax = 64;

/**
 * After so many refusals more than successes a connection waits behind the others; so many successes later it no longer
 * does.
 */
const suspectScoreMin = 3;
const suspectScoreMax = 8;

/**
 * Some connections more than the maximum are accepted, only to be told so; beyond that the system is left to drop them.
 */
const toldCountMax = 64;

export interface Connection {
  readonly lane: Lane;
  readonly isIdle: boolean;
  /** A whole request of it is being answered; others are still being sent, or not even begun. */
  readonly isServed: boolean;
  /**
   * Runs `work`, which must not reject, after all work before it. False when too much is waiting: the connection is to
   * be dropped.
   */
  enqueue(work: () => Promise<void>): boolean;
  /** The request that is worked on has come as a whole. */
  noteWhole(): void;
  noteStatus(status: number): void;
}

export interface Connections {
  of(socket: Socket): Connection;
  /** Also those that never said anything, which Node does not count as idle. */
  closeIdle(): void;
}

export function trackConnections(server: Server, countMax: number): Connections {
  const connections = new Map<Socket, Connection>();
  server.maxConnections = countMax + toldCountMax;
  server.prependListener('connection', (socket: Socket) => {
    if (connections.size >= countMax) dropLongestUnserved(connections);
    connections.set(socket, createConnection());
    socket.once('close', () => connections.delete(socket));
    if (connections.size > countMax) {
      endSocket(socket, '503 Service Unavailable', 'Too many connections; try again shortly.');
    }
  });
  return {
    of: (socket) => {
      const connection = connections.get(socket);
      // A request can still be handed over after its socket has closed.
      if (connection === undefined) return createConnection();
      connections.delete(socket);
      connections.set(socket, connection);
      return connection;
    },
    closeIdle: () => {
      for (const [socket, { isIdle }] of connections) if (isIdle) socket.destroy();
    },
  };
}

/** A request moves its connection to the end, so those that have only held a place for longest come first. */
function dropLongestUnserved(connections: Map<Socket, Connection>): void {
  for (const [socket, { isServed }] of connections) {
    if (isServed) continue;
    connections.delete(socket);
    socket.destroy();
    return;
  }
}

export function createConnection(): Connection {
  let waitingCount = 0;
  let last: Promise<void> = Promise.resolve();
  let score = 0;
  let isServed = false;
  return {
    get lane() {
      return score >= suspectScoreMin ? 'suspect' : 'good';
    },
    get isIdle() {
      return waitingCount === 0;
    },
    get isServed() {
      return isServed;
    },
    enqueue: (work) => {
      if (waitingCount >= pipelinedCountMax) return false;
      waitingCount++;
      last = last.then(work).then(() => {
        waitingCount--;
        isServed = false;
      });
      return true;
    },
    noteWhole: () => {
      isServed = true;
    },
    noteStatus: (status) => {
      const isRefusal = status >= 400 && status < 500;
      score = isRefusal ? Math.min(score + 1, suspectScoreMax) : Math.max(score - 1, 0);
    },
  };
}
