// Certificates: a partial state tree, the subnet's BLS signature of its root hash, and how the subnet's key descends from
// the root key (SPEC/certification, "Certificate", "Delegation", "Encoding of certificates").

import { concatBytes, textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { createByteWriter, writtenBytes } from '../codec/byte-writer.ts';
import {
  type CborValue,
  isCborMap,
  major,
  parseCBOR,
  tagSelfDescribed,
  writeBytes,
  writeHead,
  writeText,
} from '../codec/cbor.ts';
import { type Principal, parsePrincipalBytes, principalToBytes } from '../codec/principal.ts';
import { type Bls, type BlsKey, loadBls, parseBlsDer } from '../crypto/bls.ts';
import { stateRootDomain } from '../crypto/domain.ts';
import { type HashTree, reconstruct } from './hash-tree.ts';
import { cborToHashTree, writeHashTree } from './hash-tree-cbor.ts';
import { isWellFormed, lookup } from './lookup.ts';

export interface Certificate {
  readonly tree: HashTree;
  readonly signature: Uint8Array;
  readonly delegation: CertificateDelegation | null;
}

export interface CertificateDelegation {
  readonly subnetId: Principal;
  /** The certificate by the root subnet, encoded. */
  readonly certificate: Uint8Array;
}

export function encodeCertificate({ tree, signature, delegation }: Certificate): Uint8Array {
  const writer = createByteWriter(2048);
  writeHead(writer, major.tag, tagSelfDescribed);
  writeHead(writer, major.map, delegation === null ? 2 : 3);
  writeText(writer, 'tree');
  writeHashTree(writer, tree);
  writeText(writer, 'signature');
  writeBytes(writer, signature);
  if (delegation !== null) {
    writeText(writer, 'delegation');
    writeHead(writer, major.map, 2);
    writeText(writer, 'subnet_id');
    writeBytes(writer, principalToBytes(delegation.subnetId));
    writeText(writer, 'certificate');
    writeBytes(writer, delegation.certificate);
  }
  return writtenBytes(writer);
}

/** One signature serves every certificate over the same root hash. */
export function signStateRoot(key: BlsKey, rootHash: Uint8Array): Uint8Array {
  return key.sign(concatBytes(stateRootDomain, rootHash));
}

export function parseCertificate(bytes: Uint8Array): Result<Certificate, string> {
  const parsed = parseCBOR(bytes);
  if (!parsed.ok) return parsed;
  if (!isCborMap(parsed.value)) return refuse('certificate is not a map');
  const tree = cborToHashTree(parsed.value.get('tree') ?? null);
  if (!tree.ok) return tree;
  const signature = parsed.value.get('signature');
  if (!(signature instanceof Uint8Array)) return refuse('certificate without a signature');
  const delegation = parseDelegation(parsed.value.get('delegation') ?? null);
  return delegation.ok ? ok({ tree: tree.value, signature, delegation: delegation.value }) : delegation;
}

function parseDelegation(value: CborValue): Result<CertificateDelegation | null, string> {
  if (value === null) return ok(null);
  const subnet = isCborMap(value) ? value.get('subnet_id') : undefined;
  const certificate = isCborMap(value) ? value.get('certificate') : undefined;
  const subnetId = subnet instanceof Uint8Array ? parsePrincipalBytes(subnet) : null;
  if (subnetId === null || !(certificate instanceof Uint8Array)) return refuse('bad certificate delegation');
  return ok({ subnetId, certificate });
}

/** The tree, when the certificate descends from the root key. Which canisters it may speak for is the caller's question. */
export async function verifyCertificate(bytes: Uint8Array, rootKeyDer: Uint8Array): Promise<Result<HashTree, string>> {
  return verifyWith(await loadBls(), bytes, rootKeyDer);
}

function verifyWith(bls: Bls, bytes: Uint8Array, rootKeyDer: Uint8Array): Result<HashTree, string> {
  const certificate = parseCertificate(bytes);
  if (!certificate.ok) return certificate;
  const { tree, signature, delegation } = certificate.value;
  const key = delegation === null ? ok(rootKeyDer) : delegatedKey(bls, delegation, rootKeyDer);
  if (!key.ok) return key;
  const publicKey = parseBlsDer(key.value);
  if (publicKey === null) return refuse('the key of the certificate is not a BLS key');
  if (!isWellFormed(tree)) return refuse('the tree of the certificate is not well-formed');
  const signed = concatBytes(stateRootDomain, reconstruct(tree));
  return bls.verify(publicKey, signed, signature) ? ok(tree) : refuse('the signature of the certificate is not valid');
}

function delegatedKey(
  bls: Bls,
  { subnetId, certificate }: CertificateDelegation,
  rootKeyDer: Uint8Array,
): Result<Uint8Array, string> {
  const parsed = parseCertificate(certificate);
  if (parsed.ok && parsed.value.delegation !== null) return refuse('the delegation is itself delegated');
  const tree = verifyWith(bls, certificate, rootKeyDer);
  if (!tree.ok) return refuse(`delegation: ${tree.error}`);
  const key = lookup([textToBytes('subnet'), principalToBytes(subnetId), textToBytes('public_key')], tree.value);
  return key.kind === 'found' ? ok(key.value) : refuse('the delegation does not show the key of the subnet');
}
