// `tamc replica`: one replica on loopback, for whoever speaks the Internet Computer's HTTP interface.
import { resolve } from 'node:path';
import { createReplica } from '@tamc/replica';
import type { Given } from './commands.ts';
import { parsePort } from './parse-arguments.ts';
import { untilStopped } from './until-stopped.ts';

const defaultPort = 4943;
const defaultStore = '.tamc/replica';

export async function run({ values, switches }: Given): Promise<number> {
  const port = parsePort(values.port, defaultPort);
  if (!port.ok) return wrongUsage(port.error);
  const isInMemory = switches.has('memory');
  if (isInMemory && values.store !== undefined) {
    return wrongUsage('--memory keeps nothing on disk, so it cannot go with --store; leave one of them out.');
  }
  const store = isInMemory ? null : resolve(values.store ?? defaultStore);
  const replica = await createReplica({
    ...(store === null ? { memory: true } : { store }),
    ...(values.seed === undefined ? {} : { seed: values.seed }),
    virtualTime: switches.has('virtual-time'),
  });
  const stopped = untilStopped(() => replica.close());
  const { url } = await replica.listen({ port: port.value }).catch(async (error: unknown) => {
    await replica.close();
    throw error;
  });
  if (switches.has('json')) console.log(JSON.stringify({ url, store, pid: process.pid }));
  else console.log(`The replica answers at ${url} (${store === null ? 'in memory' : `kept in ${store}`}).`);
  await stopped;
  return 0;
}

function wrongUsage(text: string): number {
  console.error(`tamc: ${text}`);
  return 2;
}
