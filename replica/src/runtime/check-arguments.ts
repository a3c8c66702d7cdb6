// What is given to the methods of a replica, checked before anything happens.
import type { Call } from './calls.ts';
import { isPath, isTime } from './check-options.ts';
import { ReplicaError } from './replica-error.ts';
import {
  checkValue,
  isBigInt,
  isBytes,
  isFunction,
  isRecord,
  isText,
  isWhole,
  mistake,
  type Place,
  parseFields,
  renderValue,
  type Shape,
} from './shape.ts';

const callShapes: { readonly [Name in keyof Required<Call>]: Shape } = {
  canister: { ...isText, wanted: 'a principal in text form, like bkyz2-fmaaa-aaaaa-qaaaq-cai' },
  method: { ...isText, wanted: 'the name of a method as a string' },
  arg: isBytes,
  sender: { ...isText, wanted: 'a principal in text form, or leave it out' },
};

/** `of` is the method that was called: call or query. */
export function parseCall(of: 'call' | 'query', call: unknown): Call {
  const place: Place = { kind: 'argument', prefix: `${of}.` };
  if (!isRecord(call)) {
    const problem = `cannot be ${renderValue(call)}`;
    throw mistake({ kind: 'argument', prefix: '' }, `of ${of}`, problem, 'Give { canister, method, arg }.');
  }
  const given: Partial<Call> = parseFields(place, call, callShapes);
  const { canister, method } = given;
  if (canister === undefined) throw mistake(place, 'canister', 'is missing', `Give ${callShapes.canister.wanted}.`);
  if (method === undefined) throw mistake(place, 'method', 'is missing', `Give ${callShapes.method.wanted}.`);
  return { ...given, canister, method };
}

const timeArguments: Place = { kind: 'argument', prefix: '' };
const isDuration = isBigInt(-(2n ** 63n), 2n ** 63n - 1n, 'nanoseconds as a bigint');
/** A round takes a tenth of a millisecond at best: a million are minutes already, and cannot be interrupted. */
const isRounds = isWhole(0, 1_000_000);

export function checkTime(timeNs: unknown): void {
  if (isTime.fits(timeNs)) return;
  throw new ReplicaError('input', 'badTime', `${renderValue(timeNs)} is no time.`, `Give ${isTime.wanted}.`);
}

/** Whether time would go back is told by the time it leads to. */
export function checkDuration(durationNs: unknown): void {
  checkValue(timeArguments, 'durationNs', durationNs, isDuration);
}

export function checkRounds(rounds: unknown): void {
  checkValue(timeArguments, 'rounds', rounds, isRounds);
}

export function checkReplay(path: unknown, onRound: unknown): void {
  checkValue({ kind: 'argument', prefix: '' }, 'path', path, { ...isPath, wanted: 'the folder of a store' });
  if (onRound !== undefined) checkValue({ kind: 'argument', prefix: '' }, 'onRound', onRound, isFunction);
}
