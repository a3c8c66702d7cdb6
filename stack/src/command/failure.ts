// An error as a person should see it: one sentence, and the next step where there is one. Only a bug shows its stack.

import { textFor } from '../world/in-terminal.ts';
import { showSourcePlaces } from './source-places.ts';

/** An expected failure of a command. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly next: string;

  constructor(message: string, next: string) {
    super(message);
    this.next = next;
  }
}

/** Words that cannot go together; the message says what to type instead. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

export function exitCodeOf(error: unknown): number {
  return error instanceof WrongUsage ? 2 : 1;
}

/** The same for a program: `{"error": {"message", "next"}}`, with `kind` and `code` where the error has them. */
export function failureToJson(error: unknown, store?: string): object {
  if (!(error instanceof Error)) return { error: { message: String(error) } };
  const { message, next } = partsOf(error, store);
  const fields = Object.fromEntries(['kind', 'code'].map((name) => [name, Reflect.get(error, name)]));
  const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value === 'string'));
  return { error: { message, ...(next === null ? {} : { next }), ...known } };
}

/** `store`: of the network that the command was about, where it is not the usual one. */
export function renderFailure(error: unknown, store?: string): string {
  if (!(error instanceof Error)) return `tamc: ${String(error)}`;
  const { message, next } = partsOf(error, store);
  return next === null ? `tamc: ${message}` : `tamc: ${message}\n  → ${next}`;
}

interface Parts {
  readonly message: string;
  readonly next: string | null;
}

/** Whoever types the next step is to do it with the same network. */
function partsOf(error: Error, store: string | undefined): Parts {
  const { message, next } = ownPartsOf(error);
  return { message, next: next === null ? null : textFor(store, next) };
}

function ownPartsOf(error: Error): Parts {
  if (error instanceof WrongUsage) return { message: error.message, next: null };
  const own = nextStepOf(error);
  if (own !== null) return { message: error.message.replace(own, '').trim(), next: own };
  const known = systemFailure(error);
  if (known !== null) return { message: error.message, next: known };
  const next = 'This is a fault of tamc, not of yours; please report it with this text.';
  return { message: showSourcePlaces(error.stack ?? error.message), next };
}

/** Ours have one; those of the replica also end their message with it. */
function nextStepOf(error: Error): string | null {
  if ('next' in error && typeof error.next === 'string') return error.next;
  return 'nextStep' in error && typeof error.nextStep === 'string' && error.nextStep !== '' ? error.nextStep : null;
}

const otherFolder = 'Check the path: a folder that you may write to.';
const systemFailures: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Something already listens on this port: choose another with --port N, or 0 for a free one.',
  EACCES: otherFolder,
  EPERM: otherFolder,
  EROFS: otherFolder,
  EEXIST: 'A file is where a folder is wanted: choose another folder, or move the file away.',
  ENOTDIR: 'A file is where a folder is wanted: choose another folder, or move the file away.',
  EISDIR: 'A folder is where a file is wanted: choose another path, or move the folder away.',
  ENOSPC: 'The disk is full: make room and run the same command again.',
  ENOENT: 'Check the path.',
  ECONNREFUSED: 'Nothing answers there: start it with `npm start`.',
};

/** What the operating system refuses is no fault of ours. */
function systemFailure(error: Error): string | null {
  if (!('code' in error) || typeof error.code !== 'string') return null;
  const isPort = 'syscall' in error && error.syscall === 'listen';
  if (isPort && error.code === 'EACCES') return 'This port is reserved to the administrator: choose one above 1023.';
  return systemFailures[error.code] ?? null;
}
