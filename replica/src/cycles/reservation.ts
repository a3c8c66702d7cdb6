// Storage reservation: on a subnet that fills up, growing memory sets cycles aside for years of payments.
import { smallerOf } from './balance.ts';
import { type PricedSubnet, storageFee } from './fees.ts';

/** Nothing is reserved while the subnet uses less than this. */
export const reservationFromBytes = 750n << 30n;
export const subnetMemoryBytesMax = 2n << 40n;
/** Ten years of payments are reserved per byte when the subnet is full. */
const reservationSecondsMax = 300_000_000n;

/**
 * What growing by `bytes` reserves when the subnet uses `usedBytes` before. The rate rises linearly, so this is the area
 * under it: the difference of two triangles.
 */
export function storageReservation(subnet: PricedSubnet, usedBytes: bigint, bytes: bigint): bigint {
  return reservedUpTo(subnet, usedBytes + bytes) - reservedUpTo(subnet, usedBytes);
}

function reservedUpTo(subnet: PricedSubnet, usedBytes: bigint): bigint {
  const used = smallerOf(usedBytes, subnetMemoryBytesMax);
  if (used <= reservationFromBytes) return 0n;
  const above = used - reservationFromBytes;
  const seconds = (reservationSecondsMax * above) / (subnetMemoryBytesMax - reservationFromBytes);
  // Half of the base times the height, with the whole seconds that DFINITY's replica counts in.
  return storageFee(subnet, above, seconds / 2n);
}
