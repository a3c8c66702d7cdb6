// The machine's own decision about its next code, while it holds.
import { identityRefusals as no } from '@tamc/protocol/identity';
import type { Refusal } from '@tamc/protocol/refusal';
import { operatorText } from '../powers.ts';
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

/**
 * The last look, by the old code in the moment in which it is replaced: null only for the module that the registry prepared and that
 * is still approved. Between preparing and stopping the operator may have withdrawn, replaced or handed over, and that holds.
 */
export function newCodeFault(tables: MachineTables, nowNs: bigint): Refusal | null {
  const { preparedHash } = tables.upgrade.get();
  const isDecided = preparedHash !== null && approvedUpgrade(tables, nowNs)?.moduleHash === preparedHash;
  return isDecided ? null : no('UpgradeNotApproved', { operator: operatorText(tables) });
}
