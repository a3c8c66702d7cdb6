// Checks a canister's certified variables: the network's certificate over the canister's certified data, and the witness that
// this data is the root of a tree which holds the labels in question.
import { Cbor, type HashTree, type HttpAgent, LookupPathStatus, lookup_path, reconstruct } from '@dfinity/agent';
import { bytesEqual, textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { checkCertificate } from './certificate-signature.ts';

export interface CertifiedAnswer {
  readonly certificate: Uint8Array;
  /** A hash tree as CBOR. */
  readonly witness: Uint8Array;
}

/** The value under each label; null where the tree has none. Refuses what proves nothing, with the reason. */
export async function checkLeaves(
  agent: HttpAgent,
  canister: PrincipalHex,
  { certificate, witness }: CertifiedAnswer,
  labels: readonly string[],
): Promise<Result<readonly (Uint8Array | null)[], string>> {
  const data = await certifiedData(agent, canister, certificate);
  if (!data.ok) return data;
  const tree = decodeTree(witness);
  if (tree === null) return refuse('the witness is no hash tree');
  if (!bytesEqual(await reconstruct(tree), data.value)) return refuse('the witness is not of the certified tree');
  return ok(labels.map((label) => leafAt(tree, label)));
}

async function certifiedData(
  agent: HttpAgent,
  canister: PrincipalHex,
  certificate: Uint8Array,
): Promise<Result<Uint8Array, string>> {
  const canisterId = hexToPrincipal(canister);
  try {
    const checked = await checkCertificate(agent, canisterId, certificate);
    const found = checked.lookup_path([
      textToBytes('canister'),
      canisterId.toUint8Array(),
      textToBytes('certified_data'),
    ]);
    return found.status === LookupPathStatus.Found
      ? ok(found.value)
      : refuse('the certificate shows no certified data');
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function decodeTree(witness: Uint8Array): HashTree | null {
  try {
    return Cbor.decode<HashTree>(witness);
  } catch {
    return null;
  }
}

function leafAt(tree: HashTree, label: string): Uint8Array | null {
  const found = lookup_path([textToBytes(label)], tree);
  return found.status === LookupPathStatus.Found ? found.value : null;
}
