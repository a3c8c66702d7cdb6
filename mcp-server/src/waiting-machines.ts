// Which of many machines have something waiting for a person: page after page until one is found, because whoever reads an empty list
// takes it that nothing waits.
import { ok, type Result } from '@tamc/base/result';
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { Problem } from './tool.ts';

/** Machines that are asked at the same time, in one page, and pages in one call while nothing is found: some seconds. */
export const asked = { atOnce: 8, machines: 40, pages: 10 } as const;

export interface Fleet {
  /** In the order of their births, from this one on; at most `asked.machines`. */
  machinesFrom(
    birth: number,
  ): Promise<Result<readonly { readonly birth: number; readonly id: PrincipalHex }[], Problem>>;
  /** The numbers of what waits there, the oldest first. */
  requestsOf(id: PrincipalHex): Promise<Result<readonly number[], Problem>>;
}

export interface Waiting {
  readonly id: PrincipalHex;
  /** The oldest. */
  readonly request: number;
  readonly waiting: number;
}

export interface WaitingPage {
  readonly found: readonly Waiting[];
  /** Where the next page begins; null: there are no more machines. */
  readonly following: number | null;
}

export async function findWaiting(fleet: Fleet, cursor: number): Promise<Result<WaitingPage, Problem>> {
  let following: number | null = cursor;
  for (let pages = 0; following !== null && pages < asked.pages; pages++) {
    const page = await fleet.machinesFrom(following);
    if (!page.ok) return page;
    const found = await waitingOn(
      fleet,
      page.value.map(({ id }) => id),
    );
    if (!found.ok) return found;
    const last = page.value.at(-1);
    following = last === undefined || page.value.length < asked.machines ? null : last.birth + 1;
    if (found.value.length > 0) return ok({ found: found.value, following });
  }
  return ok({ found: [], following });
}

async function waitingOn(fleet: Fleet, ids: readonly PrincipalHex[]): Promise<Result<readonly Waiting[], Problem>> {
  const found: Waiting[] = [];
  for (let at = 0; at < ids.length; at += asked.atOnce) {
    const group = ids.slice(at, at + asked.atOnce);
    const read = await Promise.all(group.map(async (id) => ({ id, requests: await fleet.requestsOf(id) })));
    for (const { id, requests } of read) {
      if (!requests.ok) return requests;
      const [request] = requests.value;
      if (request !== undefined) found.push({ id, request, waiting: requests.value.length });
    }
  }
  return ok(found);
}
