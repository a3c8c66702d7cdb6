// `requests`: what waits for a person.
import { z } from 'zod';
import { renderMoney } from '../amounts.ts';
import { fence } from '../fence.ts';
import { found, isoTime, machineId, openMachine, toProblem } from '../found.ts';
import { unitOf, unitsOf } from '../money.ts';
import { defineReadTool } from '../tool.ts';

/** Some 900 bytes each when somebody fills them; a person decides the oldest first. */
const shownMax = 15;

export const requestsTool = defineReadTool({
  name: 'requests',
  title: 'Requests waiting',
  description: 'Payments of one machine that wait for its operator to approve them outside this chat.',
  input: z.object({ machine: machineId }),
  output: z.object({ requests: z.array(z.looseObject({ request: z.number() })) }),
  read: async ({ machine: text }, { access }) => {
    const machine = openMachine(access, text);
    if (!machine.ok) return machine;
    const balances = await machine.value.balances();
    if (!balances.ok) return { ok: false, error: toProblem(balances.error) };
    const units = unitsOf(balances.value);
    return found(await machine.value.requests(), (requests) => ({
      total: requests.length,
      requests: requests
        .slice(0, shownMax)
        .map(({ request, amount, ledger, to, purpose, reasons, expires_ns, delegate }) => ({
          request,
          amount: renderMoney(amount, unitOf(units, ledger)),
          to: to.owner.toText(),
          purpose: fence(purpose),
          because: reasons,
          asked_by: delegate.toText(),
          until: isoTime(expires_ns),
        })),
      ...(requests.length === 0 ? {} : { next: 'The operator decides with `tamc approve`; you cannot.' }),
    }));
  },
});
