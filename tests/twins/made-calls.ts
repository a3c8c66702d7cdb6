// The calls of a message, as Wasm made them and as the rules decided them.
import type { Execution, MadeCall } from './recorded.ts';
import { seedMethod, timerMethod } from './timers.ts';

/** What the rules do not know of a call is what its callback is called with. */
export type DecidedCall = Omit<MadeCall, 'environment'>;

/** Those that rules decide; the others are Azle's. */
export function ownCalls({ calls }: Execution): readonly MadeCall[] {
  return calls.filter(({ method }) => method !== timerMethod && method !== seedMethod);
}

/** In one message, in the same order. */
export function expectSameCalls(execution: Execution, sent: readonly DecidedCall[]): void {
  const ofWasm = ownCalls(execution).map((call) => renderCall(call));
  const ofRules = sent.map((call) => renderCall(call));
  if (ofWasm.join() === ofRules.join()) return;
  const { name, entryPoint, timeNs } = execution;
  const list = (calls: readonly string[]) =>
    calls.length === 0 ? ' none' : calls.map((call) => `\n  ${call}`).join('');
  throw new Error(
    `in ${name ?? `a callback (${entryPoint})`} at ${timeNs} the calls differ; of Wasm:${list(ofWasm)}\nof the rules:${list(ofRules)}`,
  );
}

function renderCall({ callee, method, argument, cycles }: DecidedCall): string {
  return `${callee} ${method} ${Buffer.from(argument).toString('hex')} with ${cycles} cycles`;
}
