// An error as a person should see it: one sentence, and the next step where there is one. Only a bug shows its stack.

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

export function renderFailure(error: unknown): string {
  if (!(error instanceof Error)) return `tamc: ${String(error)}`;
  const next = nextStepOf(error);
  if (next !== null) return `tamc: ${error.message.replace(next, '').trim()}\n  → ${next}`;
  const known = 'code' in error && typeof error.code === 'string' ? systemFailure(error.code) : null;
  if (known !== null) return `tamc: ${error.message}\n  → ${known}`;
  return `tamc: ${showSourcePlaces(error.stack ?? error.message)}\n  → This is a fault of tamc, not of yours; please report it with this text.`;
}

/** Ours have one; those of the replica also end their message with it. */
function nextStepOf(error: Error): string | null {
  if ('next' in error && typeof error.next === 'string') return error.next;
  return 'nextStep' in error && typeof error.nextStep === 'string' && error.nextStep !== '' ? error.nextStep : null;
}

const systemFailures: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Something already listens on this port: choose another with --port N, or 0 for a free one.',
  EACCES: 'You may not use this: choose a port above 1023, or a folder you may write to.',
  ENOSPC: 'The disk is full: make room and run the same command again.',
  ENOENT: 'Check the path.',
  ECONNREFUSED: 'Nothing answers there: start it with `npm start`.',
};

function systemFailure(code: string): string | null {
  return systemFailures[code] ?? null;
}
