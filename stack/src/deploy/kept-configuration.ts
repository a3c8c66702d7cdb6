// Shell: what files (`--config`) have said of a network so far, kept beside the ids of its canisters. A later deployment that is given
// no file, or one that says less, goes on with the same ledgers and cycles instead of with the defaults.
import { join } from 'node:path';
import { DamagedFile, readOwnFile, replaceFile } from '../world/own-files.ts';
import { type Configuration, createConfiguration, type Fields, toFields } from './configuration.ts';
import type { Network } from './networks.ts';

export interface KeptConfiguration {
  readonly path: string;
  /** Empty where no file was ever given. */
  read(): Fields;
  keep(fields: Fields): void;
}

export function keptConfigurationIn(folder: string): KeptConfiguration {
  const path = join(folder, 'configuration.json');
  return {
    path,
    read: () => readOwnFile(path, 'what a deployment was configured with', toFields) ?? {},
    keep: (fields) => replaceFile(path, fields, 0o644),
  };
}

/** For who deploys to the network of a folder without being given a file. */
export function readKeptConfiguration(folder: string, networkKind: Network['kind']): Configuration {
  const kept = keptConfigurationIn(folder);
  const configuration = createConfiguration({}, networkKind, kept.read());
  if (!configuration.ok)
    throw new DamagedFile(kept.path, `what a deployment was configured with: ${configuration.error}`);
  return configuration.value;
}
