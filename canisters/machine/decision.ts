// What rules of a machine answer with.
import { ok } from '@tamc/base/result';
import type { Decided, Decision, OutgoingCall } from '@tamc/shared/rule';
import type { MachineEvent } from './events.ts';

export type MachineDecision<Reply> = Decision<MachineEvent, Reply>;

/** Events and calls that several rules have in common: part of a decision. */
export interface Consequences {
  readonly events: readonly MachineEvent[];
  readonly calls: readonly OutgoingCall[];
}

export const nothing: Consequences = { events: [], calls: [] };

export function decided<Reply>(
  reply: Reply,
  events: readonly MachineEvent[] = [],
  calls: readonly OutgoingCall[] = [],
): { readonly ok: true; readonly value: Decided<MachineEvent, Reply> } {
  return ok({ reply, events, calls });
}

/** One after the other. */
export function joined(...parts: readonly Consequences[]): Consequences {
  return concatConsequences(parts);
}

export function concatConsequences(parts: readonly Consequences[]): Consequences {
  return { events: parts.flatMap(({ events }) => events), calls: parts.flatMap(({ calls }) => calls) };
}
