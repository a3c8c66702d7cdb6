// Every way the store can refuse, in one table: kind (what the caller can do), what happened, and the next step in words.

export type StoreErrorKind = 'disk' | 'broken' | 'version' | 'locked' | 'closed';

interface ErrorRow {
  readonly kind: StoreErrorKind;
  readonly what: string;
  readonly nextStep: string;
}

const rows = {
  diskFull: {
    kind: 'disk',
    what: 'The disk is full',
    nextStep: 'Free some space and start again: everything that was acknowledged is kept.',
  },
  diskFailed: {
    kind: 'disk',
    what: 'The disk reported a failure',
    nextStep: 'Check the disk and its cables or mount, then start again: everything that was acknowledged is kept.',
  },
  notPermitted: {
    kind: 'disk',
    what: 'The store may not be written',
    nextStep: 'Give this user the right to read and write the directory, or choose another one.',
  },
  notAFolder: {
    kind: 'disk',
    what: 'The store is a folder, and here is a file',
    nextStep: 'Choose another folder, or move the file away.',
  },
  noFolder: {
    kind: 'disk',
    what: 'No folder can be made for the store',
    nextStep: 'Choose a place where this user may make folders.',
  },
  fileDamaged: {
    kind: 'broken',
    what: 'A file of the store is damaged',
    nextStep: 'Nothing was changed. Restore the store from a backup, or start with a new directory.',
  },
  fileMissing: {
    kind: 'broken',
    what: 'A file of the store is missing',
    nextStep: 'Nothing was changed. Put the file back from a backup, or start with a new directory.',
  },
  inputsNotKept: {
    kind: 'broken',
    what: 'The recorded inputs asked for are not in the store',
    nextStep:
      'Open the store as it is, from its checkpoint; only one that was never opened with retainInputs: false has them all.',
  },
  newerVersion: {
    kind: 'version',
    what: 'The store was written by a newer version of this program',
    nextStep: 'Use the newer version, or start with a new directory.',
  },
  olderVersion: {
    kind: 'version',
    what: 'The store was written by an older version of this program and there is no upgrade from it',
    nextStep: 'Use the older version, or start with a new directory.',
  },
  notOurs: {
    kind: 'version',
    what: 'A file has the name of a store file but is not one',
    nextStep: 'Move the file away, or choose another directory.',
  },
  locked: {
    kind: 'locked',
    what: 'Another process owns the store',
    nextStep: 'Use that process, stop it, or choose another directory.',
  },
  heldHere: {
    kind: 'locked',
    what: 'This process has the store open already',
    nextStep: 'Use the replica that has it, or close it first, or choose another directory.',
  },
  lockDamaged: {
    kind: 'locked',
    what: 'The lock file, which tells whether another process uses the store, is damaged',
    nextStep: 'If you are sure that no process uses the store, remove this file; nothing else is in it.',
  },
  closed: {
    kind: 'closed',
    what: 'The store is closed',
    nextStep: 'Open it again.',
  },
} as const satisfies Record<string, ErrorRow>;

/** The state follows from the inputs, so a store that has them all can do without its state file. */
export const stateDamageStep =
  'Restore the store from a backup. Without one, and if journal-000000001 is still there, remove the state file: the ' +
  'state is then made again from the recorded inputs.';

export type StoreErrorCode = keyof typeof rows;

export interface StoreErrorFacts {
  /** Path of the file (or directory) that it is about. */
  readonly file: string;
  /** Where in the file, when that is known. */
  readonly offset?: number;
  /** What exactly was found, continuing the row's sentence. */
  readonly detail?: string;
  /** Replaces the row's next step where a better one is known. */
  readonly nextStep?: string;
}

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;
  readonly code: StoreErrorCode;
  readonly file: string;
  readonly offset: number | null;
  /** The message without its next step. */
  readonly problem: string;
  readonly nextStep: string;

  constructor(code: StoreErrorCode, facts: StoreErrorFacts) {
    const nextStep = facts.nextStep ?? rows[code].nextStep;
    const problem = renderProblem(code, facts);
    super(`${problem} ${nextStep}`);
    this.kind = rows[code].kind;
    this.code = code;
    this.file = facts.file;
    this.offset = facts.offset ?? null;
    this.problem = problem;
    this.nextStep = nextStep;
  }
}

function renderProblem(code: StoreErrorCode, { file, offset, detail }: StoreErrorFacts): string {
  const place = offset === undefined ? file : `${file}, byte ${offset}`;
  return `${rows[code].what} (${place})${detail === undefined ? '' : `: ${detail}`}.`;
}

const codeOfSystemError: Record<string, StoreErrorCode> = {
  ENOSPC: 'diskFull',
  EDQUOT: 'diskFull',
  EFBIG: 'diskFull',
  EACCES: 'notPermitted',
  EPERM: 'notPermitted',
  EROFS: 'notPermitted',
  ENOENT: 'fileMissing',
};

/** The error of a disk driver whose operating system answered `systemCode` (ENOSPC, EIO, …). */
export function createDiskError(systemCode: string, operation: string, file: string): StoreError {
  return new StoreError(codeOfSystemError[systemCode] ?? 'diskFailed', { file, detail: `${operation}: ${systemCode}` });
}

export function isStoreError(error: unknown): error is StoreError {
  return error instanceof StoreError;
}
