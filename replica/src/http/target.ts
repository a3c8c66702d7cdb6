// The effective canister or subnet id in the address of a request, and whether the request may be sent there
// (SPEC/https-interface, Effective canister id, Effective subnet id).
import { managementCanister, type Principal, principalToText } from '../codec/principal.ts';
import { effectiveCanisterId } from '../management/ingress.ts';
import type { MethodContent } from './content.ts';
import type { SubnetIdentity } from './core.ts';
import { badRequest, type Refusal } from './response.ts';

export interface Target {
  readonly scope: 'canister' | 'subnet';
  readonly id: Principal;
  readonly version: 2 | 3 | 4;
}

const subnetScopedMethods = {
  call: ['create_canister', 'provisional_create_canister_with_cycles'],
  query: ['list_canisters'],
} as const;

/** Null when the call or query may be sent to this address. */
export function checkMethodTarget(subnet: SubnetIdentity, target: Target, content: MethodContent): Refusal | null {
  if (target.scope === 'subnet') return checkSubnetScope(subnet, target.id, content);
  if (content.canisterId !== managementCanister) return checkCanister(subnet, target.id, content.canisterId);
  const effective = effectiveCanisterId(content.method, content.arg);
  if (!effective.ok) {
    // No address makes it good: the management canister says why, at any that is a canister's.
    return isHosted(subnet, target.id) ? null : refuseUnhosted(subnet, target.id);
  }
  return effective.value === 'any' ? null : checkCanister(subnet, target.id, effective.value);
}

/** The canister that a request to the management canister is about; null when it is about none, or does not say. */
export function managedCanister({ method, arg }: MethodContent): Principal | null {
  const effective = effectiveCanisterId(method, arg);
  return effective.ok && effective.value !== 'any' ? effective.value : null;
}

export function checkSubnet(subnet: SubnetIdentity, id: Principal): Refusal | null {
  if (id === subnet.subnetId) return null;
  const known = principalToText(subnet.subnetId);
  return badRequest(`There is no subnet ${principalToText(id)} on this network; its subnet is ${known}.`);
}

export function isHosted(subnet: SubnetIdentity, id: Principal): boolean {
  return subnet.canisterRanges.some(({ first, last }) => first <= id && id <= last);
}

export function refuseUnhosted(subnet: SubnetIdentity, id: Principal): Refusal {
  const ranges = subnet.canisterRanges.map(
    ({ first, last }) => `${principalToText(first)} to ${principalToText(last)}`,
  );
  return badRequest(
    `No subnet of this network hosts canister ${principalToText(id)}; hosted are ${ranges.join(', ')}.`,
  );
}

function checkCanister(subnet: SubnetIdentity, effective: Principal, required: Principal): Refusal | null {
  if (effective === required) return isHosted(subnet, required) ? null : refuseUnhosted(subnet, required);
  return badRequest(
    `Specified CanisterId ${principalToText(required)} does not match effective canister id in URL ` +
      `${principalToText(effective)}. Send the request to /api/…/canister/${principalToText(required)}/….`,
  );
}

function checkSubnetScope(subnet: SubnetIdentity, id: Principal, content: MethodContent): Refusal | null {
  const methods: readonly string[] = subnetScopedMethods[content.kind];
  if (content.canisterId === managementCanister && methods.includes(content.method)) return checkSubnet(subnet, id);
  return badRequest(
    `Only ${methods.join(' and ')} of the management canister can be sent to a subnet. ` +
      'Send other requests to /api/…/canister/<effective canister id>/….',
  );
}
