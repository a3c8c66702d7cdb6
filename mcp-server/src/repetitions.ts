// Acts that a canister knows no command id of, done once per id by this server: whoever repeats a call that was cut off gets the
// answer of the first, and an id that was used for something else is refused. Remembered while the process lives, which is as long as
// what a host has begun in it.
import { ok, type Result, refuse } from '@tamc/base/result';
import { toCanonicalJson } from './canonical.ts';
import type { Facts, Problem } from './tool.ts';

type Outcome = Promise<Result<Facts, Problem>>;

export interface Repetitions {
  /** `what` is the whole call. One that was refused may be tried again. */
  once(commandId: string, what: unknown, act: () => Outcome): Outcome;
  /** An act of this id begins; of whatever tool. */
  begin(commandId: string): void;
  /** A call with it asks how that ended: what would keep a new one from being done does not keep it from being answered. */
  isBegun(commandId: string): boolean;
}

/** More than an assistant may do in a quarter of an hour; the oldest are forgotten first. */
const keptMax = 1_000;

export function createRepetitions(): Repetitions {
  const done = new Map<string, { readonly what: string; readonly outcome: Outcome }>();
  const forgetOldest = () => {
    const [oldest] = done.keys();
    if (done.size > keptMax && oldest !== undefined) done.delete(oldest);
  };
  const begun = new Set<string>();
  return {
    begin: (commandId) => {
      begun.add(commandId);
      const [oldest] = begun;
      if (begun.size > keptMax && oldest !== undefined) begun.delete(oldest);
    },
    isBegun: (commandId) => begun.has(commandId),
    once: async (commandId, wanted, act) => {
      const what = toCanonicalJson(wanted);
      const known = done.get(commandId);
      if (known !== undefined) return known.what === what ? repeated(await known.outcome) : refuse(reused);
      const outcome = act();
      done.set(commandId, { what, outcome });
      forgetOldest();
      const isDone = await outcome.then(
        (found) => found.ok,
        () => false,
      );
      if (!isDone) done.delete(commandId);
      return await outcome;
    },
  };
}

function repeated(found: Result<Facts, Problem>): Result<Facts, Problem> {
  return found.ok ? ok({ ...found.value, repeated: true }) : found;
}

const reused: Problem = {
  code: 'CommandIdReused',
  message: 'this command id belongs to an earlier act of yours with other arguments',
  nextStep: 'Repeat the earlier one exactly, or send this one with an id of its own.',
};
