// The numbers of the System API that are promises of the network (developer-docs, "Resource limits").

/** A response in replicated mode; anything larger could not cross subnets. */
export const replyBytesMaxReplicated = 2_097_152;
export const replyBytesMaxQuery = 3_145_728;

/** Name and argument of a call. Callers do not know where the callee lives, so the limit is that of one subnet. */
export const callBytesMax = 10_485_760;
/** No module may export more names than this in all. */
export const methodNameBytesMax = 20_000;
/** Longer timeouts are silently shortened. */
export const callTimeoutSecondsMax = 300;
/** The queue between two canisters. */
export const callsPerCalleeMax = 500;
/** Callbacks one subnet keeps; a single execution cannot have more either. */
export const callsPerExecutionMax = 1_000_000;

export const certifiedDataBytesMax = 32;
export const environmentVariableNameBytesMax = 128;
/** Longer trap texts are cut, so that they fit into a reject message. */
export const trapTextBytesMax = 32_768;

export const wasmPageBytes = 65_536;
/** The 32-bit stable memory functions see no more than 4 GiB. */
export const stablePagesMax32 = 65_536;
/** Stable memory one execution may touch, and may write, in 4 KiB pages: messages 2 GiB, installation 8, queries 1. */
export const stableAccessPagesMax = { message: 524_288, install: 2_097_152, query: 262_144 } as const;

/** Instructions per byte that leaves the canister in a message, and per 4 KiB stable page first written. */
export const instructionsPerSentByte = 50;
export const instructionsPerNewStablePage = 1_000;
