// Checks a canister's certified variables: the network's certificate over the canister's certified data, and the witness that
// this data is the root of a tree which holds the labels in question.
import { Cbor, type HashTree, type HttpAgent, reconstruct } from '@dfinity/agent';
import { bytesEqual, textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { checkCertificate } from './certificate-signature.ts';
import { lookUp } from './hash-tree.ts';

export interface CertifiedAnswer {
  readonly certificate: Uint8Array;
  /** A hash tree as CBOR. */
  readonly witness: Uint8Array;
}

/** The value under each label; null where the tree proves that it has none. Refuses what proves nothing, with the reason. */
export async function checkLeaves(
  agent: HttpAgent,
  canister: PrincipalHex,
  { certificate, witness }: CertifiedAnswer,
  labels: readonly string[],
): Promise<Result<readonly (Uint8Array | null)[], string>> {
  const data = await certifiedData(agent, canister, certificate);
  if (!data.ok) return data;
  const read = await readTree(witness);
  if (read === null) return refuse('the witness is no hash tree');
  if (!bytesEqual(read.rootHash, data.value)) return refuse('the witness is not of the certified tree');
  return leavesOf(read.tree, labels);
}

async function certifiedData(
  agent: HttpAgent,
  canister: PrincipalHex,
  certificate: Uint8Array,
): Promise<Result<Uint8Array, string>> {
  const canisterId = hexToPrincipal(canister);
  try {
    const checked = await checkCertificate(agent, canisterId, certificate);
    const path = [textToBytes('canister'), canisterId.toUint8Array(), textToBytes('certified_data')];
    const found = lookUp(path, checked.cert.tree);
    return found.ok && found.value !== null ? ok(found.value) : refuse('the certificate shows no certified data');
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

async function readTree(witness: Uint8Array) {
  try {
    const tree = Cbor.decode<HashTree>(witness);
    return { tree, rootHash: await reconstruct(tree) };
  } catch {
    return null;
  }
}

function leavesOf(tree: HashTree, labels: readonly string[]): Result<readonly (Uint8Array | null)[], string> {
  const leaves: (Uint8Array | null)[] = [];
  for (const label of labels) {
    const leaf = lookUp([textToBytes(label)], tree);
    if (!leaf.ok) return refuse(`of ${label} ${leaf.error}`);
    leaves.push(leaf.value);
  }
  return ok(leaves);
}
