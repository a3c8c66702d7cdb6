// What an execution on the deep stack may take of this process.

/**
 * Each call of the System API there goes from thread to thread and back, which takes about ten microseconds while its price
 * in instructions is that of a call that takes a fraction of one. So many take some five seconds (twenty on a machine that
 * is busy otherwise), about as long as the instructions of an endless loop. An update that uses all its 40 G instructions
 * may call once in 80,000 of them; one call from a canister in TypeScript takes some thousands.
 */
export const deepCallsMax = 500_000;
