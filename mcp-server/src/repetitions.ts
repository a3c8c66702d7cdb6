// Acts that a canister knows no command id of, done once per id by this server: whoever repeats a call that was cut off gets the
// answer of the first, and an id that was used for something else is refused. What a world keeps of it outlives the process, because a
// host starts its server anew and has its model repeat what was cut off.
import { bytesToHex, textToBytes } from '@tamc/base/bytes';
import { ok, type Result, refuse } from '@tamc/base/result';
import { sha256 } from '@tamc/protocol/hash';
import { toCanonicalJson } from './canonical.ts';
import { isLost } from './lost.ts';
import type { Facts, Problem } from './tool.ts';

type Outcome = Promise<Result<Facts, Problem>>;

export interface KeptAct {
  /** The digest of the whole call. */
  readonly what: string;
  /** Null: it began, and how it ended is not known here. */
  readonly facts: Facts | null;
  /** What it found when it began, where its plan tells. */
  readonly ground?: string;
  /** It was refused, so its id is free. */
  readonly isRefused?: true;
}

/** By command ids; the oldest may be forgotten. */
export interface ActMemory {
  find(commandId: string): KeptAct | null;
  keep(commandId: string, act: KeptAct): void;
}

export interface Repetitions {
  /** `what` is the whole call. One that was refused may be tried again. `secret`: facts that are made again, and kept nowhere. */
  once(commandId: string, what: unknown, act: () => Outcome, secret?: Facts): Outcome;
  /** An act of this id begins; of whatever tool. */
  begin(commandId: string, what: unknown, ground?: string): void;
  /** It began on another ground, and how it ended is not known: done again it could undo what was decided since. */
  isOvertaken(commandId: string, ground: string): boolean;
  /** A call with it asks how that ended: what would keep a new one from being done does not keep it from being answered. */
  isBegun(commandId: string): boolean;
}

/** More than an assistant may do in a quarter of an hour; the oldest are forgotten first. */
const keptMax = 1_000;

/** `memory`: left out, only this process knows. */
export function createRepetitions(memory: ActMemory = createActMemory()): Repetitions {
  const underWay = new Map<string, { readonly what: string; readonly outcome: Outcome }>();
  const isBegun = (commandId: string) => memory.find(commandId) !== null;
  return {
    isBegun,
    begin: (commandId, wanted, ground) => {
      const kept = memory.find(commandId);
      if (kept !== null && kept.isRefused !== true) return;
      const act = { what: digestOf(wanted), facts: null };
      memory.keep(commandId, ground === undefined ? act : { ...act, ground });
    },
    isOvertaken: (commandId, ground) => {
      const kept = memory.find(commandId);
      if (kept === null || kept.facts !== null || underWay.has(commandId)) return false;
      return kept.ground !== undefined && kept.ground !== ground;
    },
    once: async (commandId, wanted, act, secret = {}) => {
      const what = digestOf(wanted);
      const known = underWay.get(commandId);
      if (known !== undefined) return known.what === what ? repeated(await known.outcome) : refuse(reused);
      const kept = memory.find(commandId);
      // Also where it only began: how that ended is asked by repeating it, and not by something else.
      if (kept !== null && kept.isRefused !== true && kept.what !== what) return refuse(reused);
      if (kept !== null && kept.facts !== null) return repeated(ok({ ...kept.facts, ...secret }));
      const outcome = act();
      underWay.set(commandId, { what, outcome });
      try {
        const found = await outcome;
        if (found.ok) memory.keep(commandId, { what, facts: without(found.value, secret) });
        else if (!isLost(found.error)) memory.keep(commandId, { what, facts: null, isRefused: true });
        return found;
      } finally {
        underWay.delete(commandId);
      }
    },
  };
}

/** Of this process alone. */
export function createActMemory(): ActMemory {
  const acts = new Map<string, KeptAct>();
  return {
    find: (commandId) => acts.get(commandId) ?? null,
    keep: (commandId, act) => {
      acts.set(commandId, act);
      const [oldest] = acts.keys();
      if (acts.size > keptMax && oldest !== undefined) acts.delete(oldest);
    },
  };
}

function digestOf(wanted: unknown): string {
  return bytesToHex(sha256(textToBytes(toCanonicalJson(wanted))));
}

function without(facts: Facts, secret: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => !(name in secret)));
}

function repeated(found: Result<Facts, Problem>): Result<Facts, Problem> {
  return found.ok ? ok({ ...found.value, repeated: true }) : found;
}

const reused: Problem = {
  code: 'CommandIdReused',
  message: 'this command id belongs to an earlier act of yours with other arguments',
  nextStep: 'Repeat the earlier one exactly, or send this one with an id of its own.',
};
