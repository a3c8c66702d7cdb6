// Who called, and what the signer of a canister signature says about the caller.
import { noBytes } from '@tamc/base/bytes';
import { principalToBytes } from '../codec/principal.ts';
import type { Execution } from '../execution/execution.ts';
import { copyOut } from './heap.ts';

export function msgCallerSize({ input }: Execution): number {
  return principalToBytes(input.caller).length;
}

export function msgCallerCopy(execution: Execution, dst: number, offset: number, size: number): void {
  copyOut(execution, 'msg_caller_copy', 'id', principalToBytes(execution.input.caller), dst, offset, size);
}

function infoData({ input }: Execution): Uint8Array {
  return input.senderInfo?.data ?? noBytes;
}

function infoSigner({ input }: Execution): Uint8Array {
  return input.senderInfo === null ? noBytes : principalToBytes(input.senderInfo.signer);
}

export function msgCallerInfoDataSize(execution: Execution): number {
  return infoData(execution).length;
}

export function msgCallerInfoDataCopy(execution: Execution, dst: number, offset: number, size: number): void {
  copyOut(execution, 'msg_caller_info_data_copy', 'info', infoData(execution), dst, offset, size);
}

export function msgCallerInfoSignerSize(execution: Execution): number {
  return infoSigner(execution).length;
}

export function msgCallerInfoSignerCopy(execution: Execution, dst: number, offset: number, size: number): void {
  copyOut(execution, 'msg_caller_info_signer_copy', 'signer', infoSigner(execution), dst, offset, size);
}
