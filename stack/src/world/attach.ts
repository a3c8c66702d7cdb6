// Shell: from the folder of a network to a connection there, as whoever has this key. It starts nothing: one process owns a store, and
// everybody else attaches to it.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Connection, Ed25519KeyIdentity } from '@tamc/client';
import type { Problem } from '@tamc/mcp-server';
import type { NetworkFolder } from '../deploy/network-folder.ts';

export const notRunning: Problem = {
  code: 'NotRunning',
  message: 'no network runs here',
  nextStep: 'Start one with `npm start`, or `npx tamc start --background`.',
};

export async function attach(
  folder: Pick<NetworkFolder, 'running'>,
  identity: Ed25519KeyIdentity,
): Promise<Result<Connection, Problem>> {
  const running = folder.running();
  if (running === null) return refuse(notRunning);
  // The client library is most of what a server would load: it waits for the first call.
  const { connect } = await import('@tamc/client/connection');
  const connected = await connect({ url: running.url, identity });
  if (connected.ok) return ok(connected.value);
  const { url, pid } = running;
  return refuse({
    code: 'NotAnswering',
    message: `nothing answers at ${url}, though process ${pid} is there that should`,
    nextStep: 'Try again in a moment. If it stays so: `npx tamc stop`, then `npx tamc start --background`.',
  });
}
