// `requests`: what waits for a person.
import type { ActAsked } from '@tamc/client';
import { z } from 'zod';
import { renderMoney, type Unit } from '../amounts.ts';
import { fence } from '../fence.ts';
import { found, isoTime, machineId, openMachine, toProblem } from '../found.ts';
import { unitOf, unitsOf } from '../money.ts';
import { defineReadTool, type Facts } from '../tool.ts';

/** Some 900 bytes each when somebody fills them; a person decides the oldest first. */
const shownMax = 15;

export const requestsTool = defineReadTool({
  name: 'requests',
  title: 'Requests waiting',
  description: 'What waits for the operator of one machine to approve it outside this chat.',
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
      requests: requests.slice(0, shownMax).map(({ request, act, reason, expires_ns, delegate }) => ({
        request,
        ...actFacts(act, units),
        ...(reason === '' ? {} : { reason: fence(reason) }),
        asked_by: delegate.toText(),
        until: isoTime(expires_ns),
      })),
      ...(requests.length === 0 ? {} : { next: 'The operator decides with `tamc approve`; you cannot.' }),
    }));
  },
});

function actFacts(act: ActAsked, units: ReadonlyMap<string, Unit>): Facts {
  if ('release_stop' in act) return { act: 'release_stop' };
  if ('grant_mandate' in act) return { act: 'grant_mandate', delegate: act.grant_mandate.delegate.toText() };
  const { amount, ledger, to, purpose, reasons } = act.pay;
  return {
    act: 'pay',
    amount: renderMoney(amount, unitOf(units, ledger)),
    to: to.owner.toText(),
    purpose: fence(purpose),
    because: reasons,
  };
}
