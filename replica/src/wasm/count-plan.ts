// Which functions count their calls on the stack, and what each call takes. Counting costs time, so only so many count
// that every cycle of calls goes through one of them; each takes its own frame and those of the functions that do not
// count on the way to the next one that does.

/** What rewriting has found out about one defined function. */
export interface CalledFunction {
  /** Bytes of its frame. */
  readonly weight: number;
  /** Defined functions it calls by name, as often as it does. */
  readonly callees: readonly number[];
  /** Whether it calls through a table: then it may call anything. */
  readonly isOpen: boolean;
}

/** What functions that do not count may take one below the other, above all that is counted. */
const uncountedBytesMax = 256 * 1024;

/** Bytes that a call of each function takes, 0 where it does not count. */
export function planCounting(functions: readonly CalledFunction[]): Int32Array {
  const isCounting = Uint8Array.from(functions, ({ isOpen }) => (isOpen ? 1 : 0));
  const order = breakCycles(functions, isCounting);
  const links = boundChains(functions, isCounting, order);
  return Int32Array.from(functions, ({ weight, callees }, index) =>
    isCounting[index] === 1 ? weight + longest(callees, links) : 0,
  );
}

/** Lets those count that close a cycle. Gives the others so that callees come first. */
function breakCycles(functions: readonly CalledFunction[], isCounting: Uint8Array): number[] {
  const isOpenNow = new Uint8Array(functions.length);
  const isSeen = Uint8Array.from(isCounting);
  const order: number[] = [];
  const path: { index: number; next: number }[] = [];
  const enter = (index: number): void => {
    isSeen[index] = 1;
    isOpenNow[index] = 1;
    path.push({ index, next: 0 });
  };
  for (let root = 0; root < functions.length; root++) {
    if (isSeen[root] === 0) enter(root);
    while (path.length > 0) {
      const top = path[path.length - 1]!;
      const callee = functions[top.index]!.callees[top.next++];
      if (callee === undefined) {
        path.pop();
        isOpenNow[top.index] = 0;
        order.push(top.index);
      } else if (isOpenNow[callee] === 1) isCounting[callee] = 1;
      else if (isSeen[callee] === 0) enter(callee);
    }
  }
  return order;
}

/**
 * `links`: the longest way from a function to one that counts, itself included; 0 when it counts or there is none.
 * Where ways would become too long, one more function counts.
 */
function boundChains(
  functions: readonly CalledFunction[],
  isCounting: Uint8Array,
  order: readonly number[],
): Float64Array {
  const links = new Float64Array(functions.length);
  const chains = new Float64Array(functions.length);
  for (const index of order) {
    if (isCounting[index] === 1) continue;
    const { weight, callees } = functions[index]!;
    const chain = weight + longest(callees, chains);
    if (chain > uncountedBytesMax) {
      isCounting[index] = 1;
      continue;
    }
    chains[index] = chain;
    const link = longest(callees, links);
    if (link > 0 || callees.some((callee) => isCounting[callee] === 1)) links[index] = weight + link;
  }
  return links;
}

function longest(callees: readonly number[], lengths: Float64Array): number {
  let most = 0;
  for (const callee of callees) if (lengths[callee]! > most) most = lengths[callee]!;
  return most;
}
