// What a canister can learn about itself, its subnet and its controllers.
import { type Principal, parsePrincipalBytes, principalByteCountMax, principalToBytes } from '../codec/principal.ts';
import { type Execution, Trap } from '../execution/execution.ts';
import { assertInHeap, chargeBytes, copyOut, readHeap } from './heap.ts';

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
  return execution.environment.controllers.includes(readPrincipal(execution, 'ic0.is_controller', src, size)) ? 1 : 0;
}

/** `what` names the function for errors. What is too long to be a principal is not even copied. */
export function readPrincipal(execution: Execution, what: string, src: number, size: number): Principal {
  assertInHeap(execution, what, src, size);
  const principal = size > principalByteCountMax ? null : parsePrincipalBytes(readHeap(execution, src, size));
  if (principal === null) throw new Trap('misuse', 'Canister provided invalid principal id');
  return principal;
}

export function inReplicatedExecution({ environment }: Execution): number {
  return environment.isReplicated ? 1 : 0;
}
