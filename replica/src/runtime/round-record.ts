// A round's inputs as they stand in the journal. Big blobs (modules above all) are cut out and kept once, by their hash,
// however often they are installed.
import { assert } from '@tamc/base/assert';
import { bytesToHex, concatBytes, parseHex } from '@tamc/base/bytes';
import { type CborValue, encodeCBOR, isCborArray, parseCBOR } from '../codec/cbor.ts';
import { type Principal, parsePrincipalBytes, principalToBytes } from '../codec/principal.ts';
import { type HostEnd, hostEndKinds } from '../execution/host-ends.ts';
import type { IngressCall } from '../http/core.ts';
import type { RoundInput } from '../scheduler/round.ts';
import { findModule } from './find-module.ts';

export interface Blobs {
  /** The hash, in hex. */
  putBlob(bytes: Uint8Array): string;
  readBlob(hash: string): Uint8Array;
}

/** Arguments up to this size are written with the round; a blob of its own costs a file and a flush. */
const inlineBytesMax = 64 * 1024;

export function encodeRound({ timeNs, ingress, hostEnds = [] }: RoundInput, blobs: Blobs): Uint8Array {
  const calls = ingress.map((call) => callToCbor(call, blobs));
  if (hostEnds.length === 0) return encodeCBOR([timeNs, calls]);
  return encodeCBOR([
    timeNs,
    calls,
    hostEnds.map(({ execution, kind, instructions }) => [execution, kind, instructions]),
  ]);
}

function callToCbor(call: IngressCall, blobs: Blobs): CborValue {
  return [
    parseHex(call.requestId)!,
    principalToBytes(call.sender),
    call.senderInfo === null ? null : [call.senderInfo.data, principalToBytes(call.senderInfo.signer)],
    principalToBytes(call.canisterId),
    principalToBytes(call.effectiveId),
    call.method,
    argToCbor(call.arg, blobs),
    call.expiryNs,
  ];
}

function argToCbor(arg: Uint8Array, blobs: Blobs): CborValue {
  if (arg.length <= inlineBytesMax) return arg;
  const { start, end } = findModule(arg) ?? { start: 0, end: arg.length };
  const hash = blobs.putBlob(arg.subarray(start, end));
  return [arg.subarray(0, start), parseHex(hash)!, arg.subarray(end)];
}

/** Trusts what it reads: the journal is checked record by record when it is opened. */
export function decodeRound(record: Uint8Array, blobs: Blobs): RoundInput {
  const parsed = parseCBOR(record);
  assert(parsed.ok && isCborArray(parsed.value), 'a journal record is an array');
  const [timeNs, calls, ends = []] = parsed.value;
  assert(isCborArray(calls), 'a journal record has its calls');
  assert(isCborArray(ends), 'what a journal record tells of executions is an array');
  return {
    timeNs: BigInt(timeNs as number | bigint),
    ingress: calls.map((call) => cborToCall(call, blobs)),
    hostEnds: ends.map(cborToHostEnd),
  };
}

function cborToHostEnd(value: CborValue): HostEnd {
  assert(isCborArray(value) && value.length === 3, 'a recorded end has three fields');
  const [execution, name, instructions] = value;
  const kind = hostEndKinds.find((each) => each === name);
  assert(kind !== undefined, 'a recorded end is of a kind that is known');
  return { execution: Number(execution), kind, instructions: BigInt(instructions as number | bigint) };
}

function cborToCall(value: CborValue, blobs: Blobs): IngressCall {
  assert(isCborArray(value) && value.length === 8, 'a recorded call has eight fields');
  const [requestId, sender, senderInfo, canisterId, effectiveId, method, arg, expiryNs] = value;
  return {
    requestId: bytesToHex(requestId as Uint8Array),
    sender: toPrincipal(sender),
    senderInfo: isCborArray(senderInfo)
      ? { data: senderInfo[0] as Uint8Array, signer: toPrincipal(senderInfo[1]) }
      : null,
    canisterId: toPrincipal(canisterId),
    effectiveId: toPrincipal(effectiveId),
    method: method as string,
    arg: cborToArg(arg!, blobs),
    expiryNs: BigInt(expiryNs as number | bigint),
  };
}

function toPrincipal(value: CborValue | undefined): Principal {
  const principal = value instanceof Uint8Array ? parsePrincipalBytes(value) : null;
  assert(principal !== null, 'a recorded principal is one');
  return principal;
}

function cborToArg(value: CborValue, blobs: Blobs): Uint8Array {
  if (value instanceof Uint8Array) return value;
  assert(isCborArray(value), 'a recorded argument is bytes, or a blob between bytes');
  const [before, hash, after] = value as [Uint8Array, Uint8Array, Uint8Array];
  return concatBytes(before, blobs.readBlob(bytesToHex(hash)), after);
}
