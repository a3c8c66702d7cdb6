// Shell (files): one process is the device of a machine. Two with one key would each do what the machine asks, and both count their
// reports from the same number. Held as a store is held, so one that was killed is in nobody's way, whatever has its number now.
import { ok, type Result, refuse } from '@tamc/base/result';
import { acquireLock, readLockOwner } from '@tamc/replica/lock';
import { lifeOf } from '@tamc/replica/process-identity';

export interface DeviceLock {
  release(): void;
}

export interface DeviceProblem {
  readonly message: string;
  readonly next: string;
}

/** `path`: a folder that only the lock is in. */
export function lockDevice(path: string): Result<DeviceLock, DeviceProblem> {
  const taken = acquireLock(path);
  if (taken.ok) return ok(taken.value);
  const { kind, code, file, problem, nextStep } = taken.error;
  // A disk that takes nothing has nothing to do with who is the device.
  if (kind !== 'locked') return refuse({ message: problem, next: nextStep });
  return refuse(code === 'lockDamaged' ? unknown(file) : heldProblem(path, file));
}

function heldProblem(path: string, file: string): DeviceProblem {
  const other = readLockOwner(path)?.process;
  if (other === undefined) {
    const message = 'Another process became the device of this machine at the same moment.';
    return { message, next: 'Let it go on, or run the same command again when it has ended.' };
  }
  if (lifeOf(other) === 'unknown') return unknown(file);
  const message = `Process ${other.pid} is the device of this machine already.`;
  return { message, next: `Let it go on, or end it with Ctrl-C where it runs, or with: kill ${other.pid}` };
}

/** Its process is on another computer or in another container, or the file is damaged. */
function unknown(file: string): DeviceProblem {
  const message = `It cannot be told whether another process is the device of this machine (${file}).`;
  return { message, next: 'If you are sure that none is, remove that file; nothing else is in it.' };
}
