// Versions, each of something that changes for its own reasons.

/** Told by /api/v2/status. */
export const replicaVersion = '0.1.0';

/** Of what is written into a store: recorded rounds and state. Raised when an older program could not read it. */
export const stateFormat = 1;

/**
 * Raised when the same inputs would give another state than before (fees, limits, the order of execution, …): rounds can
 * only be executed again by what executed them first.
 */
export const executionVersion = 4;
