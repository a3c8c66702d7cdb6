// `requests`: what waits for a person, of every kind, with the text that the person will be shown.
import { ok, refuse } from '@tamc/base/result';
import { bindMachine, readRequests } from '@tamc/client';
import { z } from 'zod';
import { decidesNext, requestFacts } from '../asked.ts';
import { machineId, parseId, toProblem } from '../found.ts';
import { fitPage } from '../page.ts';
import { defineReadTool } from '../tool.ts';

/** Enough for a payment with its reasons; a person decides the oldest first. */
const shown = { requests: 15, textBytes: 900, wholeTextBytes: 9_000 } as const;

export const requestsTool = defineReadTool({
  name: 'requests',
  title: 'Requests waiting',
  description: 'What waits for the operator of one machine to approve outside this chat.',
  input: z.object({
    machine: machineId,
    request: z.number().int().min(0).max(4_000_000_000).optional().describe('whole'),
    cursor: z.number().int().min(0).max(4_000_000_000).optional(),
  }),
  output: z.object({ requests: z.array(z.looseObject({ request: z.number() })) }),
  read: async ({ machine: text, request, cursor = 0 }, { access }) => {
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
