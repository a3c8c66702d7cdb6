// `machines`: the list, page by page.
import type { Registry } from '@tamc/client';
import { bindRegistry } from '@tamc/client/registry';
import { z } from 'zod';
import { fence, fenceUnlessWord } from '../fence.ts';
import { found, type Reply } from '../found.ts';
import { fitPage } from '../page.ts';
import { defineReadTool } from '../tool.ts';

/** Some 300 bytes each. */
const limitMax = 50;

export const machinesTool = defineReadTool({
  name: 'machines',
  title: 'Machines',
  description: 'Lists machines: id, kind, model, place, operator. Page with cursor.',
  input: z.object({
    cursor: z.number().int().min(0).max(4_000_000_000).optional(),
    limit: z.number().int().min(1).max(limitMax).optional(),
  }),
  output: z.object({ machines: z.array(z.looseObject({ id: z.string() })) }),
  read: async ({ cursor = 0, limit = 20 }, { access: { connection, registry } }) => {
    const page = await bindRegistry(connection, registry).machines(cursor, limit);
    return found(page, ({ items, next: last, end }) => {
      const shown = fitPage(items, machineFacts);
      // Numbers are those of the registry, one after the other.
      const next = shown.length < items.length ? cursor + shown.length : last;
      const more = next < end ? { cursor: next, next: `More follow: call machines with cursor ${next}.` } : {};
      return { machines: shown, total: end, ...more };
    });
  },
});

function machineFacts({ canister, kind, make, model, place, operator }: Reply<Registry['machines']>['items'][number]) {
  return {
    id: canister.toText(),
    kind: fenceUnlessWord(kind),
    make: fence(make),
    model: fence(model),
    place: fenceUnlessWord(place),
    operator: operator.toText(),
  };
}
