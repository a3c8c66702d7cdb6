// Pages of numbered lists, and what of its cycles the registry may give away.
import { registryLimits } from '@tamc/protocol/registry';
import { callsOpenMax } from '@tamc/shared/saga/outbox';
import type { RegistryTables } from './state.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** Where to go on. */
  readonly next: number;
  readonly end: number;
}

export function pageOf<T>(end: number, from: number, limit: number, itemAt: (number: number) => T | null): Page<T> {
  const first = Math.min(from, end);
  const next = Math.min(end, first + Math.min(limit, registryLimits.pageMax));
  const numbers = Array.from({ length: next - first }, (_, i) => first + i);
  return { items: numbers.flatMap((number) => itemAt(number) ?? []), next, end };
}

export function cyclesToSpend(balance: bigint): bigint {
  return balance > registryLimits.ownCycles ? balance - registryLimits.ownCycles : 0n;
}

/** Without what is promised to births whose calls have not taken their cycles along yet: a message sends only some of them. */
export function cyclesLeft({ outbox, outboxDue }: RegistryTables, available: bigint): bigint {
  const waiting = outboxDue.keys({ limit: callsOpenMax * 2 }).map(([, id]) => outbox.get(id)!);
  const promised = waiting.reduce((sum, { state, cycles }) => (state === 'waiting' ? sum + cycles : sum), 0n);
  return available > promised ? available - promised : 0n;
}
