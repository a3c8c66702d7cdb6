// From the word for a network to a connection there. The embedded one is the process that owns the store; when none runs, it is
// started here for as long as it is needed.
import { ok, type Result, refuse } from '@tamc/base/result';
import { type Connection, connect, type Ed25519KeyIdentity } from '@tamc/client';
import { createReplica } from '@tamc/replica';
import type { NetworkFolder } from './network-folder.ts';
import type { Network } from './networks.ts';
import type { StepProblem } from './steps.ts';

export interface OpenNetwork {
  readonly connection: Connection;
  /** Says what runs and what does not, for the person who waits. */
  readonly text: string;
  close(): Promise<void>;
}

/**
 * For the first answer of a network. Over a slow line the main network takes a second or two; a server that takes the connection and
 * says nothing would hold the library for minutes.
 */
const firstAnswerMsMax = 10_000;

export async function openNetwork(
  { kind, url, name }: Network,
  folder: NetworkFolder,
  identity: Ed25519KeyIdentity,
  answerMsMax = firstAnswerMsMax,
): Promise<Result<OpenNetwork, StepProblem>> {
  if (url === null) return await openEmbedded(folder, identity);
  const nextStep =
    kind === 'main' ? 'Check the connection to the internet.' : 'Start it there, or give another address.';
  const nothing = refuse({ message: `Nothing answers at ${url}.`, nextStep });
  if (!(await hasStatus(url, answerMsMax))) return nothing;
  const trust = kind === 'main' ? ({ rootKey: 'main' } as const) : {};
  const connected = await connect({ url, identity, ...trust });
  if (connected.ok && (kind !== 'main' || (await isAnswering(connected.value))))
    return ok({ connection: connected.value, text: `${name} at ${url}`, close: async () => {} });
  return nothing;
}

/** Whatever it is: what it says is for the library to judge. */
async function hasStatus(url: string, msMax: number): Promise<boolean> {
  try {
    const answer = await fetch(new URL('/api/v2/status', url), { signal: AbortSignal.timeout(msMax) });
    await answer.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** The main network's root key is known, so that nothing was asked yet; the library writes about what it then does not find. */
async function isAnswering({ agent }: Connection): Promise<boolean> {
  try {
    await agent.status();
    return true;
  } catch {
    return false;
  }
}

async function openEmbedded(
  folder: NetworkFolder,
  identity: Ed25519KeyIdentity,
): Promise<Result<OpenNetwork, StepProblem>> {
  const running = folder.running();
  if (running !== null) {
    const connected = await connect({ url: running.url, identity });
    if (connected.ok)
      return ok({ connection: connected.value, text: `embedded, at ${running.url}`, close: async () => {} });
  }
  const replica = await createReplica({ store: folder.store });
  const { url } = await replica.listen({ port: 0 });
  const connected = await connect({ url, identity });
  const close = () => replica.close();
  if (connected.ok) return ok({ connection: connected.value, text: `embedded, in ${folder.store}, for now`, close });
  await close();
  return connected;
}
