// Shell (files): the key of a simulated device of one's own, made here and kept in the network's folder for its owner alone. Its raw
// readings lie beside it: the network has only their digests.
import { join } from 'node:path';
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { createIdentity, type Ed25519KeyIdentity, identityFromSeed, seedOf } from '@tamc/client';
import { type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import type { Reading } from '../town/wear.ts';
import { appendLine } from '../world/log-file.ts';
import { createOwnFile, readOwnFile } from '../world/own-files.ts';

export interface OwnDevice {
  /** Where its key lies. */
  readonly path: string;
  /** A folder beside it, for the lock of who is the device now. */
  readonly lockPath: string;
  readonly identity: Ed25519KeyIdentity;
  keep(reading: Reading): void;
}

/** Some 10,000 readings, of which somebody may want to see the one whose digest stands in a receipt. */
const readingBytesMax = 4 * 1_048_576;

/** One for each machine; made when it is missing, and the same from then on. */
export function openOwnDevice(folderPath: string, machine: PrincipalHex): OwnDevice {
  const name = principalToText(machine);
  const path = join(folderPath, 'devices', `${name}.json`);
  const read = () => readOwnFile(path, 'the key of a device', parseSeed);
  const known = read();
  if (known === null) createOwnFile(path, { machine: name, seed: bytesToHex(seedOf(createIdentity())) });
  const seed = known ?? read();
  if (seed === null) throw new Error(`${path} was removed while it was read`);
  const readings = join(folderPath, 'devices', `${name}.readings.jsonl`);
  return {
    path,
    lockPath: join(folderPath, 'devices', `${name}.lock`),
    identity: identityFromSeed(seed),
    keep: ({ text }) => appendLine(readings, text, readingBytesMax),
  };
}

function parseSeed(content: unknown): Uint8Array | null {
  if (typeof content !== 'object' || content === null || !('seed' in content)) return null;
  const bytes = typeof content.seed === 'string' ? parseHex(content.seed) : null;
  return bytes?.length === 32 ? bytes : null;
}
