// Executions that this process ended, not the canister: for want of memory for a deep stack, or because they called the
// system too often from there. Nothing in the inputs says when that happens, so it is recorded with the round as an input
// of its own: whoever executes the round again ends the same executions, and no others.
import { assert } from '@tamc/base/assert';
import type { TrapKind } from './execution.ts';

export const hostEndKinds = ['deepStackMemory', 'deepStackCalls'] as const satisfies readonly TrapKind[];
export type HostEndKind = (typeof hostEndKinds)[number];

export interface HostEnd {
  /** Which execution of the round, counted from 0. */
  readonly execution: number;
  readonly kind: HostEndKind;
  /** Used until then. */
  readonly instructions: bigint;
}

export interface HostEnds {
  /** With what is recorded of the round; null for a round that is executed for the first time. */
  beginRound(recorded: readonly HostEnd[] | null): void;
  /** The executions of the round that were ended. */
  endRound(): readonly HostEnd[];
  /** An execution begins: how it is to end according to the record, if it was ended. */
  next(): HostEnd | null;
  /** Whether the execution that began last may be ended: not in a round whose record says that it was not. */
  mayEnd(): boolean;
  note(kind: HostEndKind, instructions: bigint): void;
}

interface Round {
  readonly recorded: readonly HostEnd[] | null;
  executions: number;
  readonly ended: HostEnd[];
}

export function createHostEnds(): HostEnds {
  // Null between rounds, where queries execute: nobody executes those again.
  let round: Round | null = null;
  return {
    beginRound: (recorded) => {
      round = { recorded, executions: 0, ended: [] };
    },
    endRound: () => {
      assert(round !== null, 'a round that ends has begun');
      const { ended } = round;
      round = null;
      return ended;
    },
    next: () => {
      if (round === null) return null;
      const execution = round.executions++;
      return round.recorded?.find((end) => end.execution === execution) ?? null;
    },
    mayEnd: () => round === null || round.recorded === null,
    note: (kind, instructions) => round?.ended.push({ execution: round.executions - 1, kind, instructions }),
  };
}

export function isHostEnd(kind: TrapKind): kind is HostEndKind {
  return hostEndKinds.some((each) => each === kind);
}
