// Shell (sockets): who holds the places of a server. When all are taken, a new connection gets the place of one that has never shown a
// token, the oldest first; where all have, of whoever holds most. So nobody who floods keeps another out, with a token or without.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Connections<Owner> {
  /** A request with the token of this owner is being answered. */
  noteServed(request: IncomingMessage, response: ServerResponse, owner: Owner): void;
}

interface Place<Owner> {
  readonly socket: Socket;
  /** Null: has shown no token. */
  owner: Owner | null;
  /** Requests that are being answered, and streams that are open. */
  openCount: number;
}

export function trackConnections<Owner>(server: Server, countMax: number): Connections<Owner> {
  /** The one whose last request is longest ago is first. */
  const places = new Map<Socket, Place<Owner>>();
  server.prependListener('connection', (socket: Socket) => {
    if (places.size >= countMax) endOne();
    places.set(socket, { socket, owner: null, openCount: 0 });
    socket.once('close', () => places.delete(socket));
  });
  const endOne = () => {
    const { socket } = placeToLeave([...places.values()]);
    places.delete(socket);
    socket.destroy();
  };
  return {
    noteServed: ({ socket }, response, owner) => {
      const place = places.get(socket);
      // A request can still be handed over after its socket has closed.
      if (place === undefined) return;
      places.delete(socket);
      places.set(socket, place);
      place.owner = owner;
      place.openCount++;
      response.once('close', () => place.openCount--);
    },
  };
}

function placeToLeave<Owner>(places: readonly Place<Owner>[]): Place<Owner> {
  const owner = ownerOfMost(places);
  const theirs = places.filter((place) => place.owner === owner);
  return theirs.find(({ openCount }) => openCount === 0) ?? theirs[0]!;
}

/** Null as long as there is one that has shown no token. */
function ownerOfMost<Owner>(places: readonly Place<Owner>[]): Owner | null {
  const counts = new Map<Owner | null, number>();
  for (const { owner } of places) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  if (counts.has(null)) return null;
  return [...counts].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
}
