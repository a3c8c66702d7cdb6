// The log of a canister, kept within `log_memory_limit`: the oldest records go first.
import type { Canister, CanisterLog } from '../state/canister.ts';

/** Index, time and length beside each text. Counted, or else empty records would cost nothing and pile up. */
const recordOverheadBytes = 24;

/** Adds what one execution has said. A text longer than the whole log is cut. */
export function appendLogs(canister: Canister, contents: readonly Uint8Array[], timestampNs: bigint): void {
  if (contents.length === 0) return;
  const textBytesMax = Math.max(0, Number(canister.settings.logMemoryLimit) - recordOverheadBytes);
  for (const content of contents) {
    // A copy, so that a short text does not hold on to a large buffer.
    canister.logs.push({ index: canister.nextLogIndex++, timestampNs, content: content.slice(0, textBytesMax) });
  }
  trimLogs(canister);
}

export function trimLogs(canister: Canister): void {
  const { logs } = canister;
  const limit = Number(canister.settings.logMemoryLimit);
  let bytes = logs.reduce((sum, record) => sum + recordBytes(record), 0);
  let drop = 0;
  while (bytes > limit) bytes -= recordBytes(logs[drop++]!);
  logs.splice(0, drop);
}

export function recordBytes(record: CanisterLog): number {
  return recordOverheadBytes + record.content.length;
}
