// The life of an ingress request: received → processing → replied or rejected → done → forgotten.
import type { Payload, RequestId } from '../state/message.ts';
import type { RequestRecord } from '../state/replica-state.ts';
import type { Scheduler } from './scheduler.ts';

/** Answers stay readable this long, as on the main network. */
const answerKeptNs = 300_000_000_000n;

export function settleRequest(scheduler: Scheduler, id: RequestId, payload: Payload): void {
  const record = scheduler.world.state.requests.get(id);
  if (record === undefined) return;
  const sinceNs = scheduler.world.state.timeNs;
  record.status =
    payload.kind === 'reply'
      ? { kind: 'replied', reply: payload.data, sinceNs }
      : { kind: 'rejected', reject: payload.reject, sinceNs };
  scheduler.changed.requests.add(id);
  scheduler.changed.settled.push(id);
}

export function markProcessing(scheduler: Scheduler, id: RequestId): void {
  const record = scheduler.world.state.requests.get(id);
  if (record?.status.kind !== 'received') return;
  record.status = { kind: 'processing' };
  scheduler.changed.requests.add(id);
}

/** Forgets what may be forgotten. Requests are kept in order of arrival, so the walk ends at the first young answer. */
export function forgetOldRequests(scheduler: Scheduler): void {
  const { requests, timeNs } = scheduler.world.state;
  for (const [id, record] of requests) {
    // Some wait long for their answer; younger ones behind them may be old enough.
    if (!isAnswered(record)) continue;
    if (!isForgettable(record, timeNs)) return;
    requests.delete(id);
    scheduler.changed.requests.add(id);
  }
}

function isAnswered({ status }: RequestRecord): boolean {
  return status.kind === 'replied' || status.kind === 'rejected';
}

/** A request must not start after its expiry: its sender may have given it up. */
export function isExpired(scheduler: Scheduler, id: RequestId): boolean {
  const record = scheduler.world.state.requests.get(id);
  return record?.status.kind === 'received' && record.expiryNs < scheduler.world.state.timeNs;
}

function isForgettable(record: RequestRecord, timeNs: bigint): boolean {
  const { status } = record;
  // Before its expiry a forgotten request could be submitted and executed again.
  if (timeNs <= record.expiryNs) return false;
  return (status.kind === 'replied' || status.kind === 'rejected') && timeNs > status.sinceNs + answerKeptNs;
}
