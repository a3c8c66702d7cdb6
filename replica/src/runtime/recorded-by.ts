// Which version of the replica has written a store, and whether this one can go on from it.
import { executionVersion, stateFormat } from '../version.ts';
import { ReplicaError } from './replica-error.ts';

export interface Recorded {
  /** How it is written. */
  readonly format: number;
  /** How the rounds after it were executed. */
  readonly execution: number;
}

export function assertReadable({ format }: Recorded): void {
  if (format === stateFormat) return;
  const age = format < stateFormat ? 'older' : 'newer';
  throw new ReplicaError(
    'store',
    `${age}Version`,
    `The store was written by ${age === 'older' ? 'an older' : 'a newer'} version of the replica (format ${format}; this one reads ${stateFormat}).`,
    `Use the ${age} version, or start with a new store.`,
  );
}

/** Executing what another version has executed could give another state than the one that was acknowledged. */
export function assertExecutable({ execution }: Recorded): void {
  if (execution === executionVersion) return;
  throw new ReplicaError(
    'store',
    'otherExecution',
    'The store has rounds that another version of the replica has executed and that no checkpoint holds.',
    'Start that version on the store and stop it, which writes a checkpoint; then start this one.',
  );
}
