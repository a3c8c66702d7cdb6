// From what the client found to what a tool answers: ids read from text, problems in one form.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { CallError, Called, Machine } from '@tamc/client';
import { bindMachine } from '@tamc/client/machine';
import { type PrincipalHex, parsePrincipal } from '@tamc/protocol/principal';
import { z } from 'zod';
import { fence } from './fence.ts';
import type { Problem } from './tool.ts';
import { toToolWords } from './tool-words.ts';
import type { Access } from './world.ts';

/** The id of a machine, as every answer of ours writes it. */
export const machineId = z.string().max(63).describe('id');

/** Words of our canisters, but for those that repeat what somebody else said: another ledger, a trap, names in a description. */
export function toProblem({ kind, code, message, nextStep }: CallError): Problem {
  return toToolWords({ code, message: isQuoted(kind, code) ? fence(message, 300) : message, nextStep });
}

function isQuoted(kind: CallError['kind'], code: string): boolean {
  return kind === 'elsewhere' || kind === 'rejected' || code === 'PullRefused' || code === 'GenericError';
}

/** Facts, or the problem that the call met. */
export function found<T, U>(called: Result<T, CallError>, read: (value: T) => U): Result<U, Problem> {
  return called.ok ? ok(read(called.value)) : refuse(toProblem(called.error));
}

/** Asked for all at once; the first problem is the answer. */
export async function allFound<T extends object>(
  calls: { readonly [K in keyof T]: Called<T[K]> },
): Promise<Result<T, Problem>> {
  const entries: (readonly [string, unknown])[] = [];
  for (const [name, result] of await Promise.all(Object.entries(calls).map(awaited))) {
    if (!result.ok) return refuse(toProblem(result.error));
    entries.push([name, result.value]);
  }
  // Every name of the calls, with what its call found.
  return ok(Object.fromEntries(entries) as T);
}

async function awaited([name, call]: [string, unknown]) {
  return [name, await (call as Called<unknown>)] as const;
}

export function parseId(text: string, what: string): Result<PrincipalHex, Problem> {
  const id = parsePrincipal(text.trim());
  if (id !== null) return ok(id);
  const message = `"${text.slice(0, 70)}" is no id of a ${what}`;
  return refuse({
    code: 'IdInvalid',
    message,
    nextStep: 'Copy it whole from an earlier answer; `machines` lists them.',
  });
}

export function openMachine({ connection }: Access, text: string): Result<Machine, Problem> {
  const id = parseId(text, 'machine');
  return id.ok ? ok(bindMachine(connection, id.value)) : id;
}

/** What a call of the client finds when it finds it. */
export type Reply<Call extends (...args: never[]) => Promise<Result<unknown, unknown>>> = Extract<
  Awaited<ReturnType<Call>>,
  { readonly ok: true }
>['value'];

export function isoTime(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
