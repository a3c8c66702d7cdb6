// The machine's own decision about its next code, while it holds.
import type { MachineTables } from '../state.ts';

export interface ApprovedUpgrade {
  /** SHA-256 as hexadecimal digits. */
  readonly moduleHash: string;
  readonly expiresNs: bigint;
}

export function approvedUpgrade(tables: MachineTables, nowNs: bigint): ApprovedUpgrade | null {
  const { moduleHash, approvalExpiresNs } = tables.upgrade.get();
  return moduleHash === null || nowNs >= approvalExpiresNs ? null : { moduleHash, expiresNs: approvalExpiresNs };
}
