// Time, the global timer and the instruction counters.
import { type Execution, Trap } from '../execution/execution.ts';

export function time({ input }: Execution): bigint {
  return input.timeNs;
}

/** The previous value; 0 = off. */
export function globalTimerSet({ effects }: Execution, timestampNs: bigint): bigint {
  const previous = effects.globalTimerNs;
  effects.globalTimerNs = timestampNs;
  return previous;
}

/** 0: this execution; 1: all executions of the call context. */
export function performanceCounter(execution: Execution, type: number): bigint {
  if (type === 0) return execution.instructionsUsed();
  if (type === 1) return execution.input.callContextInstructions + execution.instructionsUsed();
  throw new Trap('contractViolation', `Error getting performance counter type ${type}`);
}
