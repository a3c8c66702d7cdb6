// What a canister answers to people costs it nothing: a query is one node's work. Asked by another canister the same is executed by all
// nodes at this one's cost, nothing is inspected, and the one who asks pays a fraction of it. So answers are shorter there: who asks goes
// on where a page ends, and what has no pages is refused when it is long.
import { inReplicatedExecution, trap } from 'azle';

/** Entries of some 1 to 9 million cycles each: then an answer costs at most what a handful of refused updates do. */
const entriesMax = 10;

/** How many are answered of those that were asked for. `most`: where entries are cheap. */
export function entriesFor(asked: number, most = entriesMax): number {
  return asked > most && inReplicatedExecution() ? most : asked;
}

/** Of the events log, which writes bytes as they lie there. */
export const eventsReplicatedMax = 20;

/** For what is answered whole: in how many parts of a million cycles or more, and what to ask instead. */
export function refuseLongForCanisters(parts: number, nextStep: string): void {
  if (parts > 2 * entriesMax && inReplicatedExecution())
    trap(`LongForCanister: other canisters are not answered as much as this; ${nextStep}, or ask by a query`);
}
