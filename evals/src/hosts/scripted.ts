// A host without a model: it plays each scenario's own policy through the tools. Shows that a task can be done with what a host has.
import { CallsUsedUp, type Hands } from '../hands.ts';
import { CannotGoOn } from '../reading.ts';
import type { Policy } from '../scenario.ts';
import type { Attempt, Attempted, Host } from './host.ts';

export const scriptedHost: Host = {
  name: 'scripted',
  try: (attempt) => play(attempt.scenario.policy, attempt, attempt.hands),
};

/** A host that plays one policy, whatever the scenario: for tests of what graders catch. */
export function createPolicyHost(name: string, policy: Policy): Host {
  return { name, try: (attempt) => play(policy, attempt, attempt.hands) };
}

export async function play(policy: Policy, { given, signal }: Attempt, hands: Hands): Promise<Attempted> {
  const free = { usage: null, costUsd: 0 };
  try {
    signal.throwIfAborted();
    return { ended: 'done', said: await policy(hands, given), ...free };
  } catch (error) {
    if (error instanceof CannotGoOn) return { ended: 'gave-up', said: error.message, ...free };
    if (error instanceof CallsUsedUp) return { ended: 'cut-off', said: error.message, ...free };
    throw error;
  }
}
