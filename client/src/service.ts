// A canister's methods as typed functions. The tables of methods stand in the files of their nouns; a test holds each against the
// interface that the canister's own source makes.
import { IDL } from '@dfinity/candid';
import { ok, type Result, refuse } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { AnswerType, type CandidRefusal } from '@tamc/protocol/refusal';
import type { CallError } from './call-error.ts';
import type { Connection } from './connection.ts';

export type Called<T> = Promise<Result<T, CallError>>;

export interface MethodSpec<Args extends readonly unknown[], Reply> {
  readonly type: IDL.FuncClass;
  /** A function where it depends on what is sent. */
  readonly isRepeatable: boolean | ((...args: Args) => boolean);
  /** The reply is `Ok` or a refusal. */
  readonly isAnswer: boolean;
  /** Only carries the types. */
  readonly shape?: (...args: Args) => Reply;
}

type Types = [] | [IDL.Type, ...IDL.Type[]];

export function queryMethod<Args extends readonly unknown[], Reply>(
  args: Types,
  reply: IDL.Type,
): MethodSpec<Args, Reply> {
  return { type: IDL.Func(args, [reply], ['query']), isRepeatable: true, isAnswer: false };
}

/**
 * `isRepeatable` where doing it twice is doing it once, also when somebody else acted in between: it carries a command id, or sets
 * what it sets.
 */
export function updateMethod<Args extends readonly unknown[], Reply>(
  args: Types,
  reply: IDL.Type,
  isRepeatable: boolean,
): MethodSpec<Args, Reply> {
  return { type: IDL.Func(args, [AnswerType(reply)]), isRepeatable, isAnswer: true };
}

// biome-ignore lint/suspicious/noExplicitAny: the types of each method are its own, and inferred below
type AnySpec = MethodSpec<any, any>;

export type Service<S> = {
  readonly [N in keyof S]: S[N] extends MethodSpec<infer Args, infer Reply>
    ? (...args: Args extends readonly unknown[] ? Args : never) => Called<Reply>
    : never;
};

export function bindService<S extends Readonly<Record<string, AnySpec>>>(
  connection: Connection,
  canister: PrincipalHex,
  specs: S,
): Service<S> {
  const methods = Object.entries(specs).map(([name, spec]) => {
    const { type, isRepeatable } = spec;
    return [
      name,
      async (...args: unknown[]) => {
        const isSafe = typeof isRepeatable === 'function' ? isRepeatable(...args) : isRepeatable;
        const method = { name, type, isRepeatable: isSafe };
        const called = await connection.call(canister, method, args);
        return called.ok && spec.isAnswer ? answerToResult(called.value[0]) : called.ok ? ok(called.value[0]) : called;
      },
    ];
  });
  return Object.fromEntries(methods);
}

type Answer = { readonly Ok: unknown } | { readonly Err: CandidRefusal };

/** The method's type has shaped the answer. */
function answerToResult(value: unknown): Result<unknown, CallError> {
  const answer = value as Answer;
  if ('Ok' in answer) return ok(answer.Ok);
  const { kind, code, message, next_step: nextStep } = answer.Err;
  return refuse({ kind: parseKind(kind), code, message, nextStep, rejectCode: null });
}

const kinds = ['input', 'caller', 'state', 'limit', 'funds', 'approval', 'elsewhere'] as const;

/** A kind that this program does not know is told as one of the state: look, then choose. */
function parseKind(kind: string): (typeof kinds)[number] {
  return kinds.find((known) => known === kind) ?? 'state';
}
