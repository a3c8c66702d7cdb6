// A host is whoever tries a scenario: it gets the task in words and the hands, and nothing else of the world.
import type { Hands } from '../hands.ts';
import type { Scenario } from '../scenario.ts';

export interface Host {
  /** As it stands in a log. */
  readonly name: string;
  try(attempt: Attempt): Promise<Attempted>;
}

export interface Attempt {
  /** Scripted hosts know by it which policy is theirs; a model is told the task alone. */
  readonly scenario: Scenario;
  readonly task: string;
  /** Ids that stand in the task. */
  readonly given: Readonly<Record<string, string>>;
  readonly hands: Hands;
  /** The time of the trial is over. */
  readonly signal: AbortSignal;
}

/**
 * `done`: it says that it is. `gave-up`: it could not go on. `refused`: it would not. `cut-off`: calls, time or length were used up.
 * `infra`: the model could not be reached or failed, which says nothing about it; such a trial is no result and is run again.
 */
export type Ending = 'done' | 'gave-up' | 'refused' | 'cut-off' | 'infra';

export interface Attempted {
  readonly ended: Ending;
  /** Its last words; for a reader, never for a grader. */
  readonly said: string;
  readonly usage: Usage | null;
  /** Null: its price is not known, or there is none. */
  readonly costUsd: number | null;
}

export interface Usage {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}
