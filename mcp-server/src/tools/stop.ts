// `stop`: at once, without confirmation, budget or plan; nothing but the machine it is for has to be right. The way back is the
// operator's: a delegate can only ask for it.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { Machine } from '@tamc/client';
import { principalToHex } from '@tamc/protocol/principal';
import { isPrintableLine } from '@tamc/protocol/printable';
import { stopLimits } from '@tamc/protocol/stop';
import { z } from 'zod';
import { waitingFacts } from '../asked.ts';
import { fence } from '../fence.ts';
import { found, isoTime, machineId, openMachine, toProblem } from '../found.ts';
import { defineWriteTool, type Found, type Plan, type Problem } from '../tool.ts';
import { urgencyOf } from '../urgent-calls.ts';

const input = z.object({
  machine: machineId,
  reason: z.string().optional(),
  release: z.boolean().optional().describe('or ask for it'),
});

/** Whatever else is said there is a release, perhaps misspelt: that never stops a machine that works. */
const noRelease: readonly unknown[] = [undefined, null, '', false, 'false'];

interface Prepared {
  readonly machine: Machine;
  readonly text: string;
  readonly reason: string;
  readonly does: 'stop' | 'release' | 'ask';
  /** Which stop is released: one that came after it was looked at stays. */
  readonly sinceNs?: bigint;
}

export const stopTool = defineWriteTool<typeof input, Prepared>({
  name: 'stop',
  title: 'Stop at once',
  description: 'Stops a machine at once and keeps it stopped until its operator releases it.',
  toolset: 'every',
  isDestructive: true,
  urgency: ({ machine, release }) => (noRelease.includes(release) ? urgencyOf(machine, 'stop') : null),
  input,
  output: z.object({ status: z.string() }),
  plan: async ({ machine: text, reason = '', release = false }, { access }) => {
    const machine = openMachine(access, text);
    if (!machine.ok) return machine;
    const prepared = { machine: machine.value, text, reason: reason.slice(0, stopLimits.reasonCharsMax) };
    if (release) return await planRelease(prepared, access.connection.self);
    const summary = `Stop machine ${text} at once.`;
    return ok({ prepared: { ...prepared, does: 'stop' }, summary, facts: { machine: text }, needsConfirmation: false });
  },
  act: (prepared, { commandId }) => acts[prepared.does](prepared, commandId),
});

async function planRelease(prepared: Omit<Prepared, 'does'>, self: string): Promise<Result<Plan<Prepared>, Problem>> {
  const { machine, text } = prepared;
  const view = await machine.machine();
  if (!view.ok) return refuse(toProblem(view.error));
  const { operator, stopped } = view.value;
  const [stop] = stopped;
  if (stop === undefined) return refuse(notStopped);
  if (principalToHex(operator) !== self) return planToAsk(prepared);
  const since = isoTime(stop.since_ns);
  return ok({
    prepared: { ...prepared, does: 'release', sinceNs: stop.since_ns },
    summary: `Release machine ${text} from its stop of ${since}, which was given because ${fence(stop.reason)}.`,
    facts: { machine: text, stopped_since: since, reason: fence(stop.reason) },
    // Then it moves again.
    needsConfirmation: true,
    boundTo: `${stop.since_ns}`,
  });
}

function planToAsk(prepared: Omit<Prepared, 'does'>): Result<Plan<Prepared>, Problem> {
  const { text } = prepared;
  if (!isPrintableLine(prepared.reason, stopLimits.reasonCharsMax)) return refuse(noReason);
  const summary = `Ask the operator to release machine ${text} from its stop.`;
  return ok({ prepared: { ...prepared, does: 'ask' }, summary, facts: { machine: text }, needsConfirmation: false });
}

const notStopped: Problem = {
  code: 'NotStopped',
  message: 'the machine is not stopped',
  nextStep: 'There is nothing to release; `machine` shows what it does.',
};

const noReason: Problem = {
  code: 'ReasonInvalid',
  message: 'a request needs a reason: one printable line',
  nextStep: 'Say in `reason` why the machine is safe again.',
};

const acts: Readonly<Record<Prepared['does'], (prepared: Prepared, commandId: string) => Found>> = {
  stop: async ({ machine, text, reason }) => {
    const next = 'It stays stopped until its operator releases it; every device was told.';
    return found(await machine.stop({ reason }), () => ({ status: 'stopped', machine: text, next }));
  },
  release: async ({ machine, text, sinceNs = 0n }) =>
    found(await machine.release_stop_of({ since_ns: sinceNs }), () => ({ status: 'released', machine: text })),
  ask: async ({ machine, text, reason }, commandId) => {
    const asked = await machine.ask({ command_id: commandId, act: { release_stop: null }, reason });
    return found(asked, (request) => waitingFacts(request, { machine: text }));
  },
};
