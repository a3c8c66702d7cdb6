// `stop`: at once. Asks for no confirmation, no budget and no plan.
import { ok } from '@tamc/base/result';
import { z } from 'zod';
import { found, machineId, openMachine } from '../found.ts';
import { defineWriteTool } from '../tool.ts';

export const stopTool = defineWriteTool({
  name: 'stop',
  title: 'Stop at once',
  description: 'Stops a machine at once and keeps it stopped until its operator releases it.',
  isDestructive: true,
  input: z.object({ machine: machineId, reason: z.string().max(256) }),
  output: z.object({ status: z.string() }),
  plan: async ({ machine: text, reason }, { access }) => {
    const machine = openMachine(access, text);
    if (!machine.ok) return machine;
    const prepared = { machine: machine.value, text, reason };
    const summary = `Stop machine ${text} at once.`;
    return ok({ prepared, summary, facts: { machine: text }, needsConfirmation: false });
  },
  act: async ({ machine, text, reason }) => {
    const next = 'It stays stopped until its operator releases it; every device was told.';
    return found(await machine.stop({ reason }), () => ({ status: 'stopped', machine: text, next }));
  },
});
