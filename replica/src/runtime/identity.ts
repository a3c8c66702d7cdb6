// Who the one subnet and its one node are.
import type { TreeFacts } from '../certification/state-tree.ts';
import { selfAuthenticatingPrincipal } from '../codec/principal.ts';
import type { SubnetIdentity } from '../http/core.ts';
import { canisterRange, createNodeIdentity, type Genesis } from './genesis.ts';

export function subnetIdentity(genesis: Genesis): SubnetIdentity {
  return {
    subnetId: selfAuthenticatingPrincipal(genesis.rootKey),
    nodeId: createNodeIdentity(genesis.seed).nodeId,
    type: genesis.subnetType,
    canisterRanges: [canisterRange],
    rootKey: () => Promise.resolve(genesis.rootKey),
  };
}

export function certifierFacts(genesis: Genesis): TreeFacts {
  const { nodeKey } = createNodeIdentity(genesis.seed);
  return { subnet: subnetIdentity(genesis), rootKey: genesis.rootKey, nodeKey: nodeKey.publicKeyDer };
}
