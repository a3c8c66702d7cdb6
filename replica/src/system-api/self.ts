// What a canister can learn about itself, its subnet and its controllers.
import { parsePrincipalBytes, principalToBytes } from '../codec/principal.ts';
import { type Execution, Trap } from '../execution/execution.ts';
import { chargeBytes, copyIn, copyOut } from './heap.ts';

export function canisterSelfSize({ environment }: Execution): number {
  return principalToBytes(environment.canisterId).length;
}

export function canisterSelfCopy(execution: Execution, dst: number, offset: number, size: number): void {
  const id = principalToBytes(execution.environment.canisterId);
  copyOut(execution, 'canister_self_copy', 'id', id, dst, offset, size);
}

export function canisterStatus({ environment }: Execution): number {
  return environment.status;
}

export function canisterVersion({ environment }: Execution): bigint {
  return environment.canisterVersion;
}

export function subnetSelfSize({ environment }: Execution): number {
  return principalToBytes(environment.subnet.subnetId).length;
}

export function subnetSelfCopy(execution: Execution, dst: number, offset: number, size: number): void {
  const id = principalToBytes(execution.environment.subnet.subnetId);
  copyOut(execution, 'subnet_self_copy', 'id', id, dst, offset, size);
}

export function subnetSelfNodeCount({ environment }: Execution): number {
  return environment.subnet.nodeCount;
}

export function rootKeySize({ environment }: Execution): number {
  return environment.subnet.rootKey.length;
}

export function rootKeyCopy(execution: Execution, dst: number, offset: number, size: number): void {
  copyOut(execution, 'root_key_copy', 'bytes', execution.environment.subnet.rootKey, dst, offset, size);
}

export function isController(execution: Execution, src: number, size: number): number {
  chargeBytes(execution, size);
  const principal = parsePrincipalBytes(copyIn(execution, 'ic0.is_controller', src, size));
  if (principal === null) throw invalidPrincipal();
  return execution.environment.controllers.includes(principal) ? 1 : 0;
}

export function invalidPrincipal(): Trap {
  return new Trap('misuse', 'Canister provided invalid principal id');
}

export function inReplicatedExecution({ environment }: Execution): number {
  return environment.isReplicated ? 1 : 0;
}
