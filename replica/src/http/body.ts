// Shell (sockets): receives a request's body within a limit per body and a budget for all bodies and answers together.
import type { IncomingMessage } from 'node:http';
import { ok, type Result, refuse } from '@tamc/base/result';

/** Bytes that are held in memory on behalf of clients. */
export interface ByteBudget {
  /** False when that would be too much; nothing is taken then. */
  take(byteCount: number): boolean;
  /** Takes even when that is too much. */
  force(byteCount: number): void;
  give(byteCount: number): void;
  hasRoomFor(byteCount: number): boolean;
}

export function createByteBudget(byteCountMax: number): ByteBudget {
  let taken = 0;
  const hasRoomFor = (byteCount: number): boolean => taken + byteCount <= byteCountMax;
  const force = (byteCount: number): void => {
    taken += byteCount;
  };
  return {
    take: (byteCount) => {
      if (!hasRoomFor(byteCount)) return false;
      force(byteCount);
      return true;
    },
    force,
    give: (byteCount) => force(-byteCount),
    hasRoomFor,
  };
}

export type BodyRefusal = 'tooLarge' | 'overBudget' | 'aborted';

/** The declared length, or null when it is sent in chunks. Node's parser has refused anything that is not a number. */
export function declaredLength(request: IncomingMessage): number | null {
  const text = request.headers['content-length'];
  return text === undefined ? null : Number(text);
}

/** On success the body's length has been taken from the budget; the caller gives it back. */
export function receiveBody(
  request: IncomingMessage,
  byteCountMax: number,
  budget: ByteBudget,
): Promise<Result<Uint8Array, BodyRefusal>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (result: Result<Uint8Array, BodyRefusal>): void => {
      request.off('data', onData).off('end', onEnd).off('error', onAbort).off('close', onAbort);
      if (!result.ok) budget.give(length);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      if (length + chunk.length > byteCountMax) settle(refuse('tooLarge'));
      else if (!budget.take(chunk.length)) settle(refuse('overBudget'));
      else {
        length += chunk.length;
        chunks.push(chunk);
      }
    };
    const onEnd = (): void => settle(ok(Buffer.concat(chunks, length)));
    const onAbort = (): void => settle(refuse('aborted'));
    request.on('data', onData).once('end', onEnd).once('error', onAbort).once('close', onAbort);
  });
}
