// Sends what lies in the outbox and brings outcomes to their rules, in the message in which they arrive. Whatever goes wrong in
// that message, the call stays in the outbox and is taken up again by a timer, which runs only while something waits.

import { hexToPrincipal, managementCanister, principalToHex } from '@tamc/protocol/principal';
import { call, canisterSelf, clearTimer, setTimerInterval, time, trap } from 'azle';
import type { Canister, SharedTables } from '../canister.ts';
import type { Context } from '../rule.ts';
import {
  type AttemptResult,
  dueCalls,
  loseAllAttempts,
  loseAttempt,
  markSent,
  nextDueNs,
  settleAttempt,
} from '../saga/outbox.ts';
import type { OutboxEntry } from '../saga/outbox-tables.ts';

/** Each takes a few million instructions; a message may have many times that. */
const sentPerMessage = 10;
/** What one message asks for is done in one piece, and one takes a thousand million: in between others have their turn. */
const installsPerMessage = 1;
const quietDelaySeconds = 30;
const secondNs = 1_000_000_000n;

export interface OutboxDriver {
  /** Sends what is due; the promises are of the attempts that this message made, and never reject. */
  drive(): ReadonlyMap<string, Promise<void>>;
  /** After an upgrade: what was open is sent again, or its outcome is unknown. */
  resume(): void;
}

interface DriverParts<Tables extends SharedTables, Event> {
  readonly canister: Canister<Tables, Event>;
  isQuiet(nowNs: bigint): boolean;
  /** After every change of state. */
  certify(): void;
}

export function createOutboxDriver<Tables extends SharedTables, Event>(
  parts: DriverParts<Tables, Event>,
): OutboxDriver {
  const { canister, isQuiet, certify } = parts;
  const { tables } = canister;
  const timer = createWaitingTimer(() => {
    drive();
  });

  function drive(): ReadonlyMap<string, Promise<void>> {
    const attempts = new Map<string, Promise<void>>();
    const nowNs = time();
    const mayInterrupt = isQuiet(nowNs);
    let installs = 0;
    for (const { id, entry } of dueCalls(tables, nowNs, sentPerMessage)) {
      if (entry.state === 'answered' && entry.outcome !== null) takeOutcome(id, entry.outcome);
      else if (!mayInterrupt && (!isInstall(entry) || installs++ < installsPerMessage)) attempts.set(id, send(id));
    }
    const next = nextDueNs(tables);
    timer.wakeAt(next !== null && mayInterrupt ? nowNs + BigInt(quietDelaySeconds) * secondNs : next);
    return attempts;
  }

  function send(id: string): Promise<void> {
    markSent(tables, id, time());
    const { serial, callee, method, argument, cycles } = tables.outbox.get(id)!;
    const sent = call<Uint8Array, Uint8Array>(hexToPrincipal(callee), method, { raw: true, args: argument, cycles });
    const handle = (result: AttemptResult) => trapOnError(() => receive({ id, serial }, result));
    return sent.then(
      (bytes) => handle({ kind: 'replied', bytes }),
      (error: unknown) => {
        const result = errorToResult(error);
        if (result !== 'cleanup') return handle(result);
        loseAttempt(tables, { id, serial }, time());
        timer.wakeAt(nextDueNs(tables));
        // Nothing may go on behind this: in a cleanup there is nobody to reply to.
        return new Promise<void>(() => {});
      },
    );
  }

  function receive(attempt: { readonly id: string; readonly serial: number }, result: AttemptResult): void {
    const outcome = settleAttempt(tables, attempt, result, time());
    if (outcome !== null) takeOutcome(attempt.id, outcome);
    drive();
  }

  function takeOutcome(id: string, outcome: Parameters<typeof canister.takeOutcome>[2]): void {
    const taken = canister.takeOutcome(ownContext(), id, outcome);
    if (!taken.ok) console.error(`The outcome of call ${id} could not be taken and is kept: ${String(taken.error)}`);
    certify();
  }

  return {
    drive,
    resume: () => {
      loseAllAttempts(tables, time());
      timer.wakeAt(nextDueNs(tables));
    },
  };
}

function isInstall({ callee, method }: OutboxEntry): boolean {
  return callee === managementCanister && method === 'install_chunked_code';
}

function ownContext(): Context {
  const self = principalToHex(canisterSelf());
  return { self, caller: self, nowNs: time() };
}

/** In a callback an exception would vanish in its promise and leave half a change: a trap takes it all back. */
function trapOnError(work: () => void): void {
  try {
    work();
  } catch (error) {
    trap(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}

interface CallError {
  readonly type?: string;
  readonly rejectCode?: number;
  readonly rejectMessage?: string;
  readonly message?: string;
}

function errorToResult(error: unknown): AttemptResult | 'cleanup' {
  const { type, rejectCode = 0, rejectMessage = '', message = '' }: CallError = error instanceof Object ? error : {};
  if (type === 'CleanupCallback') return 'cleanup';
  if (type === 'CallRejected') return { kind: 'rejected', code: rejectCode, message: rejectMessage };
  return { kind: 'notSent', message: `${type ?? 'Error'}: ${message}` };
}

/** An interval and not a single shot: when a message of it traps, the next one comes by itself. */
function createWaitingTimer(work: () => void): { wakeAt(atNs: bigint | null): void } {
  let armed: { readonly atNs: bigint; readonly id: bigint } | null = null;
  return {
    wakeAt: (atNs) => {
      if (armed?.atNs === atNs && atNs !== null && atNs > time()) return;
      if (armed !== null) clearTimer(armed.id);
      armed = null;
      if (atNs === null) return;
      const seconds = Number((atNs - time() + secondNs - 1n) / secondNs);
      armed = { atNs, id: setTimerInterval(Math.max(1, seconds), work) };
    },
  };
}
