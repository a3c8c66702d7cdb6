// Progress of one call: what the tool says, and a sign of life while it says nothing, so that no host gives up on a long act.
import type { ServerContext } from '@modelcontextprotocol/server';

/** Hosts give up after 60 s of silence; a sign six times as often survives lost ones and a busy computer. */
export const signOfLifeMs = 10_000;

export interface Progress {
  say(text: string): void;
  end(): void;
  /** The call waits for a person now: goes on until it comes back, or this time is over. */
  waitForPerson(timeoutMs: number): void;
}

const silent: Progress = { say: () => {}, end: () => {}, waitForPerson: () => {} };

/** Calls of the older revision that wait for a person; they come back as the same call. In the newer one a call ends by asking. */
const waiting = new WeakMap<AbortSignal, Progress>();

export function createProgress({ mcpReq }: ServerContext): Progress {
  const { signal, envelope } = mcpReq;
  const known = waiting.get(signal);
  if (known !== undefined) return known;
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return silent;
  let step = 0;
  let last = 'working';
  let isOver = false;
  const send = () => {
    if (isOver || signal.aborted) return;
    const params = { progressToken, progress: ++step, message: last };
    // A client that has gone misses a sign of life, and nothing else.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  };
  const timer = setInterval(send, signOfLifeMs);
  timer.unref();
  const end = () => {
    isOver = true;
    clearInterval(timer);
  };
  const say = (text: string) => {
    last = text;
    send();
  };
  const progress: Progress = {
    say,
    end,
    waitForPerson: (timeoutMs) => {
      if (envelope !== undefined) return end();
      waiting.set(signal, progress);
      say('waiting for the person to decide');
      setTimeout(end, timeoutMs).unref();
    },
  };
  return progress;
}
