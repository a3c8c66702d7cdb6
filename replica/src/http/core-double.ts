// A double of the Core for tests of the HTTP interface: it records what it is asked and answers what the test put in.
import { canisterIdOfIndex, type Principal, selfAuthenticatingPrincipal } from '../codec/principal.ts';
import { createEd25519Key, type Ed25519Key } from '../crypto/ed25519.ts';
import type { RequestRecord } from '../state/replica-state.ts';
import type { Core, IngressCall, Path, QueryAnswer, QueryCall, Submission } from './core.ts';

export interface CoreDouble extends Core {
  timeNs: bigint;
  submission: Submission;
  queryAnswer: QueryAnswer;
  readonly nodeKey: Ed25519Key;
  readonly controllers: Map<Principal, Principal[]>;
  /** Visibility of metadata sections by `<canister>/<name>`. */
  readonly metadata: Map<string, 'public' | 'private'>;
  readonly records: Map<string, RequestRecord>;
  readonly submitted: IngressCall[];
  readonly queried: QueryCall[];
  readonly certified: (readonly Path[])[];
}

export const doubleStartNs = 1_700_000_000_000_000_000n;
export const doubleRootKey: Uint8Array = new Uint8Array(133).fill(7);
export const doubleCertificate: Uint8Array = Uint8Array.of(0xce, 0x47);
/** In the double's ranges, which are the indexes 0 to 999. */
export const hostedCanister: Principal = canisterIdOfIndex(5n);
export const unhostedCanister: Principal = canisterIdOfIndex(1000n);

export function createCoreDouble(): CoreDouble {
  const nodeKey = createEd25519Key(new Uint8Array(32).fill(1));
  const double: CoreDouble = {
    timeNs: doubleStartNs,
    submission: { kind: 'accepted', answered: Promise.resolve() },
    queryAnswer: { kind: 'replied', arg: new Uint8Array() },
    nodeKey,
    controllers: new Map(),
    metadata: new Map(),
    records: new Map(),
    submitted: [],
    queried: [],
    certified: [],
    subnet: {
      subnetId: selfAuthenticatingPrincipal(doubleRootKey),
      nodeId: selfAuthenticatingPrincipal(nodeKey.publicKeyDer),
      type: 'application',
      canisterRanges: [{ first: canisterIdOfIndex(0n), last: canisterIdOfIndex(999n) }],
      rootKey: async () => doubleRootKey,
    },
    nowNs: () => double.timeNs,
    canisterExists: (id) => double.controllers.has(id),
    controllersOf: (id) => double.controllers.get(id) ?? [],
    metadataVisibility: (id, name) => double.metadata.get(`${id}/${name}`) ?? null,
    requestRecord: (id) => double.records.get(id) ?? null,
    submit: (call) => {
      double.submitted.push(call);
      return double.submission;
    },
    query: (call) => {
      double.queried.push(call);
      return double.queryAnswer;
    },
    certificate: async (paths) => {
      double.certified.push(paths);
      return doubleCertificate;
    },
    signAsNode: nodeKey.sign,
  };
  return double;
}
