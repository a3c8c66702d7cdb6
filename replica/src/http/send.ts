// Shell (sockets): writes answers, and ends requests whose body nobody wants.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ByteBudget } from './body.ts';
import type { HttpResponse } from './response.ts';

/** A client that is refused in the middle of sending gets this much time and data to notice the answer. */
const lingerMs = 1_000;
const lingerByteCountMax = 8 * 1024 * 1024;

/** Resolves when the client has taken the answer, or is gone. */
export function sendResponse(response: ServerResponse, answer: HttpResponse, budget: ByteBudget): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve();
    // An answer is never refused for want of budget; it only keeps further requests out until it is taken.
    budget.force(answer.body.length);
    response.once('close', () => {
      budget.give(answer.body.length);
      resolve();
    });
    writeHead(response, answer);
    response.end(answer.body);
  });
}

/** A body of this size is read and thrown away, which is cheaper for both sides than another connection. */
const skippedByteCountMax = 64 * 1024;

/**
 * Answers before the body has come, or half way. A large body ends the connection, but only after the client had a
 * moment to read the answer: closing a socket with unread input would make the client's system throw the answer away.
 */
export async function sendEarly(
  request: IncomingMessage,
  response: ServerResponse,
  answer: HttpResponse,
): Promise<void> {
  if (response.destroyed) return;
  if (hasLittleMore(request)) return endAndWait(response, answer);
  response.setHeader('connection', 'close');
  writeHead(response, answer);
  response.write(answer.body);
  await drain(request);
  await new Promise<void>((resolve) => response.end(() => resolve()));
}

function endAndWait(response: ServerResponse, answer: HttpResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    writeHead(response, answer);
    response.end(answer.body);
  });
}

function writeHead(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': body.length });
}

function hasLittleMore(request: IncomingMessage): boolean {
  if (request.complete) return true;
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return encoding === undefined && Number(length ?? 0) <= skippedByteCountMax;
}

function drain(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let drained = 0;
    const timer = setTimeout(resolve, lingerMs);
    const stop = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request.on('data', (chunk: Buffer) => {
      drained += chunk.length;
      if (drained > lingerByteCountMax) stop();
    });
    request.once('end', stop);
    request.once('close', stop);
    request.once('error', stop);
  });
}
