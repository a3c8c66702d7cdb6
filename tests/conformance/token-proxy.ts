// The referee has no way to send a bearer token. This stands between it and the server, adds the token to every request, and changes
// nothing else: Host and Origin arrive as the referee sent them, streams as they come.
import { createServer, request } from 'node:http';

export interface Proxy {
  readonly url: string;
  close(): Promise<void>;
}

export async function startTokenProxy(target: string, token: string): Promise<Proxy> {
  const server = createServer((incoming, response) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${token}` };
    const outgoing = request(new URL(incoming.url ?? '/', target), { method: incoming.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    outgoing.once('error', () => response.destroy());
    // Whoever hangs up hangs up on the server too.
    response.once('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://localhost:${port}${new URL(target).pathname}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}
