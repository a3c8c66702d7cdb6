// Shell (clock): creation on the main network, paid from the deployer's cycles. Its time is written down before it is asked for: a
// repetition, by the client or by a later run, is recognised by the ledger, which tells the canister of the first time.
import type { Result } from '@tamc/base/result';
import { type CallError, type Connection, createByCyclesLedger } from '@tamc/client';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Creation, Creations } from './creations.ts';

type Created = Promise<Result<PrincipalHex, CallError>>;

/** A creation takes seconds: after so long, a repetition that names no canister means that there is none. */
const creatingNsMax = 600_000_000_000n;

export async function createOnMain(
  connection: Connection,
  creations: Creations,
  name: string,
  cycles: bigint,
  subnet: PrincipalHex | null,
  nowNs = BigInt(Date.now()) * 1_000_000n,
): Created {
  const begun = creations.of(name);
  // On the terms of that time: a repetition is one only to the letter.
  const creation: Creation = begun ?? { id: null, subnet, createdNs: nowNs, cycles };
  creations.begin(name, creation);
  const created = await createByCyclesLedger(connection, creation.cycles, creation.createdNs, creation.subnet);
  if (created.ok || mayHaveHappened(created.error, nowNs - creation.createdNs)) return created;
  creations.end(name);
  // Older than what the ledger looks back on, a day: what came of it was told to nobody and cannot be found out.
  return begun !== null && created.error.code === 'TooOld'
    ? createOnMain(connection, creations, name, cycles, subnet, nowNs)
    : created;
}

function mayHaveHappened({ kind, code }: CallError, ageNs: bigint): boolean {
  if (kind === 'unreachable' || kind === 'unknown' || kind === 'untrusted') return true;
  return code === 'Duplicate' && ageNs < creatingNsMax;
}
