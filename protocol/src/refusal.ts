// How a canister says no: what kind of no it is (what the caller can do about it), which one exactly, a sentence with the
// facts, and the next step. Every refusal of every canister is a row that its noun's file declares with `defineRefusals`.
import { IDL } from '@dfinity/candid';

/**
 * `input`: the command itself is wrong; correct it. `caller`: another identity may do this. `state`: not now, not here;
 * look at the state and choose. `limit`: a number is reached; wait or do less. `funds`: money is missing. `approval`: a person
 * must agree first. `elsewhere`: another canister refused or does not answer; try again later.
 */
export type RefusalKind = 'input' | 'caller' | 'state' | 'limit' | 'funds' | 'approval' | 'elsewhere';

export interface Refusal {
  readonly kind: RefusalKind;
  /** Stable, for programs: `MandateExpired`. */
  readonly code: string;
  readonly message: string;
  readonly nextStep: string;
}

/** One field of an argument, and what it must be: facts of a refusal. */
export type FieldFault = { readonly field: string; readonly wanted: string };

/** Texts may hold `{names}` that are filled with the facts. */
export interface RefusalRow {
  readonly kind: RefusalKind;
  readonly message: string;
  readonly nextStep: string;
}

export type Facts = Readonly<Record<string, string | number | bigint>>;

/** One maker of refusals per table: `const no = defineRefusals({…}); return refuse(no('MandateExpired', { at }))`. */
export function defineRefusals<Code extends string>(rows: Readonly<Record<Code, RefusalRow>>) {
  return (code: Code, facts: Facts = {}): Refusal => {
    const { kind, message, nextStep } = rows[code];
    return { kind, code, message: fill(message, facts), nextStep: fill(nextStep, facts) };
  };
}

function fill(text: string, facts: Facts): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}

export const RefusalType = IDL.Record({
  kind: IDL.Text,
  code: IDL.Text,
  message: IDL.Text,
  next_step: IDL.Text,
});

export interface CandidRefusal {
  readonly kind: string;
  readonly code: string;
  readonly message: string;
  readonly next_step: string;
}

export function refusalToCandid({ kind, code, message, nextStep }: Refusal): CandidRefusal {
  return { kind, code, message, next_step: nextStep };
}

/** What every update of ours answers, except those whose form a standard gives. */
export function AnswerType<T>(value: IDL.Type<T>) {
  return IDL.Variant({ Ok: value, Err: RefusalType });
}
