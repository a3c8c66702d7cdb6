// Reads one certified fact about a canister. (The library's own reader writes to the console when a fact is absent.)
import { CertificateVerificationErrorCode, type HttpAgent, TrustError } from '@dfinity/agent';
import type { Principal } from '@dfinity/principal';
import { textToBytes } from '@tamc/base/bytes';
import { checkCertificate } from './certificate-signature.ts';
import { lookUp } from './hash-tree.ts';

/** The value at `/canister/<id>/…segments` of the state tree; null when the network proves that it is absent. */
export async function readCanisterState(
  agent: HttpAgent,
  canister: Principal,
  segments: readonly string[],
): Promise<Uint8Array | null> {
  const path = [textToBytes('canister'), canister.toUint8Array(), ...segments.map(textToBytes)];
  const { certificate } = await agent.readState(canister, { paths: [path] });
  const found = lookUp(path, (await checkCertificate(agent, canister, certificate)).cert.tree);
  if (!found.ok) throw TrustError.fromCode(new CertificateVerificationErrorCode(found.error));
  return found.value;
}
