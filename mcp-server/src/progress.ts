// Progress of one call: what the tool says, and a sign of life while it says nothing, so that no host gives up on a long act.
import type { ServerContext } from '@modelcontextprotocol/server';

/** Hosts give up after 60 s of silence; a sign four times as often survives a lost one. */
export const signOfLifeMs = 15_000;

export interface Progress {
  say(text: string): void;
  end(): void;
}

export function createProgress({ mcpReq }: ServerContext): Progress {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return { say: () => {}, end: () => {} };
  let step = 0;
  let last = 'working';
  const send = () => {
    const params = { progressToken, progress: ++step, message: last };
    // A client that has gone misses a sign of life, and nothing else.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  };
  const timer = setInterval(send, signOfLifeMs);
  timer.unref();
  return {
    say: (text) => {
      last = text;
      send();
    },
    end: () => clearInterval(timer),
  };
}
