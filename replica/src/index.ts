// The public face of the replica.

export { createReplica, type Replica, type ReplicaOptions } from './replica.ts';
export type { Answer, Call, Calls } from './runtime/calls.ts';
export type { GenesisOptions } from './runtime/genesis.ts';
export { type Replayed, replayStore } from './runtime/replay.ts';
export { ReplicaError, type ReplicaErrorKind } from './runtime/replica-error.ts';
export type { TimeControl } from './runtime/time-control.ts';
export { holdsStore } from './store/find-store.ts';
export { type LockOwner, readLockOwner } from './store/lock.ts';
