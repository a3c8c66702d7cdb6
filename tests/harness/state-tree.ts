// Reads the state tree of a replica through the public client, which checks every certificate with the root key.
import { Certificate, HttpAgent } from '@icp-sdk/core/agent';
import { Principal } from '@icp-sdk/core/principal';
import type { Replica } from '@tamc/replica';
import { parseCertificate } from '../../replica/src/certification/certificate.ts';
import { lookup } from '../../replica/src/certification/lookup.ts';

/** Text stands for its UTF-8. */
export type Label = string | Uint8Array;

/** What the certificate shows at a path: the value, or null where it proves that there is none. */
export type Tree = (...labels: Label[]) => Uint8Array | null;

export interface TreeReader {
  readonly agent: HttpAgent;
  readonly subnet: Principal;
  /** At the address of a canister (text), or of the subnet (null). */
  read(canister: string | null, ...paths: Label[][]): Promise<Tree>;
}

export async function createTreeReader(replica: Replica): Promise<TreeReader> {
  const agent = await HttpAgent.create({
    host: 'http://replica',
    fetch: replica.fetch,
    shouldFetchRootKey: true,
    retryTimes: 0,
  });
  const subnet = Principal.selfAuthenticating(replica.rootKey);
  const readCertificate = async (canister: string | null, paths: Label[][]) => {
    const request = { paths: paths.map(toPath) };
    const answer =
      canister === null
        ? agent.readSubnetState(subnet, request)
        : agent.readState({ canisterId: Principal.fromText(canister) }, request);
    return (await answer).certificate;
  };
  return {
    agent,
    subnet,
    read: async (canister, ...paths) => {
      const certificate = await readCertificate(canister, paths);
      return openCertificate(replica, canister, certificate);
    },
  };
}

/** Throws when the certificate is not one of this replica for that canister (null: for the subnet). */
export async function openCertificate(replica: Replica, canister: string | null, bytes: Uint8Array): Promise<Tree> {
  const principal =
    canister === null
      ? { subnetId: Principal.selfAuthenticating(replica.rootKey) }
      : { canisterId: Principal.fromText(canister) };
  // A copy: the client reads values wrong that do not begin where their buffer does.
  const certificate = Uint8Array.from(bytes);
  await Certificate.create({ certificate, rootKey: replica.rootKey, principal, disableTimeVerification: true });
  const parsed = parseCertificate(certificate);
  if (!parsed.ok) throw new Error(parsed.error);
  return (...labels) => {
    // Our lookup, not the client's, whose order of labels is not always that of their bytes: it misses some absences.
    const found = lookup(toPath(labels), parsed.value.tree);
    if (found.kind === 'found') return found.value;
    if (found.kind === 'absent') return null;
    throw new Error(`the certificate does not say what is at ${labels.map(String).join('/')}: ${found.kind}`);
  };
}

/** An unsigned LEB128 number. */
export function toNat(value: Uint8Array | null): bigint {
  if (value === null) throw new Error('there is no number');
  return [...value].reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n);
}

export function toText(value: Uint8Array | null): string | null {
  return value === null ? null : new TextDecoder().decode(value);
}

function toPath(labels: readonly Label[]): Uint8Array[] {
  return labels.map((label) => (typeof label === 'string' ? new TextEncoder().encode(label) : label));
}
