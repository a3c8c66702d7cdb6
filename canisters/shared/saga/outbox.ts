// Outgoing calls, exactly once in effect: over rejects, lost replies, traps, upgrades. A call that may be repeated is sent until an
// answer settles it; one that may not is sent once, and if its answer is lost its rule learns that nobody knows.
import { assert } from '@tamc/base/assert';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { CallOutcome, OutgoingCall } from '../rule.ts';
import { attemptsMaxDefault, type OutboxEntry, type OutboxTables } from './outbox-tables.ts';

/** Rules refuse new work above; a canister may have that many calls to one other in its queue. */
export const callsOpenMax = 500;
/** Each unanswered attempt keeps a call context open, which would keep the canister from being stopped. */
export const openAttemptsMax = 3;
export const callIdLengthMax = 100;

/** What is kept of the reason of a reject: enough to read it. */
const rejectCharsMax = 300;

const secondNs = 1_000_000_000n;
const retryDelaysNs = [2n * secondNs, 10n * secondNs, 60n * secondNs];
const retryDelayLastNs = 300n * secondNs;
/** An answer from a busy network takes up to a minute, and a second attempt makes an error of the first prove nothing. */
const openDelayNs = 60n * secondNs;
const neverNs = (1n << 64n) - 1n;

/** `SYS_TRANSIENT`: it was not delivered. */
const notDeliveredCode = 2;
/** `SYS_UNKNOWN`: it may have been delivered. */
const unknownCode = 6;

export function outboxRoom({ outboxCounts }: OutboxTables): number {
  return callsOpenMax - outboxCounts.get().open;
}

export function addCalls(
  tables: OutboxTables,
  nowNs: bigint,
  calls: readonly OutgoingCall[],
  commandId: string | null = null,
): void {
  if (calls.length === 0) return;
  const { nextSerial, open } = tables.outboxCounts.get();
  calls.forEach(({ id, ...call }, i) => {
    assert(tables.outbox.get(id) === null, `call ${id} is open already`);
    assert(id.length <= callIdLengthMax, `call id ${id} is too long`);
    write(tables, id, null, {
      ...call,
      serial: nextSerial + i,
      commandId,
      state: 'waiting',
      attempts: 0,
      openAttempts: 0,
      isUncertain: false,
      firstSentNs: null,
      dueNs: nowNs,
      outcome: null,
      attemptsMax: call.attemptsMax ?? attemptsMaxDefault,
      lastReject: null,
      outcomeFailures: 0,
    });
  });
  tables.outboxCounts.set({ nextSerial: nextSerial + calls.length, open: open + calls.length });
}

export interface DueCall {
  readonly id: string;
  readonly entry: OutboxEntry;
}

/** What is to be done now, the longest due first: sending what waits (again), or giving a kept outcome to its rule. */
export function dueCalls(tables: OutboxTables, nowNs: bigint, limit: number): readonly DueCall[] {
  return tables.outboxDue.keys({ to: [nowNs + 1n, ''], limit }).map(([, id]) => ({ id, entry: entryOf(tables, id) }));
}

/** When something is to be done next; null when nothing is but waiting for answers. */
export function nextDueNs({ outboxDue }: OutboxTables): bigint | null {
  const [first] = outboxDue.keys({ limit: 1 });
  return first === undefined || first[0] === neverNs ? null : first[0];
}

/** In the message that sends it. */
export function markSent(tables: OutboxTables, id: string, nowNs: bigint): void {
  const entry = entryOf(tables, id);
  const attempts = entry.attempts + 1;
  const openAttempts = entry.openAttempts + 1;
  const isSentAgain = entry.isRepeatable && openAttempts < openAttemptsMax && attempts < entry.attemptsMax;
  const delayNs = retryDelayNs(attempts);
  const dueNs = isSentAgain ? nowNs + (delayNs < openDelayNs ? openDelayNs : delayNs) : neverNs;
  const firstSentNs = entry.firstSentNs ?? nowNs;
  write(tables, id, entry, { ...entry, state: 'sent', attempts, openAttempts, firstSentNs, dueNs });
}

export type AttemptResult =
  | Exclude<CallOutcome, { kind: 'unknown' }>
  | { readonly kind: 'notSent'; readonly message: string };

/**
 * What an attempt's answer means for its call: its outcome, or null when there is none for a rule: the call was settled before, or
 * it will be sent again. Does not take the outcome: `takeOutcome` does, in the message that applies it.
 */
export function settleAttempt(
  tables: OutboxTables,
  { id, serial }: { readonly id: string; readonly serial: number },
  result: AttemptResult,
  nowNs: bigint,
): CallOutcome | null {
  const entry = tables.outbox.get(id);
  if (entry === null || entry.serial !== serial || entry.state === 'answered') return null;
  if (result.kind === 'replied') return result;
  const rejected =
    result.kind === 'rejected'
      ? result
      : ({ kind: 'rejected', code: notDeliveredCode, message: result.message } as const);
  const isUnknown = rejected.code === unknownCode;
  if (isUnknown && !entry.isRepeatable) return { kind: 'unknown' };
  const lastReject = rejected.message.slice(0, rejectCharsMax);
  const isUncertain = entry.isUncertain || isUnknown;
  const closed = { ...entry, openAttempts: entry.openAttempts - 1, isUncertain, lastReject };
  const canHaveHappened = closed.isUncertain || closed.openAttempts > 0;
  if (rejected.code !== notDeliveredCode && !canHaveHappened) return rejected;
  if (isSpent(closed)) return canHaveHappened ? { kind: 'unknown' } : rejected;
  sendLater(tables, id, entry, closed, nowNs);
  return null;
}

/** The reply was there, but taking it trapped: it is gone. */
export function loseAttempt(
  tables: OutboxTables,
  { id, serial }: { readonly id: string; readonly serial: number },
  nowNs: bigint,
): void {
  const entry = tables.outbox.get(id);
  if (entry === null || entry.serial !== serial || entry.state !== 'sent') return;
  lose(tables, id, entry, entry.openAttempts - 1, nowNs);
}

/** After the code was replaced: nobody waits for the answers of what is still open. */
export function loseAllAttempts(tables: OutboxTables, nowNs: bigint): void {
  for (const [, id] of tables.outboxDue.keys({ limit: callsOpenMax * 2 })) {
    const entry = entryOf(tables, id);
    if (entry.openAttempts > 0) lose(tables, id, entry, 0, nowNs);
  }
}

/** The outcome is here, but its rule fails: kept, and given to it again later. */
export function keepOutcome(tables: OutboxTables, id: string, outcome: CallOutcome, nowNs: bigint): void {
  const entry = entryOf(tables, id);
  const outcomeFailures = entry.outcomeFailures + 1;
  const dueNs = nowNs + retryDelayNs(outcomeFailures);
  write(tables, id, entry, { ...entry, state: 'answered', outcomeFailures, openAttempts: 0, outcome, dueNs });
}

/** Ends the call; in the message that applies its outcome. */
export function takeOutcome(tables: OutboxTables, id: string): OutboxEntry {
  const entry = entryOf(tables, id);
  tables.outbox.delete(id);
  tables.outboxDue.delete([entry.dueNs, id]);
  const counts = tables.outboxCounts.get();
  tables.outboxCounts.set({ ...counts, open: counts.open - 1 });
  return entry;
}

export interface OpenCall {
  readonly id: string;
  readonly callee: PrincipalHex;
  readonly method: string;
  readonly sinceNs: bigint;
}

/** Whom this canister waits for: it must not get new code while one of them may still answer. */
export function openCalls(tables: OutboxTables): readonly OpenCall[] {
  return tables.outboxDue.keys({ limit: callsOpenMax * 2 }).flatMap(([, id]) => {
    const { callee, method, firstSentNs, openAttempts } = entryOf(tables, id);
    return openAttempts > 0 && firstSentNs !== null ? [{ id, callee, method, sinceNs: firstSentNs }] : [];
  });
}

function lose(tables: OutboxTables, id: string, entry: OutboxEntry, openAttempts: number, nowNs: bigint): void {
  if (entry.state === 'answered') return;
  const lost = { ...entry, openAttempts, isUncertain: true };
  if (entry.isRepeatable && !isSpent(lost)) sendLater(tables, id, entry, lost, nowNs);
  else write(tables, id, entry, { ...lost, state: 'answered', outcome: { kind: 'unknown' }, dueNs: nowNs });
}

/** Sent as often as it may be, and no answer can come any more. */
function isSpent({ attempts, attemptsMax, openAttempts }: OutboxEntry): boolean {
  return attempts >= attemptsMax && openAttempts === 0;
}

/** What was sent as often as it may be only waits for the answers that are still open. */
function sendLater(tables: OutboxTables, id: string, before: OutboxEntry, after: OutboxEntry, nowNs: bigint): void {
  if (after.attempts >= after.attemptsMax) {
    write(tables, id, before, { ...after, state: 'sent', dueNs: neverNs });
    return;
  }
  const dueNs = nowNs + retryDelayNs(after.attempts);
  const isSooner = before.dueNs < dueNs;
  write(tables, id, before, { ...after, state: 'waiting', dueNs: isSooner ? before.dueNs : dueNs });
}

function retryDelayNs(attempts: number): bigint {
  return retryDelaysNs[attempts - 1] ?? retryDelayLastNs;
}

function entryOf({ outbox }: OutboxTables, id: string): OutboxEntry {
  const entry = outbox.get(id);
  assert(entry !== null, `call ${id} is not open`);
  return entry;
}

function write({ outbox, outboxDue }: OutboxTables, id: string, before: OutboxEntry | null, after: OutboxEntry): void {
  outbox.set(id, after);
  if (before?.dueNs === after.dueNs) return;
  if (before !== null) outboxDue.delete([before.dueNs, id]);
  outboxDue.set([after.dueNs, id], after.serial);
}
