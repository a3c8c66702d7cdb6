// Reads one certified fact about a canister. (The library's own reader writes to the console when a fact is absent.)
import { type HttpAgent, LookupPathStatus } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { assert } from '@tamc/base/assert';
import { textToBytes } from '@tamc/base/bytes';
import { checkCertificate } from './certificate-signature.ts';

/** The value at `/canister/<id>/…segments` of the state tree; null when the network proves that it is absent. */
export async function readCanisterState(
  agent: HttpAgent,
  canister: Principal,
  segments: readonly string[],
): Promise<Uint8Array | null> {
  const path = [textToBytes('canister'), canister.toUint8Array(), ...segments.map(textToBytes)];
  const { certificate } = await agent.readState(canister, { paths: [path] });
  const found = (await checkCertificate(agent, canister, certificate)).lookup_path(path);
  if (found.status === LookupPathStatus.Found) return found.value;
  assert(found.status === LookupPathStatus.Absent, 'a certificate shows the path that was asked for, or its absence');
  return null;
}
