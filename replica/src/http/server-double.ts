// A server on a core double, and clients that speak to it byte by byte.
import { connect, type Socket } from 'node:net';
import { afterEach, expect } from 'vitest';
import { createAnswerWait } from './answer-wait.ts';
import { type CoreDouble, createCoreDouble } from './core-double.ts';
import { createHandler } from './handler.ts';
import type { ServerLimits } from './limits.ts';
import { canisterPath, envelopeBytes, methodContent } from './request-double.ts';
import { type RunningServer, type ServerOptions, startServer } from './server.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export interface Started {
  readonly server: RunningServer;
  readonly core: CoreDouble;
  readonly release: () => void;
  readonly logged: string[];
}

export async function start(limits: Partial<ServerLimits> = {}, options: ServerOptions = {}): Promise<Started> {
  const core = createCoreDouble();
  const wait = createAnswerWait(60_000);
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const handler = createHandler(core, { replicaVersion: '1.2.3', waitForAnswer: wait.waitForAnswer, log });
  const started = await startServer(handler, { ...options, limits: { closeGraceMs: 50, ...limits } });
  if (!started.ok) throw new Error(started.error.problem);
  cleanups.push(() => started.value.close());
  return { server: started.value, core, release: wait.release, logged };
}

/** A raw connection that remembers what it was told. */
export async function open(
  server: RunningServer,
): Promise<{ socket: Socket; received: () => string; closed: Promise<void> }> {
  const socket = connect(server.port, '127.0.0.1');
  cleanups.push(() => void socket.destroy());
  let text = '';
  socket.on('data', (data) => {
    text += data.toString('latin1');
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return { socket, received: () => text, closed };
}

export async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export const queryPath = canisterPath(3, 'query');
export const queryBody = new Uint8Array(envelopeBytes(methodContent('query')));

export function post(server: RunningServer, body: Uint8Array, path = queryPath): Promise<Response> {
  return fetch(`${server.url}${path}`, { method: 'POST', body: new Uint8Array(body) });
}

export function rawPost(body: Uint8Array, path = queryPath): string {
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n`;
  return head + Buffer.from(body).toString('latin1');
}

export async function expectWellServed(server: RunningServer): Promise<void> {
  const response = await post(server, queryBody);
  expect(response.status).toBe(200);
  await response.arrayBuffer();
}

export async function untilAsync(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 5));
}
