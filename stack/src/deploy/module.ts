// A canister's module as it is sent: compressed, with its hash, in pieces that fit into a message.
import { gzipSync } from 'node:zlib';
import { bytesToHex } from '@tamc/base/bytes';
import { ok, type Result } from '@tamc/base/result';
import { sha256 } from '@tamc/protocol/hash';
import { type BuiltCanister, buildCanister } from '../azle/build.ts';
import { renderProblem } from '../azle/problem.ts';
import type { StepProblem } from './steps.ts';

export interface Module {
  /** Compressed: what is installed, and what the network hashes. */
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly candid: string;
  readonly layout: string | null;
}

/** The specification's size of a piece in a chunk store. */
const chunkBytesMax = 1_048_576;

export async function buildModule(folder: string): Promise<Result<Module, StepProblem>> {
  const built = await buildCanister(folder);
  if (!built.ok) {
    const message = built.error.map(renderProblem).join('\n');
    return { ok: false, error: { message, nextStep: 'Correct it and deploy again.' } };
  }
  return ok(builtToModule(built.value));
}

/** One message holds at most 2 MiB, and a canister with a JavaScript interpreter in it is larger than that uncompressed. */
export function builtToModule({ wasm, candid, layout }: BuiltCanister): Module {
  const bytes = new Uint8Array(gzipSync(wasm, { level: 9 }));
  return { bytes, hash: bytesToHex(sha256(bytes)), candid, layout };
}

export function chunksOf({ bytes }: Module): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / chunkBytesMax);
  return Array.from({ length: count }, (_, i) => bytes.slice(i * chunkBytesMax, (i + 1) * chunkBytesMax));
}

/** `DIDL`, no types, no values: a canister that takes no arguments, and every upgrade of ours. */
export const noArguments: Uint8Array = Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 0, 0);
