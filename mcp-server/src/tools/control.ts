// `control`: the remote control of a machine, held by one hand at a time. Without a sign of life it ends by itself and the machine
// goes to a safe state.
import { ok, type Result, refuse } from '@tamc/base/result';
import type { LeaseReply, Machine } from '@tamc/client';
import { hexToPrincipal } from '@tamc/protocol/principal';
import { z } from 'zod';
import { found, isoTime, machineId, openMachine, parseId } from '../found.ts';
import { defineWriteTool, type Facts, type Found, type Plan, type Problem } from '../tool.ts';

const secondNs = 1_000_000_000n;
const does = z.enum(['take', 'keep', 'release', 'hand_over', 'accept']);

const input = z.object({
  machine: machineId,
  do: does,
  seconds: z.number().int().min(10).max(3_600).optional().describe('silence that ends it'),
  to: z.string().max(63).optional(),
});
type Wanted = z.output<typeof input>;

export const controlTool = defineWriteTool({
  name: 'control',
  title: 'Remote control',
  description: 'Takes, keeps alive, releases, hands over or accepts the remote control of a machine.',
  isOnceHere: true,
  input,
  output: z.object({ status: z.string() }),
  plan: async (wanted, { access, isRepetition = false }) => {
    const machine = openMachine(access, wanted.machine);
    if (!machine.ok) return machine;
    const to = receiverOf(wanted);
    if (!to.ok) return to;
    const planned = { ...planOf(wanted), prepared: { machine: machine.value, wanted, isReleased: false } };
    if (wanted.do !== 'release') return ok(planned);
    // Released again it would give back a control that was taken since.
    return found(await machine.value.lease(), ([lease]) => {
      const isReleased = isRepetition && lease === undefined;
      const prepared = { ...planned.prepared, isReleased };
      return { ...planned, prepared, ground: `lease ${lease?.lease ?? 'none'}`, isThere: isReleased };
    });
  },
  act: async ({ machine, wanted, isReleased }) => (isReleased ? ok(released) : await acts[wanted.do](machine, wanted)),
});

const released: Facts = { status: 'released' };

function planOf(wanted: Wanted): Omit<Plan, 'prepared'> {
  const to = wanted.do === 'hand_over' ? ` to ${wanted.to}` : '';
  const summary = `Remote control of machine ${wanted.machine}: ${wanted.do.replace('_', ' ')}${to}.`;
  return { summary, facts: { machine: wanted.machine }, needsConfirmation: false };
}

function receiverOf({ do: what, to }: Wanted): Result<ReturnType<typeof hexToPrincipal> | null, Problem> {
  if (what !== 'hand_over') return ok(null);
  const id = parseId(to ?? '', 'receiver');
  return id.ok ? ok(hexToPrincipal(id.value)) : id;
}

const acts: Readonly<Record<z.output<typeof does>, (machine: Machine, wanted: Wanted) => Found>> = {
  take: async (machine, { seconds = 120 }) =>
    found(await machine.take_control({ timeout_ns: BigInt(seconds) * secondNs }), held),
  keep: async (machine) => found(await machine.keep_control(), held),
  release: async (machine) => found(await machine.release_control(), () => released),
  hand_over: async (machine, wanted) => {
    const to = receiverOf(wanted);
    if (!to.ok || to.value === null) return to.ok ? refuse(nobody) : to;
    const offered = await machine.offer_control({ to: [to.value] });
    return found(offered, () => ({
      status: 'offered',
      next: 'You hold it until the other one accepts: keep it alive.',
    }));
  },
  accept: async (machine) => found(await machine.accept_control(), held),
};

const nobody: Problem = { code: 'IdInvalid', message: 'nobody to hand over to', nextStep: 'Give the id in `to`.' };

function held({ ends_ns, holder }: LeaseReply): Facts {
  const next = 'Keep it alive before then, or release it: else the machine goes to a safe state by itself.';
  return { status: 'held', holder: holder.toText(), until: isoTime(ends_ns), next };
}
