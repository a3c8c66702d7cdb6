// The two closed lists of the specification: reject codes, and DFINITY's error codes (first digit = reject code).

export const rejectCodes = {
  sysFatal: 1,
  sysTransient: 2,
  destinationInvalid: 3,
  canisterReject: 4,
  canisterError: 5,
  sysUnknown: 6,
} as const;
export type RejectCode = (typeof rejectCodes)[keyof typeof rejectCodes];

export const errorCodes = {
  subnetOversubscribed: 101,
  maxNumberOfCanistersReached: 102,
  canisterQueueFull: 201,
  ingressMessageTimeout: 202,
  canisterQueueNotEmpty: 203,
  ingressHistoryFull: 204,
  canisterIdAlreadyExists: 205,
  stopCanisterRequestTimeout: 206,
  canisterOutOfCycles: 207,
  certifiedStateUnavailable: 208,
  canisterInstallCodeRateLimited: 209,
  canisterHeapDeltaRateLimited: 210,
  canisterNotFound: 301,
  canisterSnapshotNotFound: 305,
  insufficientMemoryAllocation: 402,
  insufficientCyclesForCreateCanister: 403,
  subnetNotFound: 404,
  canisterNotHostedBySubnet: 405,
  canisterRejectedMessage: 406,
  unknownManagementMessage: 407,
  invalidManagementPayload: 408,
  canisterTrapped: 502,
  canisterCalledTrap: 503,
  canisterContractViolation: 504,
  canisterInvalidWasm: 505,
  canisterDidNotReply: 506,
  canisterOutOfMemory: 507,
  canisterStopped: 508,
  canisterStopping: 509,
  canisterNotStopped: 510,
  canisterStoppingCancelled: 511,
  canisterInvalidController: 512,
  canisterFunctionNotFound: 513,
  canisterNonEmpty: 514,
  queryCallGraphLoopDetected: 517,
  insufficientCyclesInCall: 520,
  canisterWasmEngineError: 521,
  canisterInstructionLimitExceeded: 522,
  canisterMemoryAccessLimitExceeded: 524,
  queryCallGraphTooDeep: 525,
  queryCallGraphTotalInstructionLimitExceeded: 526,
  compositeQueryCalledInReplicatedMode: 527,
  queryTimeLimitExceeded: 528,
  queryCallGraphInternal: 529,
  insufficientCyclesInComputeAllocation: 530,
  insufficientCyclesInMemoryAllocation: 531,
  insufficientCyclesInMemoryGrow: 532,
  reservedCyclesLimitExceededInMemoryAllocation: 533,
  reservedCyclesLimitExceededInMemoryGrow: 534,
  insufficientCyclesInMessageMemoryGrow: 535,
  canisterMethodNotFound: 536,
  canisterWasmModuleNotFound: 537,
  canisterAlreadyInstalled: 538,
  canisterWasmMemoryLimitExceeded: 539,
  reservedCyclesLimitIsTooLow: 540,
  deadlineExpired: 601,
  responseDropped: 602,
} as const;
export type ErrorName = keyof typeof errorCodes;

/** Why a call got no reply. `error` is null where a canister itself rejected. */
export interface Reject {
  readonly code: RejectCode;
  readonly message: string;
  readonly error: ErrorName | null;
  /** A canister said it, not the system: whoever called reads just these words. */
  readonly isOwnWords?: true;
}

/** The reject whose code is the first digit of the error code. */
export function createReject(error: ErrorName, message: string): Reject {
  return { code: Math.floor(errorCodes[error] / 100) as RejectCode, message, error };
}

export function rejectInOwnWords(message: string): Reject {
  return { ...createReject('canisterRejectedMessage', message), isOwnWords: true };
}

/** `IC0502` as DFINITY prints it in `error_code`. */
export function errorCodeText(error: ErrorName): string {
  return `IC${String(errorCodes[error]).padStart(4, '0')}`;
}
