// The chunk store: pieces of modules too large for one message, kept by their SHA-256.
import { bytesToHex, parseHex } from '@tamc/base/bytes';
import { ok } from '@tamc/base/result';
import { vec } from '../codec/candid.ts';
import { sha256 } from '../crypto/sha256.ts';
import { instructionsFee } from '../cycles/fees.ts';
import { createReject, type Reject } from '../errors.ts';
import type { Canister } from '../state/canister.ts';
import type { World } from '../state/world.ts';
import { chunkBytesMax, chunkStoreCountMax, uploadChunkInstructions } from './limits.ts';
import { balanceNeeded, growthOf, thresholdOf, usedBytes } from './memory.ts';
import { defineCanisterChange, defineCanisterRead, reject, reply } from './method.ts';
import { chunkStoreError, overSubscribedMemory } from './refusals.ts';
import { canisterIdRecord, chunkHash, uploadChunkArgs } from './types.ts';

export const uploadChunk = defineCanisterChange({
  name: 'upload_chunk',
  argument: uploadChunkArgs,
  result: chunkHash,
  ingress: true,
  canisters: true,
  access: 'controllersAndSelf',
  target: (argument) => argument.canister_id,
  apply: ({ world, canister, argument: { chunk } }) => {
    if (chunk.length > chunkBytesMax) return reject(tooLarge(chunk.length));
    const hash = sha256(chunk);
    const isNew = !canister.chunks.has(bytesToHex(hash));
    if (isNew && canister.chunks.size >= chunkStoreCountMax) return reject(storeFull);
    const fee = instructionsFee(world.subnet, 32, uploadChunkInstructions);
    const costs = costOfChunk(world, canister, fee, isNew);
    if ('refusal' in costs) return reject(costs.refusal);
    canister.cycles -= fee + costs.reservation;
    canister.reservedCycles += costs.reservation;
    canister.burnedCycles.instructions += fee;
    // The argument is a view of the message, which is not kept.
    if (isNew) canister.chunks.set(bytesToHex(hash), chunk.slice());
    return reply({ hash });
  },
});

export const clearChunkStore = defineCanisterChange({
  name: 'clear_chunk_store',
  argument: canisterIdRecord,
  result: null,
  ingress: true,
  canisters: true,
  access: 'controllersAndSelf',
  target: (argument) => argument.canister_id,
  apply: ({ canister }) => {
    canister.chunks.clear();
    return reply(null);
  },
});

export const storedChunks = defineCanisterRead({
  name: 'stored_chunks',
  argument: canisterIdRecord,
  result: vec(chunkHash),
  ingress: true,
  canisters: true,
  queries: false,
  access: 'controllersAndSelf',
  target: (argument) => argument.canister_id,
  read: ({ canister }) => ok([...canister.chunks.keys()].sort().map((hash) => ({ hash: parseHex(hash)! }))),
});

const storeFull = chunkStoreError(
  `Wasm chunk store has already reached maximum capacity of ${chunkStoreCountMax * chunkBytesMax} bytes or the ` +
    `maximum number of entries, ${chunkStoreCountMax}`,
);

function tooLarge(bytes: number): Reject {
  return chunkStoreError(`Wasm chunk size ${bytes} exceeds the maximum chunk size of ${chunkBytesMax}`);
}

/** A chunk takes 1 MiB of storage, however short it is; one that is there already costs only the upload. */
function costOfChunk(
  world: World,
  canister: Canister,
  fee: bigint,
  isNew: boolean,
): { readonly reservation: bigint } | { readonly refusal: Reject } {
  const used = usedBytes(world, canister);
  const grown = isNew ? used + BigInt(chunkBytesMax) : used;
  const allocation = canister.settings.memoryAllocation;
  const growth = growthOf(world, { used, allocation }, { used: grown, allocation });
  if (growth.missingOf !== null) return { refusal: overSubscribedMemory(growth.bytes, growth.missingOf) };
  const threshold = thresholdOf(world, canister, { memoryBytes: grown });
  const needed = fee + balanceNeeded(threshold, growth.reservation);
  if (canister.cycles < needed) return { refusal: tooPoor(needed - canister.cycles) };
  const over = canister.reservedCycles + growth.reservation - canister.settings.reservedCyclesLimit;
  return growth.reservation > 0n && over > 0n
    ? { refusal: reservedTooMuch(canister, growth.bytes, over) }
    : { reservation: growth.reservation };
}

function tooPoor(missing: bigint): Reject {
  const text = `Cannot upload chunk. At least ${missing} additional cycles are required`;
  return chunkStoreError(text);
}

function reservedTooMuch({ settings }: Canister, bytes: bigint, over: bigint): Reject {
  return createReject(
    'reservedCyclesLimitExceededInMemoryGrow',
    `Canister cannot grow memory by ${bytes} bytes due to its reserved cycles limit. ` +
      `The current limit (${settings.reservedCyclesLimit}) would be exceeded by ${over}.`,
  );
}
