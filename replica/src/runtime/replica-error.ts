// What can go wrong when a replica is made or used, for the people who use it: what kind it is, what happened, and what
// to do next. Rejects of calls are answers, not errors.

export type ReplicaErrorKind =
  /** The options or arguments given. */
  | 'input'
  /** The disk, or the files on it. */
  | 'store'
  /** Another process has it. */
  | 'busy'
  /** The machine has too little of it. */
  | 'memory'
  /** The replica itself. */
  | 'bug';

export class ReplicaError extends Error {
  override readonly name = 'ReplicaError';
  readonly kind: ReplicaErrorKind;
  readonly code: string;
  readonly nextStep: string;

  constructor(kind: ReplicaErrorKind, code: string, message: string, nextStep: string) {
    super(`${message} ${nextStep}`);
    this.kind = kind;
    this.code = code;
    this.nextStep = nextStep;
  }
}

export function replicaClosed(): ReplicaError {
  const nextStep = 'Make another one with createReplica; on the same store it goes on where this one stopped.';
  return new ReplicaError('input', 'closed', 'The replica is closed.', nextStep);
}
