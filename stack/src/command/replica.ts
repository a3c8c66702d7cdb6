// `tamc replica`: one replica on loopback, for whoever speaks the Internet Computer's HTTP interface.
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createReplica, holdsStore } from '@tamc/replica';
import type { Given } from './commands.ts';
import { CommandFailure, WrongUsage } from './failure.ts';
import { parsePort } from './parse-arguments.ts';
import { createFailed, untilStopped } from './until-stopped.ts';

const defaultPort = 4943;
const defaultStore = '.tamc/replica';

export async function run({ values, switches }: Given): Promise<number> {
  const port = parsePort(values.port, defaultPort);
  if (!port.ok) throw new WrongUsage(port.error);
  const isInMemory = switches.has('memory');
  if (isInMemory && values.store !== undefined) {
    throw new WrongUsage('--memory keeps nothing on disk, so it cannot go with --store; leave one of them out.');
  }
  const store = isInMemory ? null : resolve(values.store ?? defaultStore);
  if (store !== null) refuseForeignFolder(store);
  const { failed, fail } = createFailed();
  const replica = await createReplica({
    onFailure: fail,
    ...(store === null ? { memory: true } : { store }),
    ...(values.seed === undefined ? {} : { seed: values.seed }),
    virtualTime: switches.has('virtual-time'),
    retainInputs: !switches.has('drop-inputs'),
  });
  const stopped = untilStopped(() => replica.close(), failed);
  const { url } = await replica.listen({ port: port.value }).catch(async (error: unknown) => {
    await replica.close();
    throw error;
  });
  if (switches.has('json')) console.log(JSON.stringify({ url, store, pid: process.pid }));
  else console.log(`The replica answers at ${url} (${store === null ? 'in memory' : `kept in ${store}`}).`);
  await stopped;
  return 0;
}

/** A folder of somebody's work, where the store's files would lie among theirs. */
function refuseForeignFolder(folder: string): void {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder || holdsStore(folder) || !readdirSync(folder).some(isForeign)) return;
  const next = `Name a folder that is empty or not there yet, like --store ${join(folder, 'replica')}.`;
  throw new CommandFailure(`${folder} holds other files and no store of a replica.`, next);
}

/** Hidden files and what a file system puts into its root disturb nobody; a lock is what a crash at the very start leaves. */
function isForeign(name: string): boolean {
  return !name.startsWith('.') && name !== 'lost+found' && !/^lock-/.test(name);
}
