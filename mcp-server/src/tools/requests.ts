// `requests`: what waits for a person, of every kind, with the text that the person will be shown.
import { ok, refuse } from '@tamc/base/result';
import { bindMachine } from '@tamc/client/machine';
import { readRequests } from '@tamc/client/machine-wallet';
import { bindRegistry } from '@tamc/client/registry';
import { hexToPrincipal, type PrincipalHex, principalToHex, principalToText } from '@tamc/protocol/principal';
import { z } from 'zod';
import { decidesNext, requestFacts } from '../asked.ts';
import { found, machineId, parseId, toProblem } from '../found.ts';
import { fitPage } from '../page.ts';
import { defineReadTool, type Found } from '../tool.ts';
import { asked, type Fleet, findWaiting } from '../waiting-machines.ts';
import type { Access } from '../world.ts';

/** Enough for a payment with its reasons; a person decides the oldest first. */
const shown = { requests: 15, textBytes: 900, wholeTextBytes: 9_000 } as const;

export const requestsTool = defineReadTool({
  name: 'requests',
  title: 'Requests waiting',
  description: 'What waits to be approved outside this chat: of one machine, or which machines have something.',
  input: z.object({
    machine: machineId.optional(),
    request: z.number().int().min(0).max(4_000_000_000).optional().describe('whole'),
    cursor: z.number().int().min(0).max(4_000_000_000).optional(),
  }),
  output: z.object({ requests: z.array(z.looseObject({ request: z.number() })) }),
  read: async ({ machine: text, request, cursor = 0 }, { access }) => {
    if (text === undefined) return await readAll(access, cursor);
    const id = parseId(text, 'machine');
    if (!id.ok) return id;
    const read = await readRequests(bindMachine(access.connection, id.value));
    if (!read.ok) return refuse(toProblem(read.error));
    const all = read.value;
    if (request !== undefined) {
      const whole = all.filter((one) => one.request === request);
      return ok({ requests: whole.map((one) => requestFacts(id.value, one, shown.wholeTextBytes)), next: decidesNext });
    }
    const from = all.filter((one) => one.request >= cursor);
    const page = fitPage(from.slice(0, shown.requests), (one) => requestFacts(id.value, one, shown.textBytes));
    const following = from[page.length];
    return ok({
      total: all.length,
      requests: page,
      ...(all.length === 0 ? {} : { next: decidesNext }),
      ...(following === undefined ? {} : { cursor: following.request }),
    });
  },
});

/** Over the machines of the owner of this world: where something waits, how much, and its first. */
async function readAll(access: Access, cursor: number): Found {
  if (access.owner === null) return ok({ requests: [], total: 0 });
  const page = await findWaiting(fleetOf(access, access.owner), cursor);
  if (!page.ok) return page;
  const { found: waiting, following } = page.value;
  const requests = waiting.map(({ id, ...rest }) => ({ machine: principalToText(id), ...rest }));
  // Of the machines from the first to the last.
  const total = cursor === 0 && following === null ? { total: waiting.reduce((sum, one) => sum + one.waiting, 0) } : {};
  const next = nextOf(waiting.length > 0, following !== null);
  return ok({
    ...total,
    requests,
    ...(following === null ? {} : { cursor: following }),
    ...(next === '' ? {} : { next }),
  });
}

function fleetOf({ connection, registry }: Access, owner: PrincipalHex): Fleet {
  return {
    machinesFrom: async (birth) => {
      const page = await bindRegistry(connection, registry).machines_of(hexToPrincipal(owner), birth, asked.machines);
      return found(page, (rows) => rows.map(({ birth, canister }) => ({ birth, id: principalToHex(canister) })));
    },
    requestsOf: async (id) => {
      const numbers = await bindMachine(connection, id).requests();
      // One that does not answer hides no other; what it has waiting cannot be decided now.
      return !numbers.ok && numbers.error.kind === 'rejected' ? ok([]) : found(numbers, (all) => [...all]);
    },
  };
}

function nextOf(isSomethingWaiting: boolean, hasMore: boolean): string {
  const here = `Call requests with one of these machines for the texts. ${decidesNext}`;
  const onward = 'More machines follow: call again with the cursor.';
  if (!hasMore) return isSomethingWaiting ? here : '';
  return isSomethingWaiting ? `${here} ${onward}` : `Nothing waits so far. ${onward}`;
}
