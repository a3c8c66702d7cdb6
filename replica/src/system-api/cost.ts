// cost_*: what things would cost here and now. Nothing is charged for but the asking.
import { parseText } from '@tamc/base/bytes';
import { canisterCreationFee, type PricedSubnet, signatureFee } from '../cycles/fees.ts';
import { outcallFee, outcallFeeByUse } from '../cycles/outcall-fees.ts';
import { callCost, callCostTotal } from '../cycles/prepay.ts';
import { type Execution, Trap } from '../execution/execution.ts';
import { assertInHeap, chargeBytes, copyIn, readHeap, writeCycles } from './heap.ts';
import { parseOutcallParameters } from './outcall-parameters.ts';

export function costCall(execution: Execution, nameSize: bigint, payloadSize: bigint, dst: number): void {
  const { environment, width } = execution;
  const cost = callCost(environment.subnet, width, environment.callbackInstructionLimit, nameSize + payloadSize);
  writeCycles(execution, 'cost_call', dst, callCostTotal(cost));
}

export function costCreateCanister(execution: Execution, dst: number): void {
  writeCycles(execution, 'cost_create_canister', dst, canisterCreationFee(execution.environment.subnet));
}

export function costHttpRequest(execution: Execution, requestSize: bigint, responseMax: bigint, dst: number): void {
  const fee = outcallFee(execution.environment.subnet, requestSize, responseMax);
  writeCycles(execution, 'cost_http_request', dst, fee);
}

/** The parameters are one small record; nothing as large as this is one. */
const outcallParametersBytesMax = 1_024;

export function costHttpRequestV2(execution: Execution, src: number, size: number, dst: number): void {
  if (size > outcallParametersBytesMax) {
    const text = `ic0.cost_http_request_v2: parameters of ${size} bytes exceed the limit of ${outcallParametersBytesMax}`;
    throw new Trap('contractViolation', text);
  }
  const parameters = parseOutcallParameters(copyIn(execution, 'ic0.cost_http_request_v2 heap', src, size));
  if (!parameters.ok) {
    const text = `Failed to decode HttpRequestV2CostParams from Candid: ${parameters.error}`;
    throw new Trap('contractViolation', text);
  }
  const fee = outcallFeeByUse(execution.environment.subnet, parameters.value.use, parameters.value.outcall);
  writeCycles(execution, 'cost_http_request_v2', dst, fee);
}

const success = 0;
const unknownCurveOrAlgorithm = 1;
const unknownKey = 2;

/** No key has so long a name, so longer ones are not copied to find that out. */
const keyNameBytesMax = 100;

/** The keys of the main network and the size of the subnets that hold them; null = held by the subnet itself. */
const keyNodeCounts: ReadonlyMap<string, number | null> = new Map([
  ['key_1', 34],
  ['test_key_1', 13],
  // The key that local networks have always had.
  ['dfx_test_key', null],
]);

export function costSignWithEcdsa(execution: Execution, src: number, size: number, curve: number, dst: number): number {
  return signatureCost(execution, 'cost_sign_with_ecdsa', src, size, curve === 0, dst);
}

/** 0: BIP340 on secp256k1, 1: Ed25519. */
export function costSignWithSchnorr(
  execution: Execution,
  src: number,
  size: number,
  algorithm: number,
  dst: number,
): number {
  return signatureCost(execution, 'cost_sign_with_schnorr', src, size, algorithm <= 1, dst);
}

export function costVetkdDeriveKey(
  execution: Execution,
  src: number,
  size: number,
  curve: number,
  dst: number,
): number {
  return signatureCost(execution, 'cost_vetkd_derive_key', src, size, curve === 0, dst);
}

function signatureCost(
  execution: Execution,
  name: string,
  src: number,
  size: number,
  isKnownScheme: boolean,
  dst: number,
): number {
  chargeBytes(execution, size);
  assertInHeap(execution, `ic0.${name} heap`, src, size);
  const key = size > keyNameBytesMax ? '' : parseText(readHeap(execution, src, size));
  if (key === null) throw new Trap('contractViolation', 'Failed to decode key name');
  if (!isKnownScheme) return unknownCurveOrAlgorithm;
  const subnet = subnetOfKey(execution, key);
  if (subnet === null) return unknownKey;
  writeCycles(execution, name, dst, signatureFee(subnet));
  return success;
}

function subnetOfKey({ environment }: Execution, key: string): PricedSubnet | null {
  const nodeCount = keyNodeCounts.get(key);
  if (nodeCount === undefined) return null;
  return { ...environment.subnet, nodeCount: nodeCount ?? environment.subnet.nodeCount };
}
