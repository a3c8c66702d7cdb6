// Shell (fetch): the time of an embedded network over its own address for it, which other networks do not have.
import { ok, type Result, refuse } from '@tamc/base/result';
import { z } from 'zod';
import { fence } from './fence.ts';
import type { NetworkTime, TimeKeeping } from './keeper.ts';
import type { Problem } from './tool.ts';

/** Rounds after each turn: what became due, and what that causes in other canisters. */
const ticks = 12;
/** A turn makes rounds, and each may take a second. */
const timeoutMs = 30_000;

const Answer = z.object({ timeNs: z.string().regex(/^\d{1,19}$/), virtual: z.boolean() });

/** Node loads a whole library when its `fetch` is only named, so that waits for the first use. */
const nodeFetch: typeof globalThis.fetch = (...given) => globalThis.fetch(...given);

/** `fetch`: how bytes travel, where not by the network. */
export function createTimeKeeping(fetch = nodeFetch): TimeKeeping {
  const ask = async (url: string, body: object | null): Promise<Result<NetworkTime, Problem>> => {
    const sent = body === null ? {} : { method: 'POST', body: JSON.stringify(body) };
    try {
      const answer = await fetch(new URL('/_/time', url), { ...sent, signal: AbortSignal.timeout(timeoutMs) });
      const text = await answer.text();
      return answer.ok ? readAnswer(text) : refuse(refusedTurn(text));
    } catch (error) {
      return refuse(unreachable(error instanceof Error ? error.message : String(error)));
    }
  };
  return {
    read: ({ connection }) => ask(connection.url, null),
    advance: ({ connection }, durationNs) => ask(connection.url, { advanceNs: durationNs.toString(), ticks }),
  };
}

function readAnswer(text: string): Result<NetworkTime, Problem> {
  const parsed = Answer.safeParse(parseJson(text));
  if (!parsed.success) return refuse(refusedTurn(text));
  return ok({ timeNs: BigInt(parsed.data.timeNs), isVirtual: parsed.data.virtual });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refusedTurn(text: string): Problem {
  const nextStep = 'Wait instead, or ask for a network that was started with virtual time.';
  return { code: 'TimeRefused', message: `the network said: ${fence(text)}`, nextStep };
}

function unreachable(message: string): Problem {
  const nextStep = 'Check that the network runs, then try again.';
  return { code: 'NetworkUnreachable', message, nextStep };
}
