// What is taken in from whom, so that the call of a stranger costs little: looked at in inspect_message, where nothing is paid yet.
// Queries are asked as queries: as updates the canister would pay for what may be long. How long an argument may be goes by its method
// and by who sends it, and is looked at once more before decoding, because calls of canisters are not inspected.
import { type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { msgArgData, msgCaller, msgMethodName, trap } from 'azle';
import { checkLengths } from '../candid-guard.ts';
import { isQueryMethod } from './method-notes.ts';

/** What the methods for anybody take, several times over; decoding as much costs some thirty million cycles at worst. */
export const shortBytesMax = 2_048;

/** The methods to which this caller may send more, and how much. For a stranger there are none. */
export type LongArguments = (caller: PrincipalHex) => Readonly<Record<string, number>>;

/** Returns what `@inspectMessage({ manual: true })` answers with; a refusal traps, because then the caller is told why. */
export function limitArguments(longOf: LongArguments): () => boolean {
  const long = () => longOf(principalToHex(msgCaller()));
  checkLengths((bytes) => {
    // Which method is called is known only where it is inspected.
    if (bytes > shortBytesMax && bytes > Math.max(shortBytesMax, ...Object.values(long())))
      throw new Error(tooLong(bytes));
  });
  return () => {
    const method = msgMethodName();
    if (isQueryMethod(method)) trap(`QueryOnly: ${method} is a query; call it as a query, its answers are signed too`);
    const { length } = msgArgData();
    if (length > shortBytesMax && length > (long()[method] ?? shortBytesMax)) trap(tooLong(length));
    return true;
  };
}

function tooLong(bytes: number): string {
  return `ArgumentTooLong: the argument has ${bytes} bytes, which is more than this caller may send to this method; send at most ${shortBytesMax}, or sign with the identity of somebody who may do this`;
}
