// Shell: what files (`--config`) have said of a network so far, kept beside the ids of its canisters. A later deployment that is given
// no file, or one that says less, goes on with the same ledgers and cycles instead of with the defaults.
import { join } from 'node:path';
import { readOwnFile, replaceFile } from '../world/own-files.ts';
import { type Fields, toFields } from './configuration.ts';

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
