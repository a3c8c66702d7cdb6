// The audit log as it is written from: what one caller repeats within a second with the same outcome, more than some times, is one line
// with a number, so that nobody fills the log. That an act begins is always a line of its own.
import type { AuditEntry } from './world.ts';

interface Counted {
  readonly entry: AuditEntry;
  readonly sinceMs: number;
  readonly times: number;
}

const windowMs = 1_000;
/** As many acts as the limit lets through at once. */
const alikeMax = 30;
/** What the limit refused is alike whatever it was, and comes as fast as a program can. */
const refusedMax = 5;
/** Tools and outcomes of one connection; the oldest is written when there are more. */
const keysMax = 64;

/** Throws as `write` does. */
export function createCountedAudit(write: (entry: AuditEntry) => void): (entry: AuditEntry) => void {
  const counted = new Map<string, Counted>();

  function end(key: string, { entry, times }: Counted): void {
    counted.delete(key);
    const { max } = kindOf(entry);
    if (times > max) write({ ...entry, times: times - max });
  }

  function endOld(nowMs: number): void {
    for (const [key, one] of counted) {
      if (nowMs - one.sinceMs < windowMs && counted.size <= keysMax) return;
      end(key, one);
    }
  }

  return (entry) => {
    endOld(entry.atMs);
    if (entry.outcome === 'begun') {
      write(entry);
      return;
    }
    const { key, max } = kindOf(entry);
    const known = counted.get(key) ?? { entry, sinceMs: entry.atMs, times: 0 };
    if (known.times < max) write(entry);
    counted.set(key, { ...known, times: known.times + 1 });
  };
}

function kindOf({ tool, caller, outcome, argsDigest }: AuditEntry) {
  const isRefused = outcome === 'TooManyCalls';
  const key = JSON.stringify(isRefused ? [caller, outcome] : [caller, outcome, tool, argsDigest]);
  return { key, max: isRefused ? refusedMax : alikeMax };
}
