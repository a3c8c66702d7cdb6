// What things cost. Published prices are those of a subnet of 13 nodes; every fee scales with the node count and rounds
// down where DFINITY's replica rounds (some per unit, some on the total). On the free schedule everything costs nothing.

export interface PricedSubnet {
  readonly nodeCount: number;
  readonly costSchedule: 'normal' | 'free';
}

export const referenceNodeCount = 13n;

/** Cycles on 13 nodes (developer-docs, "Cycle costs"). */
export const prices = {
  canisterCreation: 500_000_000_000n,
  updateExecution: 5_000_000n,
  instruction: 1n,
  /** A 64-bit memory makes every instruction cost double. */
  instructionWasm64: 2n,
  call: 260_000n,
  callByte: 1_000n,
  ingress: 1_200_000n,
  ingressByte: 2_000n,
  storageGibSecond: 127_000n,
  computePercentSecond: 10_000_000n,
  signature: 10_000_000_000n,
} as const;

/** Larger responses cannot be told of in advance, so this much is set aside for each call. */
export const responseBytesReserved = 2_097_152n;

const bytesPerGib = 1n << 30n;

/** `cycles` of a 13-node subnet as they are charged on this one. */
export function scaleCycles(subnet: PricedSubnet, cycles: bigint): bigint {
  return subnet.costSchedule === 'free' ? 0n : (cycles * BigInt(subnet.nodeCount)) / referenceNodeCount;
}

export function canisterCreationFee(subnet: PricedSubnet): bigint {
  return scaleCycles(subnet, prices.canisterCreation);
}

/** The instructions alone, without the fee for starting the execution; also what the management canister charges. */
export function instructionsFee(subnet: PricedSubnet, width: 32 | 64, instructions: bigint): bigint {
  return scaleCycles(subnet, instructions * (width === 64 ? prices.instructionWasm64 : prices.instruction));
}

/** One execution in replicated mode. */
export function executionFee(subnet: PricedSubnet, width: 32 | 64, instructions: bigint): bigint {
  const variable = instructions * (width === 64 ? prices.instructionWasm64 : prices.instruction);
  return scaleCycles(subnet, prices.updateExecution + variable);
}

/** `bytes` of the whole signed request. The byte price is rounded before it is multiplied. */
export function ingressFee(subnet: PricedSubnet, bytes: bigint): bigint {
  return scaleCycles(subnet, prices.ingress) + scaleCycles(subnet, prices.ingressByte) * bytes;
}

/** The bytes of one direction of a call: method name and argument, or the response. */
export function transmissionFee(subnet: PricedSubnet, bytes: bigint): bigint {
  return scaleCycles(subnet, prices.callByte * bytes);
}

/** What sending a request costs at once; the response is paid from what is set aside. */
export function requestFee(subnet: PricedSubnet, bytes: bigint): bigint {
  return scaleCycles(subnet, prices.call) + transmissionFee(subnet, bytes);
}

export function storageFee(subnet: PricedSubnet, bytes: bigint, seconds: bigint): bigint {
  return scaleCycles(subnet, (bytes * prices.storageGibSecond * seconds) / bytesPerGib);
}

export function computeAllocationFee(subnet: PricedSubnet, percent: bigint, seconds: bigint): bigint {
  return scaleCycles(subnet, prices.computePercentSecond * seconds * percent);
}

/** ECDSA, Schnorr and vetKD alike; `subnet` is the one that holds the key. */
export function signatureFee(subnet: PricedSubnet): bigint {
  return scaleCycles(subnet, prices.signature);
}
