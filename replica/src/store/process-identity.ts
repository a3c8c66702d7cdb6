// Shell: which process this is, so that another one can tell later whether it still runs, even when its number was given
// to a different process. Linux tells boot and start time; elsewhere the number alone has to do.

import * as fs from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  readonly pid: number;
  /** The machine or container. */
  readonly host: string;
  /** Changes with every start of the machine; '' where unknown. */
  readonly boot: string;
  /** When the process started, in the machine's own count; '' where unknown. */
  readonly start: string;
}

export function currentProcess(): ProcessIdentity {
  return processOf(process.pid);
}

/** One of this computer. */
export function processOf(pid: number): ProcessIdentity {
  return { pid, host: hostOf(), boot: bootOf(), start: startOf(pid) };
}

/** As it was written down; null when something is missing. */
export function parseProcess(content: unknown): ProcessIdentity | null {
  const fields: Partial<Record<keyof ProcessIdentity, unknown>> =
    typeof content === 'object' && content !== null ? content : {};
  const { pid, host, boot, start } = fields;
  if (typeof pid !== 'number' || typeof host !== 'string') return null;
  return typeof boot === 'string' && typeof start === 'string' ? { pid, host, boot, start } : null;
}

export function isThisProcess(other: ProcessIdentity): boolean {
  const own = currentProcess();
  return own.pid === other.pid && own.host === other.host && own.boot === other.boot && own.start === other.start;
}

/** `unknown`: it belongs to another machine or container, whose processes cannot be seen from here. */
export function lifeOf(owner: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  if (owner.host !== hostOf()) return 'unknown';
  if (owner.boot !== bootOf()) return 'dead';
  if (!isRunning(owner.pid)) return 'dead';
  return owner.start === startOf(owner.pid) ? 'alive' : 'dead';
}

/** A restarted container keeps its name and is the same host: its former processes are dead. */
function hostOf(): string {
  return `${hostname()} ${readOr('/etc/machine-id', '').trim()}`.trim();
}

function bootOf(): string {
  return readOr('/proc/sys/kernel/random/boot_id', '').trim();
}

/** From /proc/PID/stat: field 22, and '' for a process that has ended and only waits to be noticed (Z or X in field 3). */
function startOf(pid: number): string {
  const stat = readOr(`/proc/${pid}/stat`, '');
  // Field 2, the name, may hold blanks and brackets: so it is counted from the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] ?? '');
}

/** Whatever process has this number now. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
