// GET /_/topology: the subnets and their canister ranges as JSON, in the shape that PocketIC's clients and dfx read.

import { type Principal, principalToBytes, principalToText } from '../codec/principal.ts';
import { sha256 } from '../crypto/sha256.ts';
import type { Core, SubnetIdentity } from './core.ts';
import { createJsonResponse, type HttpResponse } from './response.ts';

const subnetKinds: Readonly<Record<SubnetIdentity['type'], string>> = {
  application: 'Application',
  system: 'System',
  verified_application: 'VerifiedApplication',
  cloud_engine: 'CloudEngine',
};

export function answerTopology({ subnet }: Core): HttpResponse {
  const first = subnet.canisterRanges[0]?.first ?? subnet.subnetId;
  return createJsonResponse({
    subnet_configs: { [principalToText(subnet.subnetId)]: renderSubnet(subnet) },
    // Where provisional_create_canister_with_cycles is sent when nobody says otherwise.
    default_effective_canister_id: { canister_id: principalToBase64(first) },
  });
}

function renderSubnet(subnet: SubnetIdentity): object {
  return {
    subnet_kind: subnetKinds[subnet.type],
    // Typed clients want 32 bytes here. PocketIC makes its keys of them; we do not, so they only tell subnets apart.
    subnet_seed: [...sha256(principalToBytes(subnet.subnetId))],
    instruction_config: 'Production',
    size: 1,
    node_ids: [{ node_id: principalToBase64(subnet.nodeId) }],
    canister_ranges: subnet.canisterRanges.map(({ first, last }) => ({
      start: { canister_id: principalToBase64(first) },
      end: { canister_id: principalToBase64(last) },
    })),
  };
}

function principalToBase64(principal: Principal): string {
  return Buffer.from(principal, 'hex').toString('base64');
}
