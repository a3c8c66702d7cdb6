// Certificates over the state tree. The tree follows the rounds lazily and a root is signed only when somebody asks:
// a round that nobody wants certified costs nothing.
import { concatBytes, textToBytes } from '@tamc/base/bytes';
import { encodeCertificate } from '../certification/certificate.ts';
import { type LabelMap, rootHash } from '../certification/label-map.ts';
import type { Path } from '../certification/lookup.ts';
import { createStateTree, type StateTree, type TreeFacts, updateStateTree } from '../certification/state-tree.ts';
import { witness } from '../certification/witness.ts';
import type { Principal } from '../codec/principal.ts';
import type { BlsKey } from '../crypto/bls.ts';
import { stateRootDomain } from '../crypto/domain.ts';
import type { RequestId } from '../state/message.ts';
import type { ReplicaState } from '../state/replica-state.ts';
import type { ModuleStore } from '../state/world.ts';
import { blsKeyOf } from './genesis.ts';

export interface Certifier {
  /** Notes what a round changed. */
  note(changed: { canisters: Iterable<Principal>; requests: Iterable<RequestId> }): void;
  /** The tree as it stands after the last round. */
  current(): LabelMap;
  /** Loads the curve library; `certify` needs it. */
  ready(): Promise<void>;
  certify(tree: LabelMap, paths: readonly Path[]): Uint8Array;
}

export function createCertifier(facts: TreeFacts, state: ReplicaState, modules: ModuleStore): Certifier {
  let tree: StateTree | null = null;
  const pending = { canisters: new Set<Principal>(), requests: new Set<RequestId>() };
  let key: BlsKey | null = null;
  let signed: { root: LabelMap; signature: Uint8Array } | null = null;

  let treeRound = -1;

  const current = (): LabelMap => {
    if (tree !== null && treeRound === state.round) return tree.root;
    tree = tree === null ? createStateTree(facts, state, modules) : updateStateTree(tree, state, modules, pending);
    treeRound = state.round;
    pending.canisters.clear();
    pending.requests.clear();
    return tree.root;
  };
  const signatureOf = (root: LabelMap): Uint8Array => {
    if (signed?.root !== root) signed = { root, signature: key!.sign(concatBytes(stateRootDomain, rootHash(root))) };
    return signed.signature;
  };
  return {
    current,
    note: (changed) => {
      for (const id of changed.canisters) pending.canisters.add(id);
      for (const id of changed.requests) pending.requests.add(id);
    },
    ready: async () => {
      key ??= await blsKeyOf(state.seed);
    },
    certify: (root, paths) => {
      const shown = witness(root, [[textToBytes('time')], ...paths]);
      return encodeCertificate({ tree: shown, signature: signatureOf(root), delegation: null });
    },
  };
}
