// `requests`: what waits for a person, of every kind, with the text that the person will be shown.
import { ok, refuse } from '@tamc/base/result';
import { bindMachine } from '@tamc/client/machine';
import { readRequests } from '@tamc/client/machine-wallet';
import { bindRegistry } from '@tamc/client/registry';
import { hexToPrincipal, principalToHex } from '@tamc/protocol/principal';
import { z } from 'zod';
import { decidesNext, requestFacts } from '../asked.ts';
import { machineId, parseId, toProblem } from '../found.ts';
import { fitPage } from '../page.ts';
import { defineReadTool, type Facts, type Found } from '../tool.ts';
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
    const asked = read.value;
    if (request !== undefined) {
      const whole = asked.filter((one) => one.request === request);
      return ok({ requests: whole.map((one) => requestFacts(id.value, one, shown.wholeTextBytes)), next: decidesNext });
    }
    const from = asked.filter((one) => one.request >= cursor);
    const page = fitPage(from.slice(0, shown.requests), (one) => requestFacts(id.value, one, shown.textBytes));
    const following = from[page.length];
    return ok({
      total: asked.length,
      requests: page,
      ...(asked.length === 0 ? {} : { next: decidesNext }),
      ...(following === undefined ? {} : { cursor: following.request }),
    });
  },
});

/** Machines that are asked in one call, and how many at the same time. */
const asked = { machines: 40, atOnce: 8 } as const;

/** Over the machines of the owner of this world, a page of births after the other: where something waits, how much, and its first. */
async function readAll({ connection, registry, owner }: Access, cursor: number): Found {
  if (owner === null) return ok({ requests: [], total: 0 });
  const page = await bindRegistry(connection, registry).machines_of(hexToPrincipal(owner), cursor, asked.machines);
  if (!page.ok) return refuse(toProblem(page.error));
  const requests: Facts[] = [];
  for (let at = 0; at < page.value.length; at += asked.atOnce) {
    const group = page.value.slice(at, at + asked.atOnce).map(({ canister }) => canister);
    const read = await Promise.all(group.map((id) => bindMachine(connection, principalToHex(id)).requests()));
    for (const [i, numbers] of read.entries()) {
      // One that does not answer hides no other; what it has waiting cannot be decided now.
      if (!numbers.ok && numbers.error.kind !== 'rejected') return refuse(toProblem(numbers.error));
      const [request] = numbers.ok ? numbers.value : [];
      if (numbers.ok && request !== undefined)
        requests.push({ machine: group[i]?.toText(), request, waiting: numbers.value.length });
    }
  }
  const last = page.value.at(-1);
  const more = page.value.length < asked.machines || last === undefined ? {} : { cursor: last.birth + 1 };
  const next =
    requests.length === 0 ? {} : { next: `Call requests with one of these machines for the texts. ${decidesNext}` };
  return ok({ requests, ...more, ...next });
}
