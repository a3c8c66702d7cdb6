// Copying between the host and the canister's heap: charged by the byte first, then checked, then done.
// Nothing is allocated before both ends are known to be in bounds.
import { type Execution, Trap } from '../execution/execution.ts';

const addressMax32 = 0xffff_ffff;

/** Takes `perByte` instructions for each byte. */
export function chargeBytes(execution: Execution, size: number, perByte = 1): void {
  // 64-bit sizes may be absurd; any number this large is more than an execution has.
  execution.charge(Math.min(size * perByte, Number.MAX_SAFE_INTEGER));
}

/** `what` names function and side, as in `ic0.msg_arg_data_copy payload`. */
export function assertWithin(what: string, offset: number, size: number, available: number): void {
  if (offset + size <= available) return;
  throw new Trap('contractViolation', `${what}: src=${offset} + length=${size} exceeds the slice size=${available}`);
}

export function assertInHeap(execution: Execution, what: string, address: number, size: number): void {
  assertWithin(what, address, size, execution.memory.sizeBytes());
}

/** What `foo_copy` does for every foo. `part` is what errors call the blob. */
export function copyOut(
  execution: Execution,
  name: string,
  part: string,
  blob: Uint8Array,
  dst: number,
  offset: number,
  size: number,
): void {
  chargeBytes(execution, size);
  assertInHeap(execution, `ic0.${name} heap`, dst, size);
  assertWithin(`ic0.${name} ${part}`, offset, size, blob.length);
  if (size > 0)
    writeHeap(execution, dst, offset === 0 && size === blob.length ? blob : blob.subarray(offset, offset + size));
}

/** A copy of `size` bytes at `src`. */
export function copyIn(execution: Execution, what: string, src: number, size: number): Uint8Array {
  assertInHeap(execution, what, src, size);
  return readHeap(execution, src, size);
}

/** In bounds already. */
export function readHeap(execution: Execution, address: number, size: number): Uint8Array {
  return execution.memory.read(guestAddress(address), size);
}

/** In bounds already. */
export function writeHeap(execution: Execution, address: number, bytes: Uint8Array): void {
  execution.memory.write(guestAddress(address), bytes);
}

/** The memory takes numbers as 32-bit addresses; what is beyond them is a 64-bit one. */
function guestAddress(address: number): number | bigint {
  return address > addressMax32 ? BigInt(address) : address;
}

// Written from one place, since the memory copies at once what it is given.
const cyclesBytes = new Uint8Array(16);
const cyclesView = new DataView(cyclesBytes.buffer);

/** An amount of cycles, 16 bytes little endian. */
export function writeCycles(execution: Execution, name: string, dst: number, amount: bigint): void {
  const available = execution.memory.sizeBytes();
  if (dst + 16 > available) {
    const found = `Found dst = ${dst} and size = 16 while must be <= ${available}`;
    throw new Trap('contractViolation', `ic0_${name} failed because dst + size is out of bounds. ${found}`);
  }
  cyclesView.setBigUint64(0, BigInt.asUintN(64, amount), true);
  cyclesView.setBigUint64(8, amount >> 64n, true);
  writeHeap(execution, dst, cyclesBytes);
}

/** Two halves of a 128-bit amount. */
export function joinCycles(high: bigint, low: bigint): bigint {
  return (high << 64n) | low;
}
