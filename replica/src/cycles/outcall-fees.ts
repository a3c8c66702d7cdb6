// The two price lists of HTTP outcalls. Unlike the other fees these are formulas in the node count, not scaled from 13.
import { largerOf, subtractCycles } from './balance.ts';
import type { PricedSubnet } from './fees.ts';

/** Version 1: bytes that the call reserves. `responseBytes` defaults to the maximum. */
export function outcallFee(subnet: PricedSubnet, requestBytes: bigint, responseBytes: bigint = 2_000_000n): bigint {
  if (subnet.costSchedule === 'free') return 0n;
  const nodes = BigInt(subnet.nodeCount);
  return (3_000_000n + 60_000n * nodes + 400n * requestBytes + 800n * responseBytes) * nodes;
}

export type OutcallKind =
  | { readonly kind: 'fullyReplicated' }
  | { readonly kind: 'nonReplicated' }
  | { readonly kind: 'flexible'; readonly counts: FlexibleCounts | null };

export interface FlexibleCounts {
  readonly minResponses: bigint;
  readonly maxResponses: bigint;
  readonly totalRequests: bigint;
}

/** What one node is expected to consume. */
export interface OutcallUse {
  readonly requestBytes: bigint;
  readonly roundtripMs: bigint;
  readonly rawResponseBytes: bigint;
  readonly transformedResponseBytes: bigint;
  readonly transformInstructions: bigint;
}

/** Each response of a flexible outcall is stored with this many bytes around it. */
const flexibleResponseOverheadBytes = 181n;
/** A reject of this size may be delivered in place of whatever was asked for. */
const rejectBytesMax = 1_025n;

/** Version 2: what is consumed. The amount to attach so that any result can be delivered; the rest comes back. */
export function outcallFeeByUse(subnet: PricedSubnet, use: OutcallUse, outcall: OutcallKind): bigint {
  if (subnet.costSchedule === 'free') return 0n;
  const shape = shapeOf(BigInt(subnet.nodeCount), outcall);
  return baseFee(shape, use) + usageFee(shape, use);
}

/** An outcall as the formulas see it: how many nodes try, and how many responses must agree or arrive. */
interface Shape extends FlexibleCounts {
  readonly kind: OutcallKind['kind'];
  readonly nodes: bigint;
}

function shapeOf(nodes: bigint, outcall: OutcallKind): Shape {
  if (outcall.kind === 'fullyReplicated') {
    return { kind: outcall.kind, nodes, totalRequests: nodes, minResponses: 0n, maxResponses: 1n };
  }
  if (outcall.kind === 'nonReplicated') {
    return { kind: outcall.kind, nodes, totalRequests: 1n, minResponses: 1n, maxResponses: 1n };
  }
  const defaults = { minResponses: (2n * nodes) / 3n + 1n, maxResponses: nodes, totalRequests: nodes };
  return { kind: outcall.kind, nodes, ...(outcall.counts ?? defaults) };
}

/** Charged when the outcall is accepted. */
function baseFee({ kind, nodes, minResponses }: Shape, use: OutcallUse): bigint {
  const replication =
    kind === 'fullyReplicated'
      ? 140_000n * nodes + 800n * nodes * nodes
      : 90_000n * nodes + (2_000n * nodes + 100_000n) * minResponses;
  return (1_000_000n + 50n * use.requestBytes + replication) * nodes;
}

/** Split evenly over the nodes that try, so each part is rounded up to a whole number of them. */
function usageFee(shape: Shape, use: OutcallUse): bigint {
  const { kind, nodes, totalRequests } = shape;
  if (totalRequests === 0n) return 0n;
  const responseBytes = largerOf(use.transformedResponseBytes, rejectBytesMax);
  const gossip = kind === 'fullyReplicated' ? 0n : 50n * nodes * responseBytes;
  const perNode = 50n * use.rawResponseBytes + 300n * use.roundtripMs + use.transformInstructions / 13n + gossip;
  return (perNode + divideUp(consensusFee(shape, responseBytes), totalRequests)) * totalRequests;
}

function consensusFee(shape: Shape, responseBytes: bigint): bigint {
  const { kind, nodes, totalRequests, minResponses, maxResponses } = shape;
  if (kind === 'nonReplicated') return blockFee(nodes, responseBytes);
  if (kind === 'fullyReplicated') {
    // Only a quorum contributes to the result, but the reserve is split over all nodes.
    const quorum = nodes - (nodes - 1n) / 3n;
    return divideUp(blockFee(nodes, responseBytes), quorum) * nodes;
  }
  if (maxResponses === 0n) return 0n;
  const beyondMinimum = subtractCycles(totalRequests, minResponses);
  const responses = blockFee(nodes, totalRequests * (flexibleResponseOverheadBytes + responseBytes));
  return responses + (2_000n * nodes + 100_000n) * nodes * beyondMinimum;
}

/** Putting this many bytes of responses into a block. */
function blockFee(nodes: bigint, bytes: bigint): bigint {
  return nodes * (10n * nodes + 600n) * bytes;
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
