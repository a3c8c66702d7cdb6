// How the table writes down a function: its types in the letters of the specification, where it may be called, and what
// it does. A handler sees plain values, whatever the width of the memory: sizes and addresses unsigned, never negative.
import type { EntryPoint, Execution } from '../execution/execution.ts';
import { parseEntryPoints } from './entry-points.ts';

/** `I` is as wide as the memory's addresses. `env` is an I that is only handed back to the canister, bit for bit. */
export type Letter = 'I' | 'i32' | 'i64' | 'env';
export type ResultLetter = 'I' | 'i32' | 'i64';

/** An I or i32 arrives as an unsigned number (beyond 2^53 rounded, which is out of bounds anyway), an i64 as unsigned bigint. */
type Argument<L> = L extends 'i64' ? bigint : L extends 'env' ? number | bigint : number;
type Arguments<Ls extends readonly Letter[]> = { [Index in keyof Ls]: Argument<Ls[Index]> };
/** Nothing looks at what a function without a result gives back. */
type Answer<R> = R extends 'i64' ? bigint : R extends 'I' | 'i32' ? number : unknown;

/** A handler whose argument types have been checked against the letters. */
export type Handler = (execution: Execution, ...args: (number | bigint)[]) => unknown;

export interface ApiFunction {
  readonly name: string;
  readonly params: readonly Letter[];
  readonly result: ResultLetter | null;
  readonly entryPoints: ReadonlySet<EntryPoint>;
  /** Instructions of one call; the rewritten module charges them. Bytes are charged by the handler. */
  readonly overhead: number;
  readonly run: Handler;
}

/** What most functions cost, in instructions. */
const overheadUsual = 500;

/** `from` in the words of the specification's table, such as `* s` or `U RQ Rt Ry`. */
export function defineFunction<const Ls extends readonly Letter[], const R extends ResultLetter | null>(
  name: string,
  params: Ls,
  result: R,
  from: string,
  run: (execution: Execution, ...args: Arguments<Ls>) => Answer<R>,
  overhead = overheadUsual,
): ApiFunction {
  // The letters are checked against the handler's types here; behind the table they no longer matter.
  return { name, params, result, entryPoints: parseEntryPoints(from), overhead, run: run as unknown as Handler };
}
